// A daemon for bullpenctl to talk to: the test's own process, with a home's lock, board and control
// socket, answering each request as the test says.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/home.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/control.hpp"
#include "ipc/status_board.hpp"
#include "tests/support/programs.hpp"

namespace bullpen::test {

// A slot of a worker that runs as the test's own process.
ipc::BoardSlot running_slot(const std::string& account, const std::string& group);
// The same of a process that is gone by now.
ipc::BoardSlot gone_slot(const std::string& account, const std::string& group);
ipc::BoardSlot slot_in(const std::string& account, model::WorkerState state,
                       const std::string& reason);

// The header of a board that this process wrote just now.
ipc::BoardDaemon daemon_of_this_process();
// The header of a board whose daemon is dead.
ipc::BoardDaemon dead_daemon();

// Writes a whole board.
void write_board(const Home& home, const ipc::BoardDaemon& daemon,
                 const std::vector<ipc::BoardSlot>& slots);

class FakeDaemon {
  public:
    using Answer = std::function<std::vector<ipc::Reply>(const ipc::Request& request)>;

    FakeDaemon(const Home& home, const std::vector<ipc::BoardSlot>& slots, Answer answer);
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;
    ~FakeDaemon();

    // The commands asked for so far, in order.
    [[nodiscard]] std::vector<ipc::Request> asked() const;

  private:
    void serve(const Home& home, const Answer& answer);

    ipc::AccountLock lock_;
    std::atomic<bool> ending_{false};
    std::atomic<bool> listening_{false};
    mutable std::mutex guard_;
    std::vector<ipc::Request> asked_;
    std::thread thread_;
};

ipc::Reply verdict(const std::string& account, bool ok, const std::string& code,
                   const std::string& message);
ipc::Reply result(bool ok, const std::string& message = "", const std::string& data = "{}");

// Runs bullpenctl --home HOME with these words.
Outcome bullpenctl(const Home& home, std::vector<std::string> words);

}  // namespace bullpen::test
