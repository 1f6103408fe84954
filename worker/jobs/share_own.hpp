// Which shares of an account its own jobs brought, and how the account stands by the broker's word:
// pure. What a person bought in another program is the account's too, but not for its jobs to sell
// when they are told to bring it to rest.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

// Whether an order was sent by a job of the account, or by a stop that one placed.
bool is_own(const ShareRecords& records, const ipc::ShareOrderTold& order);

// An id for the next order of a leg: the first that the broker does not have. An order whose fate
// is not known is so sent again under its own id, which the broker takes once.
model::ClientOrderId unused_id(const ShareWorld& world, std::string_view tag, std::string_view day,
                               const std::string& symbol, std::string_view leg);

// What one of the account's own orders has come to since it was looked at last.
struct OwnFill {
    std::string symbol;
    model::Side side{};
    std::int64_t quantity = 0;
    model::Price average;       // of all that the order has come to
    std::uint64_t trigger = 0;  // of the stop that sent it; 0: a job did
    friend bool operator==(const OwnFill&, const OwnFill&) = default;
};
// Counts what the account's own orders have come to, each share once, less what a person sold of
// it. What is then counted as own is never below nought.
std::vector<OwnFill> count_own(ShareRecords& records, const ShareWorld& world);

// Notes what the account's own orders were bought at, where its own stops stand, and how often they
// have risen. Whether anything of it was not known before.
bool note_prices(ShareRecords& records, const ShareWorld& world);

// How many of a share its triggers protect, by whomever they were placed: all of those together
// that sell when it falls,
// unless that is more than is held. Then it is the largest: once it has fired, another one may be
// for more than is left, and such a one is refused and protects nothing.
std::int64_t covered_by_triggers(const ShareWorld& world, const std::string& symbol);

// How many of a share are for the account's own stops and sales: what may be sold, less what a
// person's stops are for. Theirs are left to them, so that all together sell no more than there is.
// Where a person's own would sell more than that together, and none of them all of it, they cannot
// be relied on, and it is all of it.
std::int64_t beside_person(const StopRecords& stops, const ShareWorld& world,
                           const std::string& symbol);
// "; left to a person's stop: INFY 3"; empty: nothing is.
std::string left_to_person_text(const ShareRecords& records, const ShareWorld& world,
                                const std::set<std::string>& but_for);

// Of what is held for delivery, what own orders brought.
std::int64_t own_quantity(const ShareRecords& records, const ShareWorld& world,
                          const std::string& symbol);

// What own orders brought and nothing protects: "INFY 10". A stop counts, by whomever, for all that
// it would sell; so does a working sale that the market has not left behind.
struct Naked {
    std::string symbol;
    std::int64_t quantity = 0;
    friend bool operator==(const Naked&, const Naked&) = default;
};
std::vector<Naked> naked_of(const ShareRecords& records, const ShareWorld& world);

// What a trading day has brought so far; none: not known.
std::optional<model::Money> profit_of_day(const ShareWorld& world, std::chrono::sys_days day);

struct ShareStanding {
    std::int64_t shares = 0;      // held, all of them; intraday ones by their size
    std::size_t symbols = 0;      // different ones
    std::size_t working = 0;      // orders
    std::size_t own_working = 0;  // of them, what own jobs or their stops sent
    bool flat = false;            // nothing is held that own orders brought, and none of them works
    std::vector<Naked> naked;     // see naked_of()
    std::optional<model::Money> day_pnl;  // of the trading day; none: not known
    bool open = false;                    // the market
    friend bool operator==(const ShareStanding&, const ShareStanding&) = default;
};

// `day`: the market's trading day.
ShareStanding standing_of(const ShareRecords& records, const ShareWorld& world,
                          std::chrono::sys_days day);
// "120 of 3 shares, 1 UNPROTECTED", "flat".
std::string text_of(const ShareStanding& standing);

}  // namespace bullpen::jobs
