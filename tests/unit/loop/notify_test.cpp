#include "common/loop/notify.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>

#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::loop {
namespace {

using namespace std::chrono_literals;

// A service manager's end of the socket, and the environment that names it.
struct Manager {
    Manager() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory.file("notify");
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        REQUIRE(::bind(socket.get(), generic, sizeof address) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~Manager() {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    [[nodiscard]] std::string heard() const {
        char text[256];
        const auto length = ::recv(socket.get(), text, sizeof text, MSG_DONTWAIT);
        return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
    }

    test::TemporaryDirectory directory;
    Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_CASE("the service manager hears each word as it is said") {
    const Manager manager;
    notify::ready("accounts: 3");
    CHECK(manager.heard() == "READY=1\nSTATUS=accounts: 3");
    notify::reloading();
    CHECK(manager.heard() == "RELOADING=1");
    notify::status("well");
    CHECK(manager.heard() == "STATUS=well");
    notify::watchdog();
    CHECK(manager.heard() == "WATCHDOG=1");
    notify::stopping("stopping every account", 90s);
    CHECK(manager.heard() ==
          "STOPPING=1\nEXTEND_TIMEOUT_USEC=90000000\nSTATUS=stopping every account");
}

TEST_CASE("the watchdog's interval is the one that was set for this process") {
    const Manager manager;
    CHECK_FALSE(notify::watchdog_interval());
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    CHECK(notify::watchdog_interval() == std::optional<Nanos>(30s));
    ::setenv("WATCHDOG_PID", "1", 1);
    CHECK_FALSE(notify::watchdog_interval());
}

TEST_CASE("a complaint is one line on standard error, and lost where nobody reads it") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor out(ends[0]);
    const Descriptor in(ends[1]);
    const Descriptor before(::dup(STDERR_FILENO));
    REQUIRE(::dup2(in.get(), STDERR_FILENO) >= 0);
    notify::complain("alarm mes01: " + std::string(std::size_t{2} * PIPE_BUF, 'x'));
    char text[2 * PIPE_BUF];
    const auto length = ::read(out.get(), text, sizeof text);
    // With a pipe that is full, this would wait for ever.
    for (std::size_t i = 0; i < 64; ++i)
        notify::complain(std::string(PIPE_BUF, 'x'));
    ::dup2(before.get(), STDERR_FILENO);
    REQUIRE(length == PIPE_BUF);
    CHECK(std::string_view(text, 13) == "alarm mes01: ");
    CHECK(text[length - 1] == '\n');
}

TEST_CASE("without a service manager nothing is said to anybody") {
    notify::ready("nobody listens");
    CHECK_FALSE(notify::watchdog_interval());
}

}  // namespace
}  // namespace bullpen::loop
