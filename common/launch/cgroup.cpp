#include "common/launch/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "common/base/errc.hpp"

namespace bullpen::launch {

namespace {

constexpr std::size_t k_controllers_size_max = 4096;
constexpr mode_t k_directory_mode = 0755;
constexpr mode_t k_file_mode = 0644;
// Of cpu.max: so many microseconds are what 100 % are of.
constexpr std::int64_t k_cpu_period = 100'000;
constexpr std::array<std::string_view, 3> k_controllers = {"memory", "cpu", "pids"};

bool has_word(std::string_view text, std::string_view word) {
    while (!text.empty()) {
        const auto end = text.find_first_of(" \n");
        if (text.substr(0, end) == word)
            return true;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return false;
}

Result<Descriptor> open_to_write(const std::string& path) {
    return open_file(path, O_WRONLY | O_CREAT | O_TRUNC, k_file_mode);
}

Result<void> write_value(const std::string& path, const std::string& value) {
    BULLPEN_TRY(const auto file, open_to_write(path));
    return write_all(file.get(), value);
}

std::string value_or_max(std::uint64_t value) {
    return value == 0 ? "max" : std::to_string(value);
}

// The kernel refuses to remove a group that has processes or groups below it.
void remove_unused(const std::string& root) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        if (AccountId::parse(entry->path().filename().string()))
            ::rmdir(entry->path().c_str());
    }
}

// A kernel before 5.14 has no cgroup.kill; leftovers are then found by their session alone.
void kill_leftovers(const std::string& group) {
    if (const auto file = open_file(group + "/cgroup.kill", O_WRONLY))
        (void)write_all(file->get(), "1");
}

}  // namespace

Result<void> prepare_cgroups(const std::string& root) {
    const auto controllers = read_file(root + "/cgroup.controllers", k_controllers_size_max);
    if (!controllers)
        return fail(controllers.error());
    const auto given_on = read_file(root + "/cgroup.subtree_control", k_controllers_size_max);
    if (!given_on)
        return fail(given_on.error());
    for (const auto controller : k_controllers) {
        if (!has_word(*controllers, controller))
            return fail(Errc::not_found,
                        root + " does not have the controller " + std::string(controller));
        // One by one: of several the kernel takes all or none.
        if (!has_word(*given_on, controller))
            BULLPEN_CHECK(
                write_value(root + "/cgroup.subtree_control", "+" + std::string(controller)));
    }
    remove_unused(root);
    return {};
}

Result<Descriptor> open_cgroup(const std::string& root, const AccountId& account,
                               const config::LimitSettings& limits) {
    const auto group = root + "/" + account.str();
    if (::mkdir(group.c_str(), k_directory_mode) != 0 && errno != EEXIST)
        return fail_errno("cannot make the control group " + group);
    kill_leftovers(group);
    BULLPEN_CHECK(write_value(group + "/memory.max", value_or_max(limits.memory_max)));
    // When one of its processes is ended for want of memory, the others are of no use.
    BULLPEN_CHECK(write_value(group + "/memory.oom.group", "1"));
    BULLPEN_CHECK(write_value(group + "/pids.max",
                              value_or_max(static_cast<std::uint64_t>(limits.processes_max))));
    BULLPEN_CHECK(write_value(group + "/cpu.max", value_or_max(static_cast<std::uint64_t>(
                                                      limits.cpu_max * (k_cpu_period / 100))) +
                                                      " " + std::to_string(k_cpu_period)));
    return open_to_write(group + "/cgroup.procs");
}

std::uint64_t ended_for_memory(const std::string& root, const AccountId& account) {
    constexpr std::string_view k_name = "oom_kill ";
    const auto events =
        read_file(root + "/" + account.str() + "/memory.events", k_controllers_size_max);
    std::string_view text = events ? std::string_view(*events) : std::string_view();
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.starts_with(k_name))
            continue;
        std::uint64_t count = 0;
        const auto digits = line.substr(k_name.size());
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
        return read.ec == std::errc() ? count : 0;
    }
    return 0;
}

}  // namespace bullpen::launch
