#include "calendar/body_store.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "calendar/source.hpp"
#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::calendar {

namespace {

bool is_name(std::string_view name) {
    return name.size() == std::size_t{2} * crypto_hash_sha256_BYTES &&
           bytes_from_hex(name).has_value();
}

}  // namespace

std::string sha256(std::string_view body) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    (void)crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(body.data()),
                             body.size());
    return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

Result<std::string> BodyStore::put(std::string_view body) {
    BULLPEN_CHECK(files_.make_directories(directory_, 0700));
    std::string name = sha256(body);
    BULLPEN_CHECK(storage::replace_file(files_, directory_ + "/" + name, body));
    return name;
}

Result<std::string> BodyStore::get(const std::string& name) {
    if (!is_name(name))
        return fail(Errc::invalid, "'" + name + "' is no name of a body");
    BULLPEN_TRY(auto body, files_.read(directory_ + "/" + name, k_body_size_max * 2));
    if (sha256(body) != name)
        return fail(Errc::corrupt, "the body " + name + " has other bytes than its name says");
    return body;
}

std::optional<UtcTime> BodyStore::put_at(const std::string& name) {
    const auto status = is_name(name) ? files_.status(directory_ + "/" + name)
                                      : Result<storage::FileStatus>(fail(Errc::invalid, name));
    return status ? std::optional(status->modified) : std::nullopt;
}

Result<void> BodyStore::prune(const std::set<std::string>& pinned) {
    const auto names = files_.list(directory_);
    if (!names)
        return storage::is_missing(names.error()) ? Result<void>() : fail(names.error());
    std::vector<std::pair<UtcTime, std::string>> bodies;
    for (const std::string& name : *names) {
        if (const auto at = put_at(name); at && !pinned.contains(name))
            bodies.emplace_back(*at, name);
    }
    std::sort(bodies.rbegin(), bodies.rend());
    const std::size_t kept = k_bodies_kept - std::min(k_bodies_kept, pinned.size());
    for (std::size_t i = kept; i < bodies.size(); ++i)
        BULLPEN_CHECK(files_.remove(directory_ + "/" + bodies[i].second));
    return {};
}

}  // namespace bullpen::calendar
