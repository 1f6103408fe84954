#include "common/launch/unix_user.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::launch {

namespace {

constexpr std::size_t k_passwd_size_max = std::size_t{1} << 20U;

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::string_view take_until(std::string_view& text, char border) {
    const auto end = text.find(border);
    const auto taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

struct PasswdLine {
    std::string_view name;
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid;
};

// NAME:PASSWORD:UID:GID:...
PasswdLine parse_line(std::string_view line) {
    PasswdLine parsed;
    parsed.name = take_until(line, ':');
    take_until(line, ':');
    parsed.uid = number(take_until(line, ':'));
    parsed.gid = number(take_until(line, ':'));
    return parsed;
}

bool may_pass(const struct stat& facts, const process::UnixUser& user) {
    if (facts.st_uid == user.uid)
        return (facts.st_mode & S_IXUSR) != 0;
    return (facts.st_mode & (facts.st_gid == user.gid ? S_IXGRP : S_IXOTH)) != 0;
}

// It may have been renamed and replaced by the user that it was given to before: nothing is
// followed, and what is given away is a directory of this process's user.
Result<void> give(const std::string& path, const process::UnixUser& user) {
    BULLPEN_TRY(const Descriptor directory,
                open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    if (::fstat(directory.get(), &facts) != 0)
        return fail_errno("cannot look at " + path);
    if (facts.st_uid == user.uid)
        return {};
    if (facts.st_uid != ::geteuid())
        return fail(Errc::invalid, path + " belongs to user " + std::to_string(facts.st_uid) +
                                       " and not to its account's unix_user, " +
                                       std::to_string(user.uid) + "; give it over: chown -R " +
                                       std::to_string(user.uid) + ":" + std::to_string(user.gid) +
                                       " " + path);
    if (::fchown(directory.get(), user.uid, user.gid) != 0)
        return fail_errno("cannot give " + path + " to user " + std::to_string(user.uid));
    return {};
}

}  // namespace

Result<process::UnixUser> find_unix_user(const std::string& text, const std::string& passwd) {
    std::string_view rest = text;
    const auto first = take_until(rest, ':');
    const auto uid = number(first);
    if (uid && !rest.empty()) {
        if (const auto gid = number(rest))
            return process::UnixUser{*uid, *gid};
    }
    BULLPEN_TRY(const auto lines, read_file(passwd, k_passwd_size_max));
    std::string_view left = lines;
    while (!left.empty()) {
        const auto line = parse_line(take_until(left, '\n'));
        if (line.uid && line.gid && (uid ? line.uid == uid : line.name == first))
            return process::UnixUser{*line.uid, *line.gid};
    }
    if (uid)
        return process::UnixUser{*uid, *uid};
    return fail(Errc::not_found, "there is no user " + text + " in " + passwd);
}

Result<void> check_way(const std::string& directory, const process::UnixUser& user) {
    for (auto slash = directory.find('/', 1); slash != std::string::npos;
         slash = directory.find('/', slash + 1)) {
        const auto above = directory.substr(0, slash);
        struct stat facts {};
        if (::stat(above.c_str(), &facts) != 0)
            return fail_errno("cannot look at " + above);
        if (!may_pass(facts, user))
            return fail(Errc::invalid, above + " is closed to user " + std::to_string(user.uid) +
                                           "; let it pass: chmod o+x " + above);
    }
    return {};
}

Result<void> hand_over(const AccountPaths& paths, const process::UnixUser& user) {
    BULLPEN_CHECK(check_way(paths.directory, user));
    for (const auto* path : {&paths.directory, &paths.journal, &paths.logs, &paths.inbox,
                             &paths.orders, &paths.reports, &paths.tmp, &paths.crash})
        BULLPEN_CHECK(give(*path, user));
    return {};
}

}  // namespace bullpen::launch
