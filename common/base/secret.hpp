// Secret: bytes that cannot be printed, compared by accident, copied or left behind. It has no
// formatter and no stream operator. Its memory is pages of its own: kept out of swap where the
// system's limit on locked memory allows, out of core files always, and wiped before it is given
// back. Moving hands the pages on, so that nothing stays where it was.
//
// Each secret takes at least a page: it is for keys and passwords, not for texts by the thousand.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bullpen {

class Secret {
  public:
    Secret() = default;
    // Takes the bytes over and wipes the source.
    explicit Secret(std::string&& bytes);
    // So many zero bytes, to be filled through writable().
    static Secret of_size(std::size_t size);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    // The one way to the bytes; the name is there to be searched for in reviews.
    [[nodiscard]] std::string_view reveal() const { return {bytes_, size_}; }
    // For what fills a secret in place, so that no copy of it is ever elsewhere.
    [[nodiscard]] std::span<char> writable() { return {bytes_, size_}; }
    // Keeps the first `size` bytes, of at least as many, and wipes the others.
    void cut(std::size_t size);

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }
    // Whether the system keeps it out of swap.
    [[nodiscard]] bool locked() const { return locked_; }

  private:
    void drop() noexcept;

    char* bytes_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;  // bytes of the pages
    bool locked_ = false;
};

// The same bytes; how long it takes does not depend on where they differ.
bool same_bytes(const Secret& a, const Secret& b);
// Zeroes what `text` has in memory, all of its capacity, and empties it.
void wipe(std::string& text);

}  // namespace bullpen
