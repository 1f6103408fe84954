// Dividing the shared state of the old equity bot among its users: whose is how much of what. Pure.
//
// Quantities are given out, never copied: for every ticker, what the users get and what stays
// unassigned is what there was, exactly. A user's claim is what the broker says the user holds; of
// a user whose holdings are not known, what the user's order files say. A ticker whose claims come
// to another sum than the state's is told, and nothing is divided unless that is accepted; then a
// ticker of which less is claimed leaves the rest unassigned, and one of which more is claimed
// stays unassigned whole, for nobody knows whose it is. What an order file says counts for nothing
// where a newer one of the same user could not be read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "moving/equity_state.hpp"

namespace bullpen::moving {

// What is known of one user. Quantities are net: negative when short.
struct Claimant {
    std::string user;
    std::optional<std::map<std::string, std::int64_t>> holdings;  // none: the broker was not asked
    std::map<std::string, std::int64_t> orders;                   // claims_of() its order files
    std::set<std::string> unsure{};  // what they name, and how much is left cannot be told

    // Nothing for a ticker that is none of the user's.
    [[nodiscard]] std::int64_t claim(const std::string& ticker) const;
    [[nodiscard]] bool knows(const std::string& ticker) const;
    // Whether a claim to it was left out, because nobody knows what is left of it.
    [[nodiscard]] bool is_unsure_of(const std::string& ticker) const {
        return !holdings && unsure.contains(ticker);
    }
    [[nodiscard]] std::string_view source() const { return holdings ? "holdings" : "orders"; }
};

struct Part {
    std::string user;
    std::int64_t quantity = 0;  // shares, as the state counts them; 0 of a record that is closed
    friend bool operator==(const Part&, const Part&) = default;
};

enum class Match : std::uint8_t {
    exact,      // the claims are what there is
    unclaimed,  // nobody claims any: all of it stays unassigned
    short_of,   // less is claimed than there is
    beyond,     // more is claimed than there is
    record      // nothing is held any more: the record goes to the one user who knows the ticker
};
std::string_view word(Match match);

struct Division {
    std::string ticker;
    std::int64_t quantity = 0;
    bool is_short = false;
    Match match = Match::exact;
    std::int64_t claimed = 0;
    std::vector<Part> parts;  // in the order of the users' names
    std::int64_t unassigned = 0;
};

// Whether what is claimed is what there is; of a record there is nothing to claim.
bool matches(const Division& division);

// A ticker that users hold and the shared state does not have.
struct Unknown {
    std::string ticker;
    std::string user;
    std::int64_t quantity = 0;
};

// A ticker of the state that a user's order files name, without saying what is left of it.
struct Unsure {
    std::string ticker;
    std::string user;
};

struct Split {
    std::vector<Division> divisions;  // every ticker of the state
    std::vector<Unknown> unknown;     // what only the broker knows
    std::vector<Unsure> unsure;       // claims that are not counted
    // Whether every sum matches; `unknown` is no matter of sums.
    [[nodiscard]] bool matches() const;
};

// `users` in any order; one name is there once.
Split divide(const EquityState& state, const std::vector<Claimant>& users);

// Errc::corrupt, Errc::invalid. {"asha": [{"tradingsymbol": "INFY", "quantity": 5,
// "t1_quantity": 0}, ...], ...}: lists as the broker's API gives them for holdings and net
// positions, or {"INFY": 5}. A ticker that comes twice is added up within one list.
Result<std::map<std::string, std::map<std::string, std::int64_t>>> parse_holdings(
    std::string_view text);

}  // namespace bullpen::moving
