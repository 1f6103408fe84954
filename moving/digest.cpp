#include "moving/digest.hpp"

#include <sodium.h>

#include <boost/uuid/detail/md5.hpp>

#include "common/base/hex.hpp"

namespace bullpen::moving {

std::string sha256(std::string_view bytes) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return hex(digest);
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
