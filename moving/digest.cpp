#include "moving/digest.hpp"

#include <sodium.h>

#include <boost/uuid/detail/md5.hpp>

#include "common/base/hex.hpp"

namespace bullpen::moving {

struct Sha256::State {
    crypto_hash_sha256_state hash{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    crypto_hash_sha256_init(&state_->hash);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
}

std::string Sha256::digits() {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256_final(&state_->hash, reinterpret_cast<unsigned char*>(digest.data()));
    return hex(digest);
}

std::string sha256(std::string_view bytes) {
    Sha256 digest;
    digest.add(bytes);
    return digest.digits();
}

std::string old_user_id(std::string_view broker_user) {
    if (broker_user.empty())
        return {};
    boost::uuids::detail::md5 hash;
    hash.process_bytes(broker_user.data(), broker_user.size());
    boost::uuids::detail::md5::digest_type digest;
    hash.get_digest(digest);
    std::string bytes;
    for (const unsigned int word : digest) {
        for (const int shift : {24, 16, 8, 0})
            bytes += static_cast<char>((word >> shift) & 0xFFU);
    }
    return hex(bytes).substr(0, 12);
}

}  // namespace bullpen::moving
