// What the processes and files of accounts take, and which limits that exceeds.
#include "common/watch/usage.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>

#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::watch {

namespace {

constexpr std::uint64_t k_mib = 1 << 20;

config::LimitSettings limits(std::uint64_t memory, int processes) {
    config::LimitSettings limits;
    limits.memory_max = memory;
    limits.processes_max = processes;
    return limits;
}

// A file without a name that two descriptors are open on.
struct Removed {
    explicit Removed(const std::string& path) {
        test::write_text(path, std::string(2 * k_mib, 'x'));
        first = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        second = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(::unlink(path.c_str()) == 0);
    }
    Descriptor first;
    Descriptor second;
};

// A process that leads a session, with children, until the test is over.
class Tree {
  public:
    explicit Tree(int children) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        leader_ = ::fork();
        REQUIRE(leader_ >= 0);
        if (leader_ == 0) {
            ::setsid();
            for (int i = 0; i < children; ++i) {
                if (::fork() == 0)
                    pause_for_ever();
            }
            (void)!::write(ends[1], "x", 1);
            pause_for_ever();
        }
        char byte = 0;
        REQUIRE(::read(ends[0], &byte, 1) == 1);
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() {
        ::kill(-leader_, SIGKILL);
        ::waitpid(leader_, nullptr, 0);
    }
    [[nodiscard]] pid_t leader() const { return leader_; }

  private:
    [[noreturn]] static void pause_for_ever() {
        for (;;)
            ::pause();
    }
    pid_t leader_ = 0;
};

struct Scene {
    test::TemporaryHome home;
    SystemClock clock;
    Usage usage{clock};
    config::AccountSettings settings{test::account_id("anna")};

    Scene() {
        settings.command = {"/bin/true"};
        settings.heartbeat = config::HeartbeatKind::none;
        const auto paths = home.home().account(settings.id);
        REQUIRE(make_directories(paths.logs, 0700));
    }
    Finding look(pid_t leader) {
        usage.add(home.home(), settings, leader, 0);
        usage.look();
        auto found = usage.take();
        REQUIRE(found.size() == 1);
        CHECK(found[0].account == settings.id);
        return found[0];
    }
};

}  // namespace

TEST_CASE("a tree is over a limit when it takes more, and not when it takes as much") {
    CHECK(excess_of({10 * k_mib, 5}, limits(10 * k_mib, 5)).reason == model::Reason::none);
    CHECK(excess_of({11 * k_mib, 5}, limits(0, 0)).reason == model::Reason::none);
    const auto memory = excess_of({11 * k_mib, 5}, limits(10 * k_mib, 5));
    CHECK(memory.reason == model::Reason::memory_limit);
    CHECK(memory.sentence == "11 MiB used, 10 MiB allowed");
    const auto processes = excess_of({10 * k_mib, 6}, limits(10 * k_mib, 5));
    CHECK(processes.reason == model::Reason::process_limit);
    CHECK(processes.sentence == "6 processes and threads, 5 allowed");
    // Of both, what multiplies is ended first.
    CHECK(excess_of({11 * k_mib, 6}, limits(10 * k_mib, 5)).reason == model::Reason::process_limit);
}

TEST_CASE("the processes of a tree are counted, and what they take") {
    Scene scene;
    const Tree tree(3);
    auto found = scene.look(tree.leader());
    CHECK(found.leader == tree.leader());
    CHECK(found.memory > 0);
    CHECK(found.excess.reason == model::Reason::none);
    scene.settings.limits.processes_max = 3;
    found = scene.look(tree.leader());
    CHECK(found.excess.reason == model::Reason::process_limit);
    CHECK(found.excess.sentence == "4 processes and threads, 3 allowed");
    scene.settings.limits.processes_max = 0;
    CHECK(scene.look(tree.leader()).excess.reason == model::Reason::none);
}

TEST_CASE("the built-in worker, which starts no process, is not measured without a limit") {
    Scene scene;
    scene.settings.command.clear();
    scene.settings.heartbeat = config::HeartbeatKind::zmq;
    const Tree tree(0);
    CHECK(scene.look(tree.leader()).leader == 0);
}

TEST_CASE("a directory is looked at whether or not its account has a process") {
    Scene scene;
    test::write_text(scene.home.home().account(scene.settings.id).state_file,
                     std::string(2 * k_mib, 'x'));
    scene.settings.limits.disk_max = k_mib;
    const auto found = scene.look(0);
    CHECK(found.leader == 0);
    REQUIRE(found.disk.has_value());
    CHECK(found.disk->fill == Fill::over);
    CHECK(found.disk->changed);
    CHECK(found.disk->size.bytes > 2 * k_mib);
}

TEST_CASE("what an account writes elsewhere counts, each file once") {
    Scene scene;
    const test::TemporaryDirectory other;
    REQUIRE(::mkdir(other.file("below").c_str(), 0700) == 0);
    test::write_text(other.file("below/file"), std::string(2 * k_mib, 'x'));
    scene.settings.limits.disk_max = 3 * k_mib;
    const auto own = scene.home.home().account(scene.settings.id).directory;
    scene.settings.write_paths = {other.file("below"), own + "/logs", other.path() + "/"};
    auto found = scene.look(0);
    REQUIRE(found.disk.has_value());
    CHECK(found.disk->size.bytes > 2 * k_mib);
    CHECK(found.disk->fill == Fill::fine);
    CHECK(found.disk->text == "2.0 MiB in " + own + " and its write_paths, 3.0 MiB allowed");
    Scene strict;
    strict.settings.write_paths = {other.path()};
    strict.settings.limits.disk_max = k_mib;
    CHECK(strict.look(0).disk->fill == Fill::over);
}

TEST_CASE("a file that was removed while it is open counts until it is closed") {
    Scene scene;
    scene.settings.limits.disk_max = k_mib;
    {
        std::optional<Removed> removed(std::in_place, scene.home.home().root() + "/removed");
        // Each of these processes has it open, twice.
        const Tree tree(2);
        removed.reset();
        const auto found = scene.look(tree.leader());
        REQUIRE(found.disk.has_value());
        CHECK(found.disk->fill == Fill::over);
        CHECK(found.disk->size.bytes >= 2 * k_mib);
        CHECK(found.disk->size.bytes < 3 * k_mib);
        CHECK(found.disk->text.find("(2.0 MiB of it removed, and still open)") !=
              std::string::npos);
    }
    Scene after;
    after.settings.limits.disk_max = k_mib;
    const Tree tree(0);
    CHECK(after.look(tree.leader()).disk->fill == Fill::fine);
}

}  // namespace bullpen::watch
