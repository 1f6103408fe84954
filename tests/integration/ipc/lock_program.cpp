// ipc-lock-program: a process that takes, inherits or keeps a lock, or binds a socket, for the
// tests to kill.
//
//   take PATH        takes the lock, prints "taken", sleeps; else prints why not, exits 77 or 70
//   adopt FD PATH    takes the descriptor over, prints "adopted", sleeps
//   pass FD PATH     adopts, starts a child of its own that keeps the descriptor, prints the
//                    child's pid, sleeps
//   bind PATH        binds a lease router there, prints "bound", sleeps
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/context.hpp"
#include "ipc/router.hpp"

using namespace bullpen;

namespace {

[[noreturn]] void sleep_for_ever() {
    for (;;)
        ::pause();
}

void say(const std::string& line) {
    std::cout << line << std::endl;
}

int refuse(const Error& error) {
    say(error.context());
    return value(error.code() == Errc::locked ? ExitCode::held_elsewhere : ExitCode::software);
}

int take(const std::string& path) {
    auto facts = ipc::facts_of_this_process(SystemClock());
    facts.program = "ipc-lock-program";
    const auto lock = ipc::AccountLock::acquire(path, facts, ipc::k_name_wait);
    if (!lock)
        return refuse(lock.error());
    say("taken");
    sleep_for_ever();
}

int adopt(int fd, const std::string& path, bool pass) {
    const auto lock = ipc::AccountLock::adopt_inherited(fd, path);
    if (!lock)
        return refuse(lock.error());
    if (!pass) {
        say("adopted");
        sleep_for_ever();
    }
    const pid_t child = ::fork();
    if (child == 0)
        sleep_for_ever();
    say(std::to_string(child));
    sleep_for_ever();
}

int bind(const std::string& path) {
    ipc::Context context;
    const auto router = ipc::LeaseRouter::bind(context, path);
    if (!router)
        return refuse(router.error());
    say("bound");
    sleep_for_ever();
}

}  // namespace

int main(int count, char** arguments) {
    const std::string verb = count > 1 ? arguments[1] : "";
    if (verb == "take" && count == 3)
        return take(arguments[2]);
    if ((verb == "adopt" || verb == "pass") && count == 4)
        return adopt(std::atoi(arguments[2]), arguments[3], verb == "pass");
    if (verb == "bind" && count == 3)
        return bind(arguments[2]);
    return value(ExitCode::usage);
}
