// A real bullpen-venue in a home of its own, and an administrator's line to it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/descriptor.hpp"
#include "ipc/cookie.hpp"
#include "ipc/venue_message.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

// Connects and speaks as it is told to, waiting for each answer: an administrator, or a worker that
// keeps to no rule.
class RawClient {
  public:
    // An operator: it shows the home's cookie with its hello.
    explicit RawClient(const std::string& path) : cookie_(ipc::read_cookie(path)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), address.sun_path);
        socket_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0)
            socket_.reset();
    }

    [[nodiscard]] bool valid() const { return socket_.valid(); }
    [[nodiscard]] int fd() const { return socket_.get(); }
    bool send(std::string_view bytes) {
        return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }
    void say(ipc::VenueRequest request) {
        request.id = ++last_id_;
        (void)send(encode(request));
    }
    // The next line; none when the connection has ended or nothing comes.
    std::optional<std::string> line(std::chrono::milliseconds wait = k_deadline) {
        for (;;) {
            if (const auto found = lines_.next())
                return std::string(*found);
            pollfd watched{socket_.get(), POLLIN, 0};
            if (::poll(&watched, 1, static_cast<int>(wait.count())) <= 0)
                return std::nullopt;
            char buffer[65536];
            const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
            if (got <= 0)
                return std::nullopt;
            lines_.add({buffer, static_cast<std::size_t>(got)});
        }
    }
    std::optional<ipc::VenueReply> reply() {
        const auto text = line();
        if (!text)
            return std::nullopt;
        auto decoded = ipc::decode_venue_reply(*text);
        return decoded ? std::optional(*decoded) : std::nullopt;
    }
    void hello(const std::string& account, bool lockstep = false) {
        ipc::VenueRequest request;
        request.kind = ipc::VenueRequestKind::hello;
        request.account = account;
        request.client = "test";
        request.lockstep = lockstep;
        request.cookie = cookie_;
        say(request);
    }

    // As a stranger.
    void forget_cookie() { cookie_.clear(); }

  private:
    std::string cookie_;
    Descriptor socket_;
    ipc::LineSplitter lines_{1 << 20};
    std::uint64_t last_id_ = 0;
};

class VenueProcess {
  public:
    static constexpr std::string_view k_manual =
        "[market.mes]\nsource = \"manual\"\ninstrument = \"MES\"\n"
        "[costs.MES]\nslippage = 0\ncommission = \"0.50\"\n";

    explicit VenueProcess(std::string_view toml = k_manual, std::string_view personality = "") {
        write_text(home_.path() + "/venue.toml", toml);
        if (!personality.empty()) {
            personality_ = home_.path() + "/personality.toml";
            write_text(personality_, personality);
        }
        start();
    }
    VenueProcess(const VenueProcess&) = delete;
    VenueProcess& operator=(const VenueProcess&) = delete;
    ~VenueProcess() {
        if (pid_ > 0)
            (void)end(SIGKILL);
    }

    void start() {
        std::vector<std::string> words{program("bullpen-venue"), "run", "--home", home_.path()};
        if (!personality_.empty()) {
            words.emplace_back("--personality");
            words.push_back(personality_);
        }
        REQUIRE(!words[0].empty());
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        char* environment[] = {nullptr};
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        const auto out = home_.path() + "/venue.out";
        posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                         0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        REQUIRE(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environment) == 0);
        posix_spawn_file_actions_destroy(&actions);
        REQUIRE_MESSAGE(eventually([&] { return RawClient(socket()).valid() || exited(); }),
                        read_text(out));
        REQUIRE_MESSAGE(pid_ > 0, read_text(out));
        admin_.reset();
    }
    // The exit code, or minus the signal.
    int end(int signal) {
        admin_.reset();
        ::kill(pid_, signal);
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    void kill_and_restart() {
        (void)end(SIGKILL);
        start();
    }

    [[nodiscard]] const TemporaryHome& home() const { return home_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string socket() const { return ipc::venue_socket(home_.home()); }
    // Its own log of what happened, whole.
    [[nodiscard]] std::string own_log() const {
        return read_text(home_.path() + "/venue/venue.jsonl");
    }
    [[nodiscard]] std::size_t logged(std::string_view text) const {
        const auto log = own_log();
        std::size_t count = 0;
        for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1))
            ++count;
        return count;
    }

    ipc::VenueReply admin(const std::string& command, const std::string& arguments = "{}") {
        if (admin_ == nullptr) {
            admin_ = std::make_unique<RawClient>(socket());
            admin_->hello("");
            REQUIRE(admin_->reply().has_value());
        }
        ipc::VenueRequest request;
        request.kind = ipc::VenueRequestKind::admin;
        request.command = command;
        request.arguments = arguments;
        admin_->say(request);
        const auto reply = admin_->reply();
        REQUIRE(reply.has_value());
        return *reply;
    }
    void personality(const std::string& toml) {
        std::string text;
        for (const char c : toml) {
            if (c == '"')
                text += "\\\"";
            else if (c == '\n')
                text += "\\n";
            else
                text += c;
        }
        const auto reply = admin("personality", "{\"toml\":\"" + text + "\"}");
        REQUIRE_MESSAGE(reply.ok, reply.text);
    }

  private:
    bool exited() {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_)
            return false;
        pid_ = -1;
        return true;
    }

    TemporaryHome home_;
    std::string personality_;
    pid_t pid_ = -1;
    std::unique_ptr<RawClient> admin_;
};

}  // namespace bullpen::test
