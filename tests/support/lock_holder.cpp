// bullpen-lock-holder LOCK-FILE START-NS: waits until the monotonic clock says START-NS, takes the
// lock as a worker started by hand does, prints "held" and sleeps. When somebody else has it:
// prints who and exits 77.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "common/base/clock.hpp"
#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "ipc/account_lock.hpp"

int main(int argc, char** argv) {
    using namespace bullpen;
    if (argc != 3)
        return value(ExitCode::usage);
    const SystemClock clock;
    const MonoTime start{Nanos{std::atoll(argv[2])}};
    while (clock.mono() < start) {
    }
    auto facts = ipc::facts_of_this_process(clock);
    facts.account = "mes01";
    facts.program = "bullpen-lock-holder";
    const auto lock = ipc::AccountLock::acquire(argv[1], facts, Millis{5000});
    if (!lock) {
        std::printf("%s\n", lock.error().message().c_str());
        return value(lock.error().code() == Errc::locked ? ExitCode::held_elsewhere
                                                         : ExitCode::software);
    }
    std::printf("held\n");
    std::fflush(stdout);
    for (;;)
        ::pause();
}
