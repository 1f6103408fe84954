// ShareLedger: the records of an account of shares, read once and shared by everything in the
// worker that acts on them, and whose turn it is. Whoever looks at the account and sends what
// follows from that has the turn until it knows what came of it: so no two decide by what the other
// is just changing. Those who wait have it in the order in which they asked.
//
// Each look is handed in with see(): what the account's own orders have come to is counted here,
// once each, a stop of its own that the broker placed late is known again, and the newest look is
// kept for whoever tells of the account.
//
// One for each account; one thread; no clock.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "worker/equity/second_look.hpp"
#include "worker/jobs/share_own.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_sync.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

class ShareLedger {
  public:
    // `files` outlives it.
    ShareLedger(storage::FileSystem& files, const AccountPaths& paths, AccountId account)
        : ShareLedger(files, paths.directory, std::move(account)) {}
    // `directory` is the account's.
    ShareLedger(storage::FileSystem& files, const std::string& directory, AccountId account);

    // Reads the records, unless they were read. Where the newest were damaged, those before them
    // count, and are the newest from then on. Errors of load_share_records().
    Result<void> load();
    // Why the newest records do not count, once; empty: they do.
    [[nodiscard]] std::string take_trouble() { return std::exchange(trouble_, {}); }
    // After load().
    [[nodiscard]] ShareRecords& records() { return records_; }
    [[nodiscard]] const ShareRecords& records() const { return records_; }
    // On disk when it returns.
    Result<void> keep();

    // Whether `who` has the turn; if not, it waits for it.
    bool enter(const void* who);
    // Gives up the turn, or the wait for it.
    void leave(const void* who);
    [[nodiscard]] bool has_turn(const void* who) const { return holder_ == who; }

    // Which of its prices are believed; those that are not are named in it. To be done with each
    // look before anything follows from it.
    void judge_prices(ShareWorld& world, int band);
    // Of a share; it stays where it is.
    [[nodiscard]] equity::SecondLook& prices_of(const std::string& symbol) {
        return prices_[symbol];
    }
    // What the broker has, as it was asked for at `now`.
    void see(const ShareWorld& world, MonoTime now);
    struct Seen {
        ShareWorld world;
        MonoTime at{};
    };
    // None before the first look.
    [[nodiscard]] const std::optional<Seen>& seen() const { return seen_; }
    // What own orders have come to since this was asked last.
    [[nodiscard]] std::vector<OwnFill> take_fills() { return std::exchange(fills_, {}); }
    // What sync found that no order of the account's own has brought about.
    void tell(std::vector<NotOurs> found) {
        if (not_ours_.size() < k_not_ours_max)
            not_ours_.insert(not_ours_.end(), found.begin(), found.end());
    }
    // Since this was asked last.
    [[nodiscard]] std::vector<NotOurs> take_not_ours() { return std::exchange(not_ours_, {}); }

  private:
    static constexpr std::size_t k_not_ours_max = 1000;
    static constexpr std::ptrdiff_t k_fills_max = 1000;  // that nobody asks for; the oldest go
    void adopt_late(const ShareWorld& world);

    storage::FileSystem& files_;
    std::string path_;
    AccountId account_;
    ShareRecords records_;
    bool loaded_ = false;
    std::string trouble_;
    const void* holder_ = nullptr;
    std::deque<const void*> waiting_;
    std::optional<Seen> seen_;
    std::map<std::string, equity::SecondLook> prices_;  // by symbol
    std::vector<OwnFill> fills_;
    std::vector<NotOurs> not_ours_;
};

}  // namespace bullpen::jobs
