// bullpen-worker as a process: started by hand or as the daemon starts it, watched and killed.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/roster.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/codec.hpp"
#include "ipc/router.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

class WorkerProcess {
  public:
    // `lock_fd` becomes descriptor 3; both outputs go to `stdio`. A lock that names nobody yet is
    // `named` by its process, which leads a session of its own, as a launcher does it.
    WorkerProcess(std::vector<std::string> words,
                  const std::map<std::string, std::string>& environment, const std::string& stdio,
                  int lock_fd = -1, bool named = false) {
        words.insert(words.begin(), program("bullpen-worker"));
        std::vector<std::string> variables;
        for (const auto& [name, value] : environment)
            variables.push_back(name + "=" + value);
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        std::vector<char*> envp;
        for (auto& variable : variables)
            envp.push_back(variable.data());
        envp.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ != 0)
            return;
        const int output = ::open(stdio.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(output, 1);
        ::dup2(output, 2);
        if (lock_fd == 3)
            ::fcntl(3, F_SETFD, 0);
        else if (lock_fd >= 0)
            ::dup2(lock_fd, 3);
        if (named) {
            ::setsid();
            (void)ipc::write_pid_async_signal_safe(3, ::getpid());
        }
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;
    ~WorkerProcess() {
        if (!status_) {
            send(SIGKILL);
            (void)wait();
        }
    }

    [[nodiscard]] pid_t pid() const { return pid_; }
    void send(int signal) const { ::kill(pid_, signal); }
    // The wait status; waits for the end.
    int wait() {
        if (!status_) {
            if (!wait_for_exit(pid_))
                ::kill(pid_, SIGKILL);
            int status = 0;
            ::waitpid(pid_, &status, 0);
            status_ = status;
        }
        return *status_;
    }
    int exit_code() {
        const int status = wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    [[nodiscard]] bool ended() const { return wait_for_exit(pid_, std::chrono::milliseconds(0)); }

  private:
    pid_t pid_ = -1;
    std::optional<int> status_;
};

inline std::vector<std::string> by_hand(const TemporaryHome& home, const std::string& account) {
    return {"run", "--home", home.path(), "--account", account};
}

// The daemon's side of one worker's lease, played by a test: holds the lock until the worker has
// it, listens, and answers hellos when asked to.
class PlayedDaemon {
  public:
    PlayedDaemon(const TemporaryHome& home, std::string_view account)
        : home_(home.home()), account_(account_id(account)) {
        (void)make_directories(home_.run(), 0700);
        (void)make_directories(home_.locks(), 0700);
        token_ = LaunchToken{LaunchNumber{17}, Nonce({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})};
        listen();
    }

    void listen() {
        router_.emplace(ipc::LeaseRouter::bind(context_, home_.lease_socket()).value());
    }
    void vanish() { router_.reset(); }

    // `more`: of the worker's environment.
    [[nodiscard]] std::unique_ptr<WorkerProcess> launch(
        std::map<std::string, std::string> more = {}) {
        auto facts = ipc::facts_of_this_process(clock_);
        facts.pid = 0;
        facts.start_time = 0;
        auto lock = ipc::AccountLock::acquire(home_.account(account_).lock, facts);
        more.merge(std::map<std::string, std::string>{
            {"BULLPEN_ACCOUNT", account_.str()},
            {"BULLPEN_HOME", home_.root()},
            {"BULLPEN_LAUNCH", token_.str()},
            {"BULLPEN_ENDPOINT", "ipc://" + home_.lease_socket()},
            {"LANG", "C.UTF-8"}});
        return std::make_unique<WorkerProcess>(std::vector<std::string>{"run"}, std::move(more),
                                               home_.root() + "/stdio", lock.value().fd(), true);
    }

    // The next message for which `wanted` holds; hellos on the way are answered. None when the
    // deadline passed.
    std::optional<ipc::Message> next(const std::function<bool(const ipc::Message&)>& wanted,
                                     std::chrono::milliseconds deadline = k_deadline) {
        const auto until = std::chrono::steady_clock::now() + deadline;
        for (;;) {
            while (auto received = router_->receive()) {
                peer_ = received->routing_id;
                auto message = ipc::decode(received->body);
                if (!message)
                    return std::nullopt;
                if (std::holds_alternative<ipc::Hello>(*message) && answer_hello)
                    send(welcome());
                if (wanted(*message))
                    return std::move(*message);
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now());
            if (left.count() <= 0)
                return std::nullopt;
            if (!router_->pending())
                (void)wait_readable(router_->fd(), std::min(left, std::chrono::milliseconds(500)));
        }
    }
    template <class Wanted>
    std::optional<Wanted> next() {
        auto message =
            next([](const ipc::Message& m) { return std::holds_alternative<Wanted>(m); });
        if (!message)
            return std::nullopt;
        return std::get<Wanted>(std::move(*message));
    }
    // The next beat with this mode's reason.
    std::optional<ipc::Heartbeat> beat_with(std::string_view reason) {
        auto message = next([&](const ipc::Message& m) {
            const auto* beat = std::get_if<ipc::Heartbeat>(&m);
            // Pings keep coming, as a daemon's would.
            if (beat != nullptr)
                ping();
            return beat != nullptr && beat->reason == reason;
        });
        if (!message)
            return std::nullopt;
        return std::get<ipc::Heartbeat>(std::move(*message));
    }

    void send(const ipc::Message& message) { (void)router_->send(peer_, ipc::encode(message)); }
    void ping() {
        ipc::Ping message;
        message.seq = ++pings_;
        message.utc = clock_.utc() + clock_ahead;
        message.market = market;
        send(message);
    }
    [[nodiscard]] ipc::Welcome welcome() const {
        ipc::Welcome message;
        message.fence = Fence{5};
        message.utc = clock_.utc() + clock_ahead;
        message.beat_interval = std::chrono::milliseconds(1000);
        message.market = market;
        if (lease_time)
            message.expires = message.utc + *lease_time;
        return message;
    }
    [[nodiscard]] const std::string& peer() const { return peer_; }
    [[nodiscard]] const LaunchToken& token() const { return token_; }

    bool answer_hello = true;
    Nanos clock_ahead{0};
    ipc::MarketState market;
    std::optional<Nanos> lease_time;

  private:
    Home home_;
    AccountId account_;
    SystemClock clock_;
    LaunchToken token_;
    ipc::Context context_;
    std::optional<ipc::LeaseRouter> router_;
    std::string peer_;
    std::uint64_t pings_ = 0;
};

}  // namespace bullpen::test
