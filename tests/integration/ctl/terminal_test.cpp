#include <doctest/doctest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>

#include "ctl/text.hpp"
#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

// bullpenctl on a terminal of its own.
class OnTerminal {
  public:
    OnTerminal(const Home& home, std::vector<std::string> words, unsigned short width,
               unsigned short height, bool no_colour = false) {
        words.insert(words.begin(), {program("bullpenctl"), "--home", home.root()});
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        winsize size{height, width, 0, 0};
        int terminal = -1;
        pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::setenv("TERM", "xterm", 1);
            no_colour ? ::setenv("NO_COLOR", "1", 1) : ::unsetenv("NO_COLOR");
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        terminal_ = Descriptor(terminal);
    }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;
    ~OnTerminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    // False at the deadline, or when the program ended without it.
    bool shows(const std::string& text) {
        const auto give_up = std::chrono::steady_clock::now() + k_deadline;
        while (seen_.find(text) == std::string::npos) {
            const bool late = std::chrono::steady_clock::now() > give_up;
            if (late || !wait_readable(terminal_.get()) || !read_some())
                return false;
        }
        return true;
    }
    void type(const std::string& keys) { REQUIRE(write_all(terminal_.get(), keys)); }
    void resize(unsigned short width, unsigned short height) {
        winsize size{height, width, 0, 0};
        REQUIRE(::ioctl(terminal_.get(), TIOCSWINSZ, &size) == 0);
    }
    void forget() { seen_.clear(); }
    // What it showed up to its end; its exit code.
    int finish() {
        while (wait_readable(terminal_.get()) && read_some()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] const std::string& seen() const { return seen_; }

  private:
    bool read_some() {
        std::array<char, 4096> data;
        const auto got = ::read(terminal_.get(), data.data(), data.size());
        if (got <= 0)
            return false;
        seen_.append(data.data(), static_cast<std::size_t>(got));
        return true;
    }
    pid_t pid_ = 0;
    Descriptor terminal_;
    std::string seen_;
};

// The widest line once escape sequences are gone.
std::size_t widest(const std::string& text) {
    std::size_t best = 0;
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            while (i < text.size() &&
                   !((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')))
                ++i;
        } else if (text[i] == '\n' || text[i] == '\r') {
            width = 0;
        } else {
            best = std::max(best, ++width);
        }
    }
    return best;
}

const auto k_nothing = [](const ipc::Request&) { return std::vector<ipc::Reply>{}; };

std::vector<ipc::BoardSlot> fleet() {
    auto talkative = running_slot("mes02", "futures");
    talkative.last_error = "something long went wrong with the connection to the broker's server";
    return {running_slot("mes01", "futures"), talkative};
}

}  // namespace

TEST_CASE("status fits the terminal at every width, and is coloured there") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), k_nothing);
    for (const unsigned short width : {16, 40, 80, 132, 200}) {
        OnTerminal shown(home.home(), {"status"}, width, 24);
        CHECK(shown.finish() == 0);
        CHECK(widest(shown.seen()) <= width);
        CHECK(shown.seen().find("\x1b[32mRUNNING") != std::string::npos);
        CHECK(shown.seen().find("mes02") != std::string::npos);
    }
}

TEST_CASE("--wide shows everything and NO_COLOR takes the colour away") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), k_nothing);
    OnTerminal shown(home.home(), {"status", "--wide"}, 40, 24, true);
    CHECK(shown.finish() == 0);
    CHECK(shown.seen().find("to the broker's server") != std::string::npos);
    CHECK(shown.seen().find('\x1b') == std::string::npos);
}

TEST_CASE("top shows the table, follows the size of its terminal, and q leaves it as it was") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), k_nothing);
    OnTerminal top(home.home(), {"top", "-i", "100ms"}, 160, 24);
    REQUIRE(top.shows("mes02"));
    REQUIRE(top.shows("LAST ERROR"));
    top.resize(30, 10);
    top.forget();
    REQUIRE(top.shows("mes02"));
    top.forget();
    REQUIRE(top.shows("mes02"));
    CHECK(widest(top.seen()) <= 30);
    top.type("q");
    CHECK(top.finish() == 0);
    CHECK(top.seen().ends_with("\x1b[?25h\x1b[?1049l"));
}

TEST_CASE("top says how many lines its terminal has no room for") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), k_nothing);
    OnTerminal top(home.home(), {"top", "-i", "100ms"}, 160, 5);
    REQUIRE(top.shows("more lines: a taller window or names of accounts show them"));
    top.resize(160, 24);
    top.forget();
    REQUIRE(top.shows("mes02"));
    top.forget();
    REQUIRE(top.shows("mes02"));
    CHECK(top.seen().find("more lines") == std::string::npos);
    top.type("q");
    CHECK(top.finish() == 0);
}

TEST_CASE("top ends in order at Ctrl-C, and needs a terminal") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), k_nothing);
    OnTerminal top(home.home(), {"top"}, 80, 24);
    REQUIRE(top.shows("mes01"));
    top.type("\x03");
    CHECK(top.finish() == 0);
    CHECK(top.seen().ends_with("\x1b[?25h\x1b[?1049l"));
    CHECK(bullpenctl(home.home(), {"top"}).code == 64);
}

TEST_CASE("a terminal shows how many accounts are still awaited") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), fleet(), [](const ipc::Request&) {
        return std::vector<ipc::Reply>{verdict("mes01", true, "started", "running"),
                                       verdict("mes02", false, "died", "it crashed"),
                                       result(false, "1 of them failed")};
    });
    OnTerminal started(home.home(), {"start", "all"}, 80, 24);
    CHECK(started.finish() == 1);
    CHECK(started.seen().find("waiting for 2 of 2") != std::string::npos);
    CHECK(started.seen().find("waiting for 1 of 2") != std::string::npos);
    CHECK(started.seen().find("\x1b[31mmes02: died, it crashed") != std::string::npos);
}
