#include "moving/split.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "moving/json_impl.hpp"

namespace bullpen::moving {

namespace {

constexpr std::int64_t k_quantity_max = 1'000'000'000'000;

// A claim on the state's side of the market; one on the other side is none.
std::int64_t on_side(std::int64_t net, bool is_short) {
    const auto quantity = is_short ? -net : net;
    return std::clamp<std::int64_t>(quantity, 0, k_quantity_max);
}

void give_record(Division& division, const std::vector<const Claimant*>& users) {
    division.match = Match::record;
    bool sure = true;
    for (const auto* user : users) {
        if (user->knows(division.ticker))
            division.parts.push_back({user->user, 0});
        sure = sure && !user->is_unsure_of(division.ticker);
    }
    // A record of two users is nobody's: it is not copied.
    if (division.parts.size() != 1 || !sure)
        division.parts.clear();
}

void give_out(Division& division, const std::vector<const Claimant*>& users) {
    for (const auto* user : users) {
        const auto claim = on_side(user->claim(division.ticker), division.is_short);
        if (claim == 0)
            continue;
        division.parts.push_back({user->user, claim});
        division.claimed += claim;
    }
    if (division.claimed > division.quantity) {
        division.match = Match::beyond;
        division.parts.clear();
        division.unassigned = division.quantity;
        return;
    }
    division.unassigned = division.quantity - division.claimed;
    division.match = division.claimed == 0     ? Match::unclaimed
                     : division.unassigned > 0 ? Match::short_of
                                               : Match::exact;
}

Result<std::int64_t> quantity_in(const Json& row) {
    std::int64_t sum = 0;
    for (const auto* name : {"quantity", "t1_quantity"}) {
        const auto& value = member(row, name);
        const auto quantity = whole_of(value);
        if (!quantity && !value.is_null())
            return fail(Errc::invalid,
                        std::string(name) + ", '" + shown(value) + "', is no whole number");
        sum += quantity.value_or(0);
    }
    return sum;
}

Result<std::map<std::string, std::int64_t>> holdings_of(const Json& list) {
    std::map<std::string, std::int64_t> held;
    if (list.is_object()) {
        for (const auto& [ticker, value] : list.items()) {
            const auto quantity = whole_of(value);
            if (!quantity)
                return fail(Errc::invalid, ticker + " has no whole number");
            held[ticker] = *quantity;
        }
        return held;
    }
    if (!list.is_array())
        return fail(Errc::invalid, "it is neither a list nor an object of quantities");
    for (const auto& row : list) {
        const auto ticker = text_of(row, "tradingsymbol");
        if (ticker.empty())
            return fail(Errc::invalid, "a row has no tradingsymbol");
        BULLPEN_TRY(const auto quantity, quantity_in(row));
        held[ticker] = std::clamp(held[ticker] + quantity, -k_quantity_max, k_quantity_max);
    }
    return held;
}

}  // namespace

std::int64_t Claimant::claim(const std::string& ticker) const {
    const auto& known = holdings ? *holdings : orders;
    const auto found = known.find(ticker);
    return found == known.end() ? 0 : found->second;
}

bool Claimant::knows(const std::string& ticker) const {
    return orders.contains(ticker) || unsure.contains(ticker) ||
           (holdings && holdings->contains(ticker));
}

std::string_view word(Match match) {
    switch (match) {
        case Match::exact: return "exact";
        case Match::unclaimed: return "unclaimed";
        case Match::short_of: return "short_of";
        case Match::beyond: return "beyond";
        case Match::record: return "record";
    }
    return "";
}

bool matches(const Division& division) {
    return division.match == Match::exact || division.match == Match::record;
}

bool Split::matches() const {
    return std::all_of(divisions.begin(), divisions.end(),
                       [](const Division& one) { return moving::matches(one); });
}

Split divide(const EquityState& state, const std::vector<Claimant>& users) {
    std::vector<const Claimant*> sorted;
    for (const auto& user : users)
        sorted.push_back(&user);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->user < b->user; });
    Split split;
    for (const auto& [ticker, position] : state.positions) {
        Division division;
        division.ticker = ticker;
        division.is_short = position.is_short;
        if (position.closed) {
            give_record(division, sorted);
        } else {
            division.quantity = position.quantity;
            give_out(division, sorted);
        }
        split.divisions.push_back(std::move(division));
    }
    for (const auto& division : split.divisions) {
        for (const auto* user : sorted) {
            if (user->is_unsure_of(division.ticker))
                split.unsure.push_back({division.ticker, user->user});
        }
    }
    for (const auto* user : sorted) {
        for (const auto& [ticker, quantity] : user->holdings ? *user->holdings : user->orders) {
            const auto known = state.positions.find(ticker);
            if (quantity != 0 && (known == state.positions.end() || known->second.closed))
                split.unknown.push_back({ticker, user->user, quantity});
        }
    }
    return split;
}

Result<std::map<std::string, std::map<std::string, std::int64_t>>> parse_holdings(
    std::string_view text) {
    BULLPEN_TRY(const Json value, parse_json(text));
    if (!value.is_object())
        return fail(Errc::invalid, "it is no JSON object of users");
    std::map<std::string, std::map<std::string, std::int64_t>> all;
    for (const auto& [user, list] : value.items()) {
        auto held = holdings_of(list);
        if (!held)
            return fail(held.error().wrap(user));
        all.emplace(user, std::move(*held));
    }
    return all;
}

}  // namespace bullpen::moving
