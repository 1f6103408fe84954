#include "ipc/identity.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_proc_file_max = 4096;
constexpr std::size_t k_host_name_max = 64;
// Fields of /proc/PID/stat after the name in parentheses: the state is the 3rd of all, the start
// time the 22nd.
constexpr int k_fields_from_state_to_start = 19;

std::string read_boot_id() {
    auto text = read_file("/proc/sys/kernel/random/boot_id", k_proc_file_max);
    if (!text)
        return {};
    while (!text->empty() && text->back() == '\n')
        text->pop_back();
    return std::move(*text);
}

std::string read_host_name() {
    std::array<char, k_host_name_max + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0)
        return {};
    return name.data();
}

}  // namespace

const std::string& boot_id() {
    static const std::string id = read_boot_id();
    return id;
}

const std::string& host_name() {
    static const std::string name = read_host_name();
    return name;
}

Result<std::uint64_t> start_time_of(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const auto gone = [&] {
        return fail(Errc::not_found, "there is no process " + std::to_string(pid));
    };
    const auto stat = read_file(path, k_proc_file_max);
    if (!stat) {
        const auto code = stat.error().code();
        if (code == std::errc::no_such_file_or_directory || code == std::errc::no_such_process)
            return gone();
        return fail(stat.error());
    }
    // The name may hold blanks and parentheses itself; the last parenthesis closes it.
    const auto close = stat->rfind(") ");
    if (close == std::string::npos)
        return fail(Errc::corrupt, path + " is not of the known form");
    std::string_view rest = std::string_view(*stat).substr(close + 2);
    if (rest.starts_with('Z') || rest.starts_with('X'))
        return gone();
    for (int i = 0; i < k_fields_from_state_to_start; ++i) {
        const auto blank = rest.find(' ');
        if (blank == std::string_view::npos)
            return fail(Errc::corrupt, path + " is not of the known form");
        rest.remove_prefix(blank + 1);
    }
    std::uint64_t ticks = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), ticks);
    if (parsed.ec != std::errc())
        return fail(Errc::corrupt, path + " is not of the known form");
    return ticks;
}

bool process_alive(pid_t pid, std::uint64_t start_time, const std::string& boot) {
    if (pid <= 0 || (!boot.empty() && boot != boot_id()))
        return false;
    const auto found = start_time_of(pid);
    return found.has_value() && (start_time == 0 || *found == start_time);
}

}  // namespace bullpen::ipc
