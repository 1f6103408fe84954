#include "ctl/backup_sums.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_sums_max = std::size_t{1} << 30;  // bytes
constexpr std::size_t k_piece = std::size_t{1} << 20;     // bytes
constexpr std::size_t k_sum_digits = 64;

// A path of the sums that stays in the backup.
bool stays_inside(std::string_view path) {
    if (path.empty() || path.front() == '/')
        return false;
    const std::filesystem::path parts(path);
    return std::none_of(parts.begin(), parts.end(),
                        [](const auto& part) { return part == ".." || part == "."; });
}

Result<std::string> checksum_of(const std::string& path) {
    BULLPEN_TRY(const auto file, open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    moving::Sha256 digest;
    std::string piece(k_piece, '\0');
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("reading " + path);
        if (got == 0)
            return digest.digits();
        digest.add(std::string_view(piece.data(), static_cast<std::size_t>(got)));
    }
}

}  // namespace

bool can_be_listed(std::string_view path) {
    return stays_inside(path) && std::none_of(path.begin(), path.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

std::string sums_line(const CopiedFile& file) {
    return file.sha256 + "  " + file.path + "\n";
}

Result<std::vector<CopiedFile>> read_sums(const std::string& backup) {
    BULLPEN_TRY(const auto text, read_file(backup + "/" + k_sums, k_sums_max));
    std::vector<CopiedFile> files;
    int number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        CopiedFile file;
        if (line.size() > k_sum_digits + 2) {
            file.sha256 = line.substr(0, k_sum_digits);
            file.path = line.substr(k_sum_digits + 2);
        }
        if (!can_be_listed(file.path) || line.substr(k_sum_digits, 2) != "  ")
            return fail(Errc::corrupt, backup + "/" + k_sums + ":" + std::to_string(number) +
                                           ": it is no checksum of a file of the backup");
        files.push_back(std::move(file));
    }
    if (files.empty())
        return fail(Errc::corrupt, backup + "/" + k_sums + " is empty");
    return files;
}

Result<void> check_sums(const std::string& backup, const std::vector<CopiedFile>& files) {
    for (const auto& file : files) {
        BULLPEN_TRY(const auto now, checksum_of(backup + "/" + file.path));
        if (now != file.sha256)
            return fail(Errc::corrupt, backup + "/" + file.path +
                                           " is not what was backed up: its checksum is another "
                                           "one; nothing was done");
    }
    return {};
}

Result<void> check_listed(const std::string& backup, const std::vector<CopiedFile>& files) {
    std::set<std::string_view> listed;
    for (const auto& file : files)
        listed.insert(file.path);
    const auto not_whole = [&](const std::string& path) {
        return fail(Errc::corrupt, backup + "/" + k_sums + " does not name " + path +
                                       ", which is in the backup: it was cut short or changed; "
                                       "nothing was done");
    };
    if (!listed.contains(k_backup_facts))
        return not_whole(k_backup_facts);
    std::error_code code;
    const auto top = backup + "/";
    std::filesystem::recursive_directory_iterator at(top + std::string(k_home_prefix), code);
    for (; !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
        const auto path = at->path().string().substr(top.size());
        std::error_code unseen;
        if (!std::filesystem::is_directory(at->symlink_status(unseen)) && !listed.contains(path))
            return not_whole(path);
    }
    return code ? Result<void>(fail(code, "looking through " + top)) : Result<void>();
}

}  // namespace bullpen::ctl
