#include "common/process/limits.hpp"

#include <sys/resource.h>

#include <string>

#include "common/base/errc.hpp"

namespace bullpen::process {
namespace {

// The daemon's own: files it keeps open, sockets, timers, the launcher's slots, with room to spare.
constexpr std::uint64_t k_own = 128;
// A lease connection and a pid watch.
constexpr std::uint64_t k_for_each_account = 2;
// Locks, logs and /proc files of the launch under way, connections of bullpenctl.
constexpr std::uint64_t k_passing = 64;

std::uint64_t soft_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

// Asked once, before anything raised it.
std::uint64_t original() {
    static const std::uint64_t value = soft_limit();
    return value;
}

}  // namespace

Result<DescriptorLimit> raise_descriptor_limit() {
    DescriptorLimit result{original(), 0};
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail_errno("cannot read the limit on open descriptors");
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail_errno("cannot raise the limit on open descriptors");
    result.now = limit.rlim_cur;
    return result;
}

DescriptorLimit descriptor_limit() {
    return {original(), soft_limit()};
}

std::uint64_t descriptors_needed(std::size_t accounts) {
    return k_own + k_passing + k_for_each_account * accounts;
}

Result<void> make_room_for(std::size_t accounts) {
    BULLPEN_TRY(const auto limit, raise_descriptor_limit());
    const auto needed = descriptors_needed(accounts);
    if (needed <= limit.now)
        return {};
    return fail(Errc::exhausted, "this roster needs " + std::to_string(needed) +
                                     " file descriptors and the limit is " +
                                     std::to_string(limit.now) +
                                     "; raise LimitNOFILE (or ulimit -Hn)");
}

void forbid_core_files() {
    rlimit core{};
    if (::getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &core);
    }
}

}  // namespace bullpen::process
