#include "common/users/user_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <filesystem>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/users/capabilities.hpp"

namespace bullpen::users {

namespace {

constexpr const char* k_map = "/proc/self/uid_map";
constexpr const char* k_subuid = "/etc/subuid";
constexpr const char* k_passwd = "/etc/passwd";
constexpr const char* k_helper = "/usr/bin/newuidmap";
constexpr const char* k_self = "/proc/self/exe";
constexpr std::size_t k_file_max = std::size_t{1} << 20U;
// Of the host itself: every number is its own.
constexpr std::string_view k_whole = "0 0 4294967295";
// Whom the kernel shows as the owner of what belongs to a user without a number here.
constexpr uid_t k_nobody = 65'534;
constexpr int k_no_namespace = 1;
constexpr int k_no_map = 2;

bool of_host(std::string_view map) {
    std::string words;
    for (const char c : map) {
        if (c != ' ' && c != '\n')
            words += c;
        else if (!words.empty() && words.back() != ' ')
            words += ' ';
    }
    return words.starts_with(k_whole);
}

std::string own_map() {
    return read_file(k_map, k_file_max).value_or(std::string());
}

std::optional<NumberRange> range_of(uid_t user) {
    const auto subuid = read_file(k_subuid, k_file_max).value_or(std::string());
    const auto passwd = read_file(k_passwd, k_file_max).value_or(std::string());
    return range_in_subuid(subuid, name_in_passwd(passwd, user), user);
}

std::string no_range(uid_t user) {
    return std::string(k_subuid) + " has no range of numbers for user " + std::to_string(user) +
           "; give it one: usermod --add-subuids FIRST-LAST NAME";
}

bool write_text(const std::string& path, const std::string& text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file.valid() &&
           ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// In the process that stays outside, for `pid` in its new namespace. Only this group is known
// there, and nobody leaves it, which is what the kernel asks for in turn.
[[noreturn]] void write_maps(pid_t pid, uid_t user, gid_t group, const NumberRange& range) {
    const auto of_process = "/proc/" + std::to_string(pid) + "/";
    const auto text = [](auto number) { return std::to_string(number); };
    if (!write_text(of_process + "setgroups", "deny") ||
        !write_text(of_process + "gid_map", text(group) + " " + text(group) + " 1\n"))
        ::_exit(k_no_map);
    if ((held() & to_change_users()) != 0)
        ::_exit(write_text(of_process + "uid_map", map_of(user, range)) ? 0 : k_no_map);
    std::vector<std::string> words = {"newuidmap",
                                      text(pid),
                                      text(user),
                                      text(user),
                                      "1",
                                      "0",
                                      text(range.first),
                                      "1",
                                      text(range.first + 1),
                                      text(range.first + 1),
                                      text(range.count - 1)};
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    ::execve(k_helper, arguments.data(), environment.data());
    ::_exit(k_no_map);
}

// Waits for the word that the namespace is there, which is not said when it is not.
pid_t fork_helper(const std::array<Descriptor, 2>& word, const NumberRange& range) {
    const auto parent = ::getpid();
    const auto user = ::geteuid();
    const auto group = ::getegid();
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    ::close(word[1].get());
    char said = 0;
    if (::read(word[0].get(), &said, 1) != 1)
        ::_exit(k_no_map);
    write_maps(parent, user, group, range);
}

// Its exit code; k_no_namespace when it did not exit.
int end_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return k_no_namespace;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : k_no_namespace;
}

// Whether this process can have such a map written at all, before anything is changed for good.
std::string obstacle(uid_t user) {
    if (!of_host(own_map()))
        return "this process is in a user namespace of somebody else's";
    if (!range_of(user))
        return no_range(user);
    if ((held() & to_change_users()) != 0)
        return {};
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
        return "this process may neither change users (CAP_SETUID, which a daemon that began "
               "without users has given up) nor run newuidmap, for want of new privileges";
    if (::access(k_helper, X_OK) != 0)
        return std::string(k_helper) + " is missing: install the package uidmap";
    return {};
}

// The exit code of what it was tried with.
std::string refusal(int code) {
    if (code == k_no_map)
        return "the numbers that " + std::string(k_subuid) +
               " has for this user cannot be put into a user namespace";
    return "the kernel refuses this process a user namespace (user.max_user_namespaces, "
           "RestrictNamespaces= of a unit)";
}

int make_namespace(const NumberRange& range) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return k_no_namespace;
    std::array<Descriptor, 2> word{Descriptor(ends[0]), Descriptor(ends[1])};
    const pid_t helper = fork_helper(word, range);
    if (helper < 0)
        return k_no_namespace;
    const bool inside = ::unshare(CLONE_NEWUSER) == 0;
    const bool told = inside && ::write(word[1].get(), "", 1) == 1;
    for (auto& end : word)
        end.reset();
    const int mapped = end_of(helper);
    return !inside ? k_no_namespace : told ? mapped : k_no_map;
}

// Tried first by a process that may be spoilt by it: one without a map is nobody.
NotEntered enter_new_namespace() {
    const auto user = ::geteuid();
    auto why = obstacle(user);
    const auto range = range_of(user);
    if (!why.empty() || !range)
        return {std::move(why)};
    const pid_t trial = ::fork();
    if (trial == 0)
        ::_exit(make_namespace(*range));
    if (const int code = trial < 0 ? k_no_namespace : end_of(trial); code != 0)
        return {refusal(code)};
    if (const int code = make_namespace(*range); code != 0)
        return {refusal(code), true};
    return {};
}

Result<void> enter_that_of(pid_t pid) {
    BULLPEN_TRY(const auto of_other,
                open_file("/proc/" + std::to_string(pid) + "/ns/user", O_RDONLY));
    if (::setns(of_other.get(), CLONE_NEWUSER) != 0)
        return fail_errno("cannot enter the user namespace of process " + std::to_string(pid));
    return {};
}

bool works_in(const std::string& process, const std::string& directory) {
    std::array<char, PATH_MAX> path{};
    const auto length = ::readlink((process + "/cwd").c_str(), path.data(), path.size());
    const std::string_view works(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return works == directory || works.starts_with(directory + "/");
}

// Into the namespace of a process that works there; false when there is none that can be entered.
bool enter_that_in(const std::string& directory) {
    const auto user = ::geteuid();
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const auto process = entry->path().string();
        pid_t pid = 0;
        const auto name = entry->path().filename().string();
        const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (wrong != std::errc() || rest != name.data() + name.size())
            continue;
        const auto map = read_file(process + "/uid_map", k_file_max);
        if (map && range_in_map(*map, user) && works_in(process, directory) && enter_that_of(pid))
            return true;
    }
    return false;
}

}  // namespace

Standing standing() {
    const auto user = ::geteuid();
    const auto map = own_map();
    const bool may = (held() & to_change_users()) != 0;
    if (of_host(map) && user == 0) {
        const auto range = range_of(user);
        return range ? Standing{range, {}} : Standing{std::nullopt, no_range(user)};
    }
    const auto range = range_in_map(map, user);
    if (range && may)
        return {range, {}};
    auto why = range ? "this process has no capabilities in its user namespace" : obstacle(user);
    if (why.empty())
        why = "this daemon was started without; bullpenctl upgrade starts it anew";
    return {std::nullopt, std::move(why)};
}

bool has_users() {
    return (of_host(own_map()) && ::geteuid() == 0) || range_in_map(own_map(), ::geteuid());
}

bool may_be_root(uid_t owner) {
    return owner == 0 || (owner == k_nobody && range_in_map(own_map(), ::geteuid()).has_value());
}

NotEntered enter_with_users(std::span<char* const> arguments, const std::string& directory) {
    if (!enter_that_in(directory)) {
        auto made = enter_new_namespace();
        if (!made.why.empty())
            return made;
    }
    // The kernel counts a process to the namespace that its program was executed in: whether others
    // may look at it goes by that.
    const auto kept = keep_only(of_daemon());
    const auto carried = kept ? keep_over_exec(true) : kept;
    if (!carried)
        return {carried.error().message(), true};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return {"cannot give up new privileges", true};
    // By its path, which names the process; by the file itself where that has gone meanwhile.
    std::array<char, PATH_MAX> path{};
    if (::readlink(k_self, path.data(), path.size() - 1) > 0)
        ::execv(path.data(), arguments.data());
    ::execv(k_self, arguments.data());
    return {std::string("cannot execute this program again: ") + std::strerror(errno), true};
}

Result<void> join_users_of(pid_t pid, const std::string& directory) {
    if (has_users())
        return {};
    if ((pid <= 0 || !enter_that_of(pid)) && !enter_that_in(directory)) {
        const auto made = enter_new_namespace();
        if (!made.why.empty())
            return fail(Errc::refused, made.why);
    }
    BULLPEN_CHECK(keep_only(of_reader()));
    return keep_over_exec(true);
}

}  // namespace bullpen::users
