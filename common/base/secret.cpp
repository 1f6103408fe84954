#include "common/base/secret.hpp"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "common/base/assert.hpp"

namespace bullpen {

Secret Secret::of_size(std::size_t size) {
    Secret secret;
    if (size == 0)
        return secret;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t pages = (size + page - 1) / page * page;
    void* memory =
        ::mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    // What the system refuses here leaves a secret that works: it may then reach swap.
    secret.locked_ = ::mlock(memory, pages) == 0;
    static_cast<void>(::madvise(memory, pages, MADV_DONTDUMP));
    secret.bytes_ = static_cast<char*>(memory);
    secret.size_ = size;
    secret.mapped_ = pages;
    return secret;
}

Secret::Secret(std::string&& bytes) : Secret(of_size(bytes.size())) {
    if (!bytes.empty())
        ::memcpy(bytes_, bytes.data(), bytes.size());
    wipe(bytes);
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)),
      locked_(std::exchange(other.locked_, false)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        drop();
        bytes_ = std::exchange(other.bytes_, nullptr);
        size_ = std::exchange(other.size_, 0);
        mapped_ = std::exchange(other.mapped_, 0);
        locked_ = std::exchange(other.locked_, false);
    }
    return *this;
}

Secret::~Secret() {
    drop();
}

void Secret::cut(std::size_t size) {
    BULLPEN_ASSERT(size <= size_, "a secret is cut to a part of itself");
    if (size == 0)
        return drop();
    ::explicit_bzero(bytes_ + size, size_ - size);
    size_ = size;
}

void Secret::drop() noexcept {
    if (bytes_ == nullptr)
        return;
    ::explicit_bzero(bytes_, mapped_);
    ::munmap(bytes_, mapped_);
    bytes_ = nullptr;
    size_ = mapped_ = 0;
    locked_ = false;
}

bool same_bytes(const Secret& a, const Secret& b) {
    const auto left = a.reveal();
    const auto right = b.reveal();
    if (left.size() != right.size())
        return false;
    volatile unsigned char different = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        different = different | static_cast<unsigned char>(left[i] ^ right[i]);
    return different == 0;
}

void wipe(std::string& text) {
    // The whole capacity: a short string keeps its bytes in the object itself.
    text.resize(text.capacity());
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

}  // namespace bullpen
