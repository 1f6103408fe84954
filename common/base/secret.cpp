#include "common/base/secret.hpp"

#include <string.h>

#include <utility>

namespace bullpen {

namespace {

void wipe(std::string& bytes) {
    // The whole capacity: a short string keeps its bytes in the object itself.
    bytes.resize(bytes.capacity());
    ::explicit_bzero(bytes.data(), bytes.size());
    bytes.clear();
}

}  // namespace

Secret::Secret(std::string&& bytes) : bytes_(bytes) {
    wipe(bytes);
}

// Copied and wiped: a moved string would leave the bytes of a short secret behind.
// NOLINTNEXTLINE(performance-move-constructor-init)
Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) {
    wipe(other.bytes_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = other.bytes_;
        wipe(other.bytes_);
    }
    return *this;
}

Secret::~Secret() {
    wipe(bytes_);
}

}  // namespace bullpen
