// ShareRecords: what the jobs of an account of shares must not forget: what they mean to order,
// before it is sent, and which stops at the broker are theirs. One file of the account, replaced as
// a whole and on disk before anything is sent.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/model/order.hpp"
#include "common/storage/file_system.hpp"
#include "worker/jobs/kept_records.hpp"
#include "worker/jobs/order_plan.hpp"
#include "worker/jobs/stop_plan.hpp"

namespace bullpen::jobs {

// What became of an order that is meant.
enum class MeantState : std::uint8_t {
    planned,   // nothing was sent
    sent,      // it may be at the broker
    rejected,  // the broker said no
    over,      // it is done with
};
std::string_view code(MeantState state);
std::optional<MeantState> meant_state_from(std::string_view code);

struct MeantOrder {
    std::string day;  // the trading day: "2026-11-20"
    int rank = 0;     // within its plan
    Signal signal;
    std::int64_t quantity = 0;
    model::Price limit;
    MeantState state = MeantState::planned;
    UtcTime sent{};  // by the market
    // Of it, as the broker last said; none: an earlier program did not note it.
    std::optional<std::int64_t> filled = 0;
    model::Price last{};    // of the share, when the order was planned; nought: it was not noted
    model::Price paid{};    // on average, of what has filled; nought: it is not known
    int stop_refusals = 0;  // how often the broker refused its stop
    int closings = 0;       // how often it was to be closed for that
    std::string note;       // for people
    friend bool operator==(const MeantOrder&, const MeantOrder&) = default;
};

// Which file was planned from, so that it is not twice, and what else was true then.
struct PlannedFrom {
    static constexpr std::size_t k_bad_rows_max = 50;

    std::string day;
    std::string file;
    std::string checksum;
    UtcTime at{};        // by the market
    UtcTime modified{};  // the file, by the host; nought: an earlier program did not note it
    model::Money available{0, model::k_inr};
    std::vector<std::pair<std::string, std::string>> skipped{};  // symbols, and why
    std::vector<std::string> bad_rows{};                         // the first of them
    friend bool operator==(const PlannedFrom&, const PlannedFrom&) = default;
};

// A position as the account's records have it.
struct KnownPosition {
    std::int64_t quantity = 0;
    bool manual = false;                  // not what the account's own orders come to
    std::optional<UtcTime> absent_since;  // by the market: the broker denies it
    // What the account's own orders of a day had come to when it was looked at last.
    std::string own_day;
    std::int64_t own = 0;
    friend bool operator==(const KnownPosition&, const KnownPosition&) = default;
};

// The loss of a day that lets nothing more be bought on it; see day_loss.hpp.
struct LossReached {
    std::string day;
    UtcTime at{};  // by the market
    model::Money loss{0, model::k_inr};
    model::Money limit{0, model::k_inr};
    friend bool operator==(const LossReached&, const LossReached&) = default;
};

// How often stops of the account's own have risen on a day.
struct StopsRaised {
    std::string day;
    std::int64_t count = 0;
    friend bool operator==(const StopsRaised&, const StopsRaised&) = default;
};

struct ShareRecords {
    std::map<std::string, MeantOrder> orders;  // by client order id
    std::map<std::string, StopRecords> stops;  // by symbol
    std::map<std::string, KnownPosition> positions;
    // What own orders have come to, by symbol, and how much of which order is counted in that; see
    // count_own().
    std::map<std::string, std::int64_t> own;
    std::map<std::uint64_t, std::int64_t> counted;
    // When own orders last sold of a share, by the market; for as long as a cooldown may be.
    std::map<std::string, UtcTime> sold;
    static constexpr std::chrono::days k_sold_kept{30};
    std::optional<PlannedFrom> planned;
    std::optional<LossReached> loss;
    StopsRaised raised;
    friend bool operator==(const ShareRecords&, const ShareRecords&) = default;
};

// The same words always give the same id, so that nothing that was sent is sent under another one.
// `tag` is of the account; `leg` tells what it is for.
model::ClientOrderId share_order_id(std::string_view tag, std::string_view day,
                                    std::string_view symbol, std::string_view leg);

std::string encode(const ShareRecords& records, const AccountId& account);
// Errc::corrupt, Errc::wrong_account, Errc::newer_version.
Result<ShareRecords> decode_share_records(std::string_view text, const AccountId& account);

std::string share_records_path(const std::string& account_directory);
// See load_kept().
Result<Kept<ShareRecords>> load_share_records(storage::FileSystem& files, const std::string& path,
                                              const AccountId& account);
// On disk when it returns.
Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const ShareRecords& records);

}  // namespace bullpen::jobs
