#include "common/vault/key.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/base/trimmed.hpp"
#include "common/vault/sodium.hpp"

namespace bullpen::vault {

namespace {

constexpr std::string_view k_id_label = "bullpen-vault-key-id-1";
constexpr std::string_view k_field_label = "bullpen-vault-fields-1";
constexpr std::string_view k_file_label = "bullpen-vault-files-1";
constexpr std::size_t k_digits = 2 * VaultKey::k_bytes;

int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// In place of bytes_from_hex, which leaves copies of what it reads.
bool read_digits(std::string_view text, std::span<char> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = static_cast<char>(high * 16 + low);
    }
    return true;
}

}  // namespace

VaultKey::VaultKey(Secret bytes)
    : bytes_(std::move(bytes)),
      for_fields_(sodium::keyed_hash(k_field_label, bytes_)),
      for_files_(sodium::keyed_hash(k_file_label, bytes_)),
      id_(hex(sodium::keyed_hash(k_id_label, bytes_).reveal().substr(0, k_id_length / 2))) {}

VaultKey VaultKey::random() {
    Secret bytes = Secret::of_size(k_bytes);
    sodium::fill_with_chance(bytes.writable());
    return VaultKey(std::move(bytes));
}

Result<VaultKey> VaultKey::of(Secret bytes) {
    if (bytes.size() != k_bytes)
        return fail(Errc::invalid, "a vault key has 32 bytes");
    const auto text = bytes.reveal();
    if (std::all_of(text.begin(), text.end(), [&](char c) { return c == text.front(); }))
        return fail(Errc::invalid, "a vault key is not one byte over and over");
    return VaultKey(std::move(bytes));
}

KeyRing::KeyRing(VaultKey current) {
    keys_.push_back(std::move(current));
}

Result<KeyRing> KeyRing::parse(const Secret& text) {
    auto rest = text.reveal();
    if (rest.size() > k_text_max)
        return fail(Errc::too_large, "it has more than 4096 bytes");
    KeyRing ring;
    for (int line = 1; !rest.empty(); ++line) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto word = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (word.empty() || word.front() == '#')
            continue;
        const auto wrong = [line](const std::string& what) {
            return fail(Errc::invalid, "line " + std::to_string(line) + " " + what);
        };
        Secret bytes = Secret::of_size(VaultKey::k_bytes);
        if (word.size() != k_digits || !read_digits(word, bytes.writable()))
            return wrong("is no key: a key is 64 hexadecimal digits");
        auto key = VaultKey::of(std::move(bytes));
        if (!key)
            return wrong("is no key: " + key.error().context());
        if (ring.find(key->id()) != nullptr)
            return wrong("has a key that stands there twice");
        if (ring.keys_.size() == k_keys_max)
            return wrong("is one key too many: four are the most");
        ring.keys_.push_back(std::move(*key));
    }
    if (ring.keys_.empty())
        return fail(Errc::invalid, "there is no key in it");
    return ring;
}

const VaultKey* KeyRing::find(std::string_view id) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [id](const VaultKey& key) { return key.id() == id; });
    return found == keys_.end() ? nullptr : &*found;
}

Secret KeyRing::text() const {
    constexpr std::string_view k_digit = "0123456789abcdef";
    Secret text = Secret::of_size(keys_.size() * (k_digits + 1));
    auto out = text.writable().begin();
    for (const auto& key : keys_) {
        for (const char c : key.bytes().reveal()) {
            const auto byte = static_cast<unsigned char>(c);
            *out++ = k_digit[byte >> 4U];
            *out++ = k_digit[byte & 0xFU];
        }
        *out++ = '\n';
    }
    return text;
}

Result<void> KeyRing::put_first(VaultKey key) {
    BULLPEN_CHECK(put_last(std::move(key)));
    std::rotate(keys_.begin(), keys_.end() - 1, keys_.end());
    return {};
}

Result<void> KeyRing::put_last(VaultKey key) {
    if (keys_.size() == k_keys_max)
        return fail(Errc::exhausted, "the vault has four keys, which are the most");
    if (find(key.id()) != nullptr)
        return fail(Errc::invalid, "the vault has that key already");
    keys_.push_back(std::move(key));
    return {};
}

void KeyRing::drop_older() {
    keys_.erase(keys_.begin() + 1, keys_.end());
}

}  // namespace bullpen::vault
