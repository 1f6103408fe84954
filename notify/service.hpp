// Service: bullpen-notify at work. It reads what the home's processes write anyway, lets the gate
// decide, and brings what passes to the targets; nothing is decided here, and nobody waits for it.
//
// Files of its own, in HOME/alerts: `state` (see saved.hpp), `history.log` (what was sent, to whom,
// with which answer), and `mutes.json`, which bullpenctl writes. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/log/logger.hpp"
#include "common/storage/file_system.hpp"
#include "ipc/service_lease.hpp"
#include "notify/board_watch.hpp"
#include "notify/gate.hpp"
#include "notify/outbox.hpp"
#include "notify/post.hpp"
#include "notify/reading.hpp"
#include "notify/rules.hpp"
#include "notify/saved.hpp"
#include "notify/tail.hpp"

namespace bullpen::notify {

// Where its files are.
struct Places {
    explicit Places(const Home& home);

    std::string directory;  // HOME/alerts
    std::string state;
    std::string history;
    std::string mutes;
    std::string secrets;  // HOME/secrets/alerts
    std::string lock;     // run/notify.lock
    std::string log;      // services/bullpen-notify/logs/notify.log
};

// The settings that are in force, and those of all accounts; without a daemon those of the files.
struct InForce {
    config::HomeAlertSettings alerts;
    std::string home;  // its name, for people
    Accounts accounts;

    friend bool operator==(const InForce&, const InForce&) = default;
};
Result<InForce> settings_in_force(const Home& home);
PostSettings post_settings(const InForce& in_force, const Home& home);

class Service {
  public:
    // How often logs, board, settings and mutes are looked at.
    static constexpr Nanos k_look_interval = std::chrono::milliseconds(500);
    // Of all logs in one turn; what is more comes in the next.
    static constexpr std::size_t k_turn_bytes_max = 4 * 1024 * 1024;
    // A change of what is saved is written at most so often, unless something is sent.
    static constexpr Nanos k_save_interval = std::chrono::seconds(5);

    // At its end it goes on for so long at most.
    static constexpr Nanos k_last_words_max = std::chrono::seconds(3);

    // All outlive it. `history` gets a line for whatever became of an alert.
    Service(const Home& home, const Clock& clock, storage::FileSystem& files, log::Logger& log,
            log::Logger& history);

    // Until `stop` is readable. `lease` is null when it was started by hand.
    void run(int stop, ipc::ServiceLease* lease);
    // What stands in the way of alerts now, for a beat; empty when nothing does.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    struct Followed {
        Source source{};
        std::string account;
        LogTail tail;
    };

    void look(Instant now);
    void end();
    void read_settings(bool first);
    void follow_accounts();
    void follow(const std::string& path, Source source, const std::string& account);
    void read_mutes();
    // Whether all there was has been read.
    bool read_logs(Instant now);
    void remember(const Followed& from, std::string_view text);
    void take_line(const Followed& from, std::string_view text, Instant now);
    void offer(Alert alert, Instant now);
    void enqueue(const Alert& alert, Instant now);
    void tell_lost(Instant now);
    void send(Instant now);
    void take_outcomes(Instant now);
    void note(std::string_view event, const Delivery& delivery, const std::string& said);
    void note_gone(const std::vector<Delivery>& gone, const std::string& why);
    // Durable when it returns true.
    bool save(MonoTime now);
    [[nodiscard]] MonoTime next_turn(Instant now, const ipc::ServiceLease* lease) const;

    const Home& home_;
    const Clock& clock_;
    storage::FileSystem& files_;
    log::Logger& log_;
    log::Logger& history_;
    Places places_;
    LogTail::Begin begin_;
    InForce in_force_;
    std::string settings_stamp_;
    std::string mutes_stamp_;
    std::map<std::string, Cursor> cursors_;  // of logs that were not opened yet
    std::map<std::string, Followed> followed_;
    Reading reading_;
    Gate gate_;
    BoardWatch board_;
    Outbox outbox_;
    Post post_;
    std::map<std::uint64_t, Delivery> under_way_;
    std::string trouble_;
    MonoTime next_look_{};
    MonoTime saved_at_{};
    bool changed_ = false;    // since it was saved
    bool must_save_ = false;  // before anything is sent
    bool more_ = false;       // of the logs
};

}  // namespace bullpen::notify
