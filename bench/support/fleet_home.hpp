// A home of N accounts that run one command, and its daemon: what most benches measure. All of it
// goes when the object does.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "ipc/status_board.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::bench {

class FleetHome {
  public:
    // `toml` is what every account inherits ([defaults]): its command and what else the bench sets.
    // `own` stands in every account's file: what cannot be inherited.
    FleetHome(int accounts, const std::string& toml, const std::string& own = {});
    FleetHome(const FleetHome&) = delete;
    FleetHome& operator=(const FleetHome&) = delete;
    // Stops the daemon in order, with its workers.
    ~FleetHome();

    [[nodiscard]] const Home& home() const { return home_.home(); }
    // A file beside the home, for stamps and output.
    [[nodiscard]] std::string file(const std::string& name) const { return directory_.file(name); }
    [[nodiscard]] pid_t daemon() const { return daemon_; }

    // Starts bullpend; the time just before. Does not wait for anything.
    std::int64_t start_daemon();
    // SIGTERM, and waits until it has ended and with it every worker.
    void stop_daemon();
    // SIGKILL; the workers stay.
    void kill_daemon();

    // Waits until `condition` holds for every account on the board of the running daemon; ends the
    // program when the deadline passes.
    void wait_for_all(const std::function<bool(const ipc::BoardSlot&)>& condition,
                      const std::string& what);
    void wait_until_running();
    [[nodiscard]] ipc::Board board() const;

    // Runs bullpenctl to its end, its output into a file; its exit code.
    [[nodiscard]] int ctl(const std::vector<std::string>& arguments) const;

  private:
    // By what every worker of the home was started with: a daemon that died early has told nobody
    // of its workers.
    void kill_leftovers() const;

    test::TemporaryDirectory directory_;
    test::TemporaryHome home_;
    int accounts_;
    pid_t daemon_ = -1;
};

// [defaults] for `bullpen-puppet stamp FILE`.
std::string stamping(const std::string& file);
// What an account's file says so that its process may write this one, which is outside the home.
std::string reaching(const std::string& file);
// The path of a built program; ends the program when it is not there.
std::string built(const std::string& program);

}  // namespace bullpen::bench
