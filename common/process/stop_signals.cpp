#include "common/process/stop_signals.hpp"

#include <sys/signalfd.h>

#include <csignal>

#include "common/base/errc.hpp"

namespace bullpen::process {

Result<Descriptor> stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
        return fail_errno("cannot block signals");
    Descriptor descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor.valid())
        return fail_errno("cannot open a signal descriptor");
    return descriptor;
}

}  // namespace bullpen::process
