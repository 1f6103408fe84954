#include "ipc/key_pair.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/vault/private_file.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_key_bytes = 32;
constexpr mode_t k_mode = 0600;
// As the library prints a key (its rfc 32), with the zero behind it.
using Printed = std::array<char, 41>;

std::string digits_of(const Printed& printed) {
    std::array<std::uint8_t, k_key_bytes> bytes{};
    if (zmq_z85_decode(bytes.data(), printed.data()) == nullptr)
        return {};
    auto digits = hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    bytes.fill(0);
    return digits;
}

}  // namespace

bool is_public_key(std::string_view text) {
    return text.size() == k_key_digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string key_bytes(std::string_view digits) {
    return bytes_from_hex(digits).value_or(std::string());
}

Result<KeyPair> make_key_pair() {
    Printed shown{};
    Printed secret{};
    if (zmq_curve_keypair(shown.data(), secret.data()) != 0)
        return fail(Errc::unavailable, "the messaging library was made without CURVE");
    KeyPair pair{digits_of(shown), Secret(digits_of(secret))};
    secret.fill(0);
    return pair;
}

Result<KeyPair> read_key_pair(const std::string& path) {
    // With the newline.
    BULLPEN_TRY(auto secret, vault::read_private(path, k_key_digits + 1, vault::Keeper::user));
    if (secret.reveal().ends_with('\n'))
        secret.cut(secret.size() - 1);
    if (!is_public_key(secret.reveal()))
        return fail(Errc::invalid, path + " holds no key of 64 hexadecimal digits");
    auto bytes = key_bytes(secret.reveal());
    Printed printed{};
    Printed shown{};
    zmq_z85_encode(printed.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                   bytes.size());
    wipe(bytes);
    const int failed = zmq_curve_public(shown.data(), printed.data());
    printed.fill(0);
    if (failed != 0)
        return fail(Errc::unavailable, "the messaging library was made without CURVE");
    return KeyPair{digits_of(shown), std::move(secret)};
}

Result<void> write_secret_key(const std::string& path, const KeyPair& pair) {
    auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, k_mode);
    if (!file && file.error().code() == std::errc::file_exists)
        return fail(Errc::refused, path + " is there already, and others may know its public key");
    if (!file)
        return fail(std::move(file).error());
    BULLPEN_CHECK(write_all(file->get(), pair.secret.reveal()));
    BULLPEN_CHECK(write_all(file->get(), "\n"));
    return ::fsync(file->get()) == 0 ? Result<void>{} : fail_errno("cannot keep " + path);
}

}  // namespace bullpen::ipc
