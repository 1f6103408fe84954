// Records in a file that is replaced as a whole, with the one before it kept: how they are found
// when the newest were damaged or are gone. Whoever then writes has set the damaged file aside
// before, so that it does not become the one that is kept.
#pragma once

#include <string>
#include <utility>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::jobs {

template <class Records>
struct Kept {
    Records records;
    std::string trouble;   // why the newest do not count, for people; empty: they do
    bool damaged = false;  // the newest: their file is there
};

inline bool is_damaged(const Error& error) {
    return error.code() == make_error_code(Errc::corrupt) ||
           error.code() == make_error_code(Errc::too_large);
}

// Those of `path`, else the ones before them; where there never were any, empty ones. `decode`
// makes records of a text. Its errors, where neither can be used; what is another account's or a
// newer program's is no damage.
template <class Records, class Decode>
Result<Kept<Records>> load_kept(storage::FileSystem& files, const std::string& path,
                                std::size_t size_max, const Decode& decode) {
    const auto read = [&](const std::string& name) -> Result<Records> {
        BULLPEN_TRY(const auto text, files.read(name, size_max));
        auto records = decode(text);
        if (!records)
            return fail(std::move(records).error().wrap(name));
        return records;
    };
    auto newest = read(path);
    if (newest)
        return Kept<Records>{std::move(*newest), {}, false};
    const bool damaged = is_damaged(newest.error());
    if (!damaged && !storage::is_missing(newest.error()))
        return fail(newest.error());
    auto before = read(storage::previous_of(path));
    const bool alone = !before && storage::is_missing(before.error());
    if (alone && !damaged)
        return Kept<Records>{};
    if (alone)
        return fail(newest.error().wrap("there are none before them"));
    if (!before)
        return fail(before.error().wrap("also " + newest.error().message()));
    return Kept<Records>{std::move(*before), newest.error().message(), damaged};
}

// The damaged file stays for whoever wants to know.
inline Result<void> set_aside(storage::FileSystem& files, const std::string& path) {
    return files.rename(path, path + ".damaged");
}

}  // namespace bullpen::jobs
