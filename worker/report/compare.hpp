// compare(): how two runs over the same bars differ, trade by trade, and what each difference
// costs. The amounts of all differences add up to the difference of the two nets, to the millionth.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/report/run_record.hpp"

namespace bullpen::report {

// How a trade of the one run differs from the same trade of the other.
enum class Difference : std::uint8_t {
    opened,  // the time of the first entry
    closed,  // the time of the last exit
    size,    // contracts
    entry,   // mean price in
    exit,    // mean price out
    fees,
    reason,  // of the exit
    count_
};
std::string_view code(Difference difference);

struct Differing {
    Difference what{};
    std::string left;
    std::string right;
    model::Money amount;  // by which the left run is better for it; zero for times and reasons
};

// Trades that are in both runs, with what differs; or in one of them only.
struct Pair {
    std::optional<std::size_t> left;  // places in the trades of each run
    std::optional<std::size_t> right;
    std::vector<Differing> differing;  // empty: equal
    model::Money amount;               // net of the left less net of the right
    std::string note;                  // why, where somebody knows
    [[nodiscard]] bool both() const { return left && right; }
    [[nodiscard]] bool equal() const { return both() && differing.empty(); }
};

struct Comparison {
    std::vector<Pair> pairs;         // by the time at which they opened
    std::vector<std::string> notes;  // what holds of the whole, a sentence each
    std::uint64_t equal = 0;
    std::uint64_t differing = 0;
    std::uint64_t left_only = 0;
    std::uint64_t right_only = 0;
    model::Money left_net;
    model::Money right_net;
    // What the difference of the nets is made of.
    model::Money by_size;
    model::Money by_entry;
    model::Money by_exit;
    model::Money by_fees;
    model::Money by_left_only;   // net of the trades that only the left run has
    model::Money by_right_only;  // what the left run lacks: less the net of those it has not
    [[nodiscard]] bool same() const { return differing + left_only + right_only == 0; }
    [[nodiscard]] model::Money total() const { return left_net - right_net; }
};

// Trades are the same when they are of one instrument and direction and were decided on the same
// bar; those without such a bar, and those that found no partner, when they overlap in time.
Comparison compare(const RunRecord& left, const RunRecord& right);

// For people: what differs, and the sum. `left_name`: "paper", `right_name`: "backtest".
std::string comparison_text(const Comparison& comparison, const RunRecord& left,
                            const RunRecord& right, std::string_view left_name,
                            std::string_view right_name);
// One object; docs/json.md has the keys.
std::string comparison_json(const Comparison& comparison, const RunRecord& left,
                            const RunRecord& right, std::string_view left_name,
                            std::string_view right_name);

}  // namespace bullpen::report
