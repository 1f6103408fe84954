// The keys of a home's vault. A key is 32 random bytes, or what a passphrase was derived to; its id
// can be told to everybody and says which key sealed a file. A ring holds the key in use, and the
// ones before it while a rotation is under way.
//
// As text a ring is a line of 64 hexadecimal digits for each key, the one in use first; blank lines
// and lines that begin with '#' count for nothing. Any thread; a ring is not changed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace bullpen::vault {

class VaultKey {
  public:
    VaultKey(VaultKey&&) noexcept = default;
    VaultKey& operator=(VaultKey&&) noexcept = default;
    VaultKey(const VaultKey&) = delete;
    VaultKey& operator=(const VaultKey&) = delete;
    ~VaultKey() = default;
    static constexpr std::size_t k_bytes = 32;
    static constexpr std::size_t k_id_length = 16;

    static VaultKey random();
    // Errc::invalid when there are not 32 bytes, or all of them are the same.
    static Result<VaultKey> of(Secret bytes);

    // 16 hexadecimal digits that follow from the key and do not lead back to it.
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const Secret& bytes() const { return bytes_; }
    // What fields are sealed with, and what whole files are.
    [[nodiscard]] const Secret& for_fields() const { return for_fields_; }
    [[nodiscard]] const Secret& for_files() const { return for_files_; }

  private:
    explicit VaultKey(Secret bytes);
    Secret bytes_;
    Secret for_fields_;
    Secret for_files_;
    std::string id_;
};

class KeyRing {
  public:
    static constexpr std::size_t k_keys_max = 4;
    static constexpr std::size_t k_text_max = 4096;  // bytes

    explicit KeyRing(VaultKey current);
    KeyRing(KeyRing&&) noexcept = default;
    KeyRing& operator=(KeyRing&&) noexcept = default;
    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;
    ~KeyRing() = default;
    // Errors say what the line is that is wrong; never what is in it.
    static Result<KeyRing> parse(const Secret& text);

    [[nodiscard]] const VaultKey& current() const { return keys_.front(); }
    // Null when it is not there.
    [[nodiscard]] const VaultKey* find(std::string_view id) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] Secret text() const;

    // This key is the one in use from now on; the others stay to open what they sealed.
    // Errc::exhausted when there are too many.
    Result<void> put_first(VaultKey key);
    // A key that was in use before. Likewise.
    Result<void> put_last(VaultKey key);
    // Keeps the one in use alone.
    void drop_older();

  private:
    KeyRing() = default;
    std::vector<VaultKey> keys_;
};

}  // namespace bullpen::vault
