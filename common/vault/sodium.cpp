#include "common/vault/sodium.hpp"

#include <sodium.h>

#include "common/base/assert.hpp"

namespace bullpen::vault::sodium {

static_assert(k_key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(k_nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(k_tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(k_salt_bytes == crypto_pwhash_SALTBYTES);

namespace {

// Finds out what the processor can do; before anything else of the library.
void get_ready() {
    static const bool ready = ::sodium_init() >= 0;
    BULLPEN_ASSERT(ready, "libsodium can be used on this machine");
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
const unsigned char* bytes(const Secret& secret) {
    return bytes(secret.reveal());
}
unsigned char* bytes(std::span<char> room) {
    return reinterpret_cast<unsigned char*>(room.data());
}

void hash_into(std::span<char> hash, std::string_view text, const Secret& key) {
    get_ready();
    ::crypto_generichash(bytes(hash), hash.size(), bytes(text), text.size(), bytes(key),
                         key.size());
}

}  // namespace

void fill_with_chance(std::span<char> room) {
    get_ready();
    ::randombytes_buf(room.data(), room.size());
}

std::string seal(std::string_view plain, std::string_view associated, std::string_view nonce,
                 const Secret& key) {
    BULLPEN_ASSERT(nonce.size() == k_nonce_bytes && key.size() == k_key_bytes,
                   "nonce and key have their sizes");
    get_ready();
    std::string sealed(plain.size() + k_tag_bytes, '\0');
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes(std::span<char>(sealed)), nullptr, bytes(plain), plain.size(), bytes(associated),
        associated.size(), nullptr, bytes(nonce), bytes(key));
    return sealed;
}

bool open(std::string_view sealed, std::string_view associated, std::string_view nonce,
          const Secret& key, std::span<char> plain) {
    BULLPEN_ASSERT(nonce.size() == k_nonce_bytes && key.size() == k_key_bytes,
                   "nonce and key have their sizes");
    BULLPEN_ASSERT(sealed.size() >= k_tag_bytes && plain.size() == sealed.size() - k_tag_bytes,
                   "there is room for just what was sealed");
    get_ready();
    return ::crypto_aead_xchacha20poly1305_ietf_decrypt(
               bytes(plain), nullptr, nullptr, bytes(sealed), sealed.size(), bytes(associated),
               associated.size(), bytes(nonce), bytes(key)) == 0;
}

Secret keyed_hash(std::string_view text, const Secret& key) {
    Secret hash = Secret::of_size(k_hash_bytes);
    hash_into(hash.writable(), text, key);
    return hash;
}

std::string mac(std::string_view text, const Secret& key) {
    std::string hash(k_hash_bytes, '\0');
    hash_into(hash, text, key);
    return hash;
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool derive(const Secret& passphrase, std::string_view salt, unsigned long long passes,
            std::size_t memory, std::span<char> key) {
    BULLPEN_ASSERT(salt.size() == k_salt_bytes, "the salt has its size");
    get_ready();
    return ::crypto_pwhash(bytes(key), key.size(), passphrase.reveal().data(), passphrase.size(),
                           bytes(salt), passes, memory, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

}  // namespace bullpen::vault::sodium
