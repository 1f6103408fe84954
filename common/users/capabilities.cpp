#include "common/users/capabilities.hpp"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace bullpen::users {

namespace {

using Sets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

constexpr Capabilities bit(int capability) {
    return 1U << static_cast<unsigned>(capability);
}

bool get(Sets& sets) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return ::syscall(SYS_capget, &header, sets.data()) == 0;
}

}  // namespace

Capabilities of_daemon() {
    return bit(CAP_SETUID) | bit(CAP_CHOWN) | bit(CAP_FOWNER) | bit(CAP_DAC_OVERRIDE) |
           bit(CAP_DAC_READ_SEARCH) | bit(CAP_KILL) | bit(CAP_SYS_PTRACE);
}

Capabilities of_reader() {
    return bit(CAP_CHOWN) | bit(CAP_FOWNER) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH);
}

Capabilities to_change_users() {
    return bit(CAP_SETUID);
}

Capabilities held() {
    Sets sets{};
    return get(sets) ? sets[0].effective : 0;
}

Result<void> keep_only(Capabilities wanted) {
    // access() goes by the capabilities in effect, as open() does.
    if (::prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) != 0)
        return fail_errno("cannot set the secure bits of this process");
    // Before the right to do so goes. EINVAL: past the last that this kernel has.
    for (unsigned capability = 0; capability < 64; ++capability) {
        const bool kept = capability < 32 && (wanted & 1U << capability) != 0;
        if (!kept && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL &&
            errno != EPERM)
            return fail_errno("cannot bound the capabilities of this process");
    }
    const auto kept = held() & wanted;
    const Sets sets{{{kept, kept, kept}, {}}};
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    if (::syscall(SYS_capset, &header, sets.data()) != 0)
        return fail_errno("cannot give up capabilities");
    return keep_over_exec(false);
}

Result<void> take_up(Capabilities wanted) {
    Sets sets{};
    if (!get(sets))
        return fail_errno("cannot look at the capabilities of this process");
    sets[0].effective |= sets[0].permitted & wanted;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    if (::syscall(SYS_capset, &header, sets.data()) != 0)
        return fail_errno("cannot take up capabilities");
    return {};
}

Result<void> keep_over_exec(bool on) {
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return fail_errno("cannot change the ambient capabilities");
    const auto all = on ? held() : 0;
    for (unsigned capability = 0; capability < 32; ++capability) {
        if ((all & 1U << capability) != 0 &&
            ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
            return fail_errno("cannot keep capabilities for the next program");
    }
    return {};
}

}  // namespace bullpen::users
