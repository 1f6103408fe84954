// What a process still reaches once it has confined itself.
#include "common/launch/confiner.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "tests/support/temporary.hpp"

namespace bullpen::launch {

namespace {

// What a child ends with that confined itself with Landlock alone and then connects to a port of
// this host at which nobody listens.
int connected(const std::function<Result<void>()>& confine) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (!confine())
            ::_exit(1);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(1);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int done = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address));
        ::_exit(done == 0 ? 0 : errno);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("from version 4 of Landlock on it keeps TCP from what needs no network") {
    const int version = version_in_use(sandbox::landlock_version(), sandbox::k_landlock_newest);
    if (version == 0)
        return;
    const test::TemporaryHome home;
    const config::AccountSettings worker(test::account_id("anna"));
    const auto service = AccountId::parse("bullpen-venue").value();
    for (const int used : {std::min(version, 3), version}) {
        CAPTURE(used);
        const int expected = used >= sandbox::k_landlock_ports ? EACCES : ECONNREFUSED;
        const sandbox::Isolation level{used, false};
        CHECK(connected([&] { return confine_this_process(home.home(), worker, level); }) ==
              expected);
        CHECK(connected([&] { return confine_this_service(home.home(), service, {}, level); }) ==
              expected);
    }
}

}  // namespace bullpen::launch
