// What jobs may do, as types: a job is made with the context of its role and has no other way to
// anything. What a context does not offer, a job of that role cannot do. There is no context with
// everything in it, and no way from one to another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/job_settings.hpp"
#include "common/storage/file_system.hpp"
#include "worker/broker/shares.hpp"
#include "worker/jobs/day_loss.hpp"
#include "worker/jobs/inbox.hpp"

namespace bullpen::jobs {

// An account as it is when its job runs.
struct AccountFacts {
    std::string account;
    std::string label;
    std::string trading_day;         // of its market: "2026-11-20"; empty: none has begun
    std::string trading_day_before;  // the one before that
    UtcTime day_opens{};             // when the market opens on the trading day,
    UtcTime day_closes{};            // and shuts; neither is known: nought
    UtcTime day_before_closed{};     // when it shut on the day before; not known: nought
    std::string candles_from;        // shares whose candles end before this day are stale
    UtcTime market_time{};
    std::string mode;
    std::string mode_reason;
    std::string position;                  // for people
    std::optional<std::int64_t> quantity;  // none: not known
    std::string day_pnl;                   // decimal; empty: not known
    std::string currency;
    std::vector<std::pair<std::string, std::int64_t>> counters;
    std::string last_error;
    LossRules loss{};  // of an account of shares
};

class ShareLedger;

// Where a job writes and keeps records. Not among them is the inbox, which is read by its own type.
class JobPaths {
  public:
    // As it is, of the account's, which outlive it.
    JobPaths(const AccountPaths& all)  // NOLINT(google-explicit-constructor)
        : directory(all.directory), orders(all.orders), reports(all.reports), all_(all) {}

    const std::string& directory;
    const std::string& orders;
    const std::string& reports;

  private:
    friend struct PlacementRole;
    const AccountPaths& all_;
};

// What every role has: the account, its settings and its own files.
struct JobGrounds {
    const AccountFacts& facts;
    JobPaths paths;
    const config::JobsSettings& settings;
    storage::FileSystem& files;
    bool dry_run = false;
    // Of an account of shares, and its alone: shared by its jobs. Without one a job has its own.
    ShareLedger* ledger = nullptr;
    std::string candles = {};  // the directory of daily candles, which jobs only read
};

// Reads market data, and writes reports. It has no broker at all.
struct SignalsRole : JobGrounds {};

// Reads the account and keeps its records. It orders nothing.
struct StateRole : JobGrounds {
    broker::ShareReader* shares = nullptr;  // of an account that trades shares
};

// Opens positions, and protects what it opened.
struct PlacementRole : JobGrounds {
    broker::ShareReader& shares;
    broker::ShareBuyer& buyer;
    broker::ShareProtector& protector;
    std::string tag;  // what its order ids begin with
    // Of the account: where the signal files are.
    Inbox inbox{files, paths.all_.inbox};
};

// Places, moves and takes stops, and closes. It cannot open.
struct ProtectionRole : JobGrounds {
    broker::ShareReader& shares;
    broker::ShareProtector& protector;
    std::string tag;  // what its order ids begin with
};

}  // namespace bullpen::jobs
