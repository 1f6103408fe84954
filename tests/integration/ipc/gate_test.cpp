// The gate before the daemon's sockets, as those meet it who connect too often.
#include "ipc/accept_gate.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "ipc/codec.hpp"
#include "tests/integration/ipc/peers.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

constexpr int k_tries = 400;
// Of what the gate remembers of who was told.
const SystemClock k_clock;

// A process that connects k_tries times and goes on to hold what it is let hold. With a session of
// its own it is somebody else.
class Crowding {
  public:
    Crowding(const std::string& path, bool own_session) {
        REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (own_session)
                ::setsid();
            raise_limit();
            crowd(path.c_str(), ends_[1]);
            ::pause();
            ::_exit(0);
        }
        ::close(ends_[1]);
        REQUIRE(::read(ends_[0], &held_, sizeof held_) == sizeof held_);
    }
    Crowding(const Crowding&) = delete;
    Crowding& operator=(const Crowding&) = delete;
    ~Crowding() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        ::close(ends_[0]);
    }
    [[nodiscard]] int held() const { return held_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    // It is not to have as few descriptors as the process of the gate.
    static void raise_limit() {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }

    static void crowd(const char* path, int answer) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
        std::array<int, k_tries> sockets{};
        for (int& one : sockets) {
            one = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            ::connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        }
        // Whoever listens greets first.
        int held = 0;
        for (const int one : sockets) {
            pollfd waits{one, POLLIN, 0};
            char byte = 0;
            if (::poll(&waits, 1, 5000) > 0 && ::recv(one, &byte, 1, MSG_PEEK) == 1)
                ++held;
        }
        if (::write(answer, &held, sizeof held) != sizeof held)
            ::_exit(1);
    }

    std::array<int, 2> ends_{};
    pid_t pid_ = -1;
    int held_ = 0;
};

std::uint64_t refused_of(const std::vector<Crowd>& crowds, pid_t session) {
    const auto found = std::find_if(crowds.begin(), crowds.end(),
                                    [&](const Crowd& crowd) { return crowd.session == session; });
    return found == crowds.end() ? 0 : found->refused;
}

struct Door {
    test::TemporaryDirectory directory;
    std::string path = directory.file("lease");
    Context context;
    LeaseRouter router = LeaseRouter::bind(context, path).value();

    void is_open() {
        auto dealer = LeaseDealer::connect(context, endpoint_of(path), "somebody").value();
        CHECK(test::wait_connected(dealer));
    }
};

// The most that a process may have open, until the end of the test.
class Limit {
  public:
    explicit Limit(rlim_t now) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit few = before_;
        few.rlim_cur = now;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;
    ~Limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("a session of processes has so many connections, and the others have theirs") {
    Door door;
    {
        const Crowding one(door.path, true);
        CHECK(one.held() == static_cast<int>(k_connections_of_one_max));
        const auto now = k_clock.mono();
        CHECK(refused_of(take_crowds(now), one.pid()) == k_tries - k_connections_of_one_max);
        CHECK(refused_of(take_crowds(now), one.pid()) == 0);
        door.is_open();
        const Crowding other(door.path, true);
        CHECK(other.held() == static_cast<int>(k_connections_of_one_max));
    }
    // What was closed is not counted any more.
    const Crowding again(door.path, false);
    CHECK(again.held() >= static_cast<int>(k_connections_of_one_max) - 1);
    CHECK(refused_of(take_crowds(k_clock.mono()), ::getsid(0)) > 0);
}

TEST_CASE("each socket has connections of its own for a session") {
    Door door;
    const auto path = door.directory.file("control");
    const auto control = ControlRouter::bind(door.context, path).value();
    const Crowding one(door.path, false);
    CHECK(one.held() <= static_cast<int>(k_connections_of_one_max));
    const Crowding other(path, false);
    CHECK(other.held() == static_cast<int>(k_connections_of_one_max));
}

TEST_CASE("who is refused waits for nothing, and neither does who is connected") {
    Door door;
    auto dealer = LeaseDealer::connect(door.context, endpoint_of(door.path), "somebody").value();
    REQUIRE(test::wait_connected(dealer));
    // The last of them was refused, and nobody comes after it.
    const Crowding one(door.path, true);
    REQUIRE(dealer.send("{}"));
    const auto received = test::next(door.router);
    REQUIRE(received);
    CHECK(received->body == "{}");
}

TEST_CASE("connections do not take the last descriptors, and the process lives") {
    Door door;
    {
        const Limit limit(120);
        const Crowding one(door.path, true);
        CHECK(one.held() < 90);
        CHECK(open_file("/dev/null", O_RDONLY).has_value());
    }
    door.is_open();
}

TEST_CASE("a process without a descriptor left turns away who connects, and lives") {
    Door door;
    {
        const Limit limit(200);
        std::vector<Descriptor> all;
        while (auto one = open_file("/dev/null", O_RDONLY))
            all.push_back(std::move(*one));
        // A place for the pipe that the other process answers by.
        all.pop_back();
        all.pop_back();
        const Crowding one(door.path, true);
        CHECK(one.held() <= 1);
    }
    door.is_open();
}
