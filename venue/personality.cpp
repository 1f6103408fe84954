#include "venue/personality.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/base/errc.hpp"
#include "common/config/document.hpp"
#include "common/model/order.hpp"

namespace bullpen::venue {

namespace {

constexpr std::array<PersonalityKey, k_faults> k_fault_keys{{
    {"drop_before", "the connection breaks before the command is executed"},
    {"drop_after", "the command is executed, then the connection breaks, without an answer"},
    {"lose_answer", "the command is executed and never answered"},
    {"delay_answer", "the answer to a command comes `answer_delay_ms` late"},
    {"garble_answer", "a page of HTML comes in the place of the answer"},
    {"oversize_answer", "the answer is a line beyond the limit"},
    {"black_hole", "from a command on nothing is read or written; the connection stands"},
    {"reject", "a submission is refused"},
    {"reject_later", "a submission is accepted, and rejected `later_ms` after"},
    {"pending", "a submission is accepted and stays pending for ever"},
    {"cancel_loses", "the order fills just before its cancel"},
    {"omit_fill", "an execution is not told, nor the order's change by it"},
    {"duplicate", "an event is told twice"},
    {"reorder", "an event is told after the next one, an answer after its events"},
    {"lose_query", "a query is not answered"},
    {"void_fill", "an execution is taken back `later_ms` after it was told"},
    {"expire_session", "a command or question is not looked at: the session has expired, and ends"},
    {"late_answer", "a submission is answered after its first execution, or its end"},
}};

constexpr std::int64_t k_millis_max = 3'600'000;
constexpr std::int64_t k_number_max = 1'000'000'000;

// One key that is no fault.
struct ScalarKey {
    PersonalityKey key;
    std::optional<std::string> (*set)(PersonalityRules&, const config::Leaf&);
};

std::optional<std::int64_t> whole(const config::Leaf& leaf, std::int64_t min, std::int64_t max) {
    const auto* number = std::get_if<std::int64_t>(&leaf.content);
    if (number == nullptr || *number < min || *number > max)
        return std::nullopt;
    return *number;
}

template <Nanos PersonalityRules::*member, std::int64_t min>
std::optional<std::string> set_millis(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto number = whole(leaf, min, k_millis_max);
    if (!number)
        return "must be a whole number of milliseconds, at most an hour";
    rules.*member = Millis(*number);
    return std::nullopt;
}

template <std::int64_t PersonalityRules::*member, std::int64_t min>
std::optional<std::string> set_number(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto number = whole(leaf, min, k_number_max);
    if (!number)
        return "must be a whole number";
    rules.*member = *number;
    return std::nullopt;
}

template <bool PersonalityRules::*member>
std::optional<std::string> set_switch(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto* yes = std::get_if<bool>(&leaf.content);
    if (yes == nullptr)
        return "must be true or false";
    rules.*member = *yes;
    return std::nullopt;
}

std::optional<std::string> set_seed(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto number = whole(leaf, 0, INT64_MAX);
    if (!number)
        return "must be a whole number";
    rules.seed = static_cast<std::uint64_t>(*number);
    return std::nullopt;
}

std::optional<std::string> set_second(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto* text = std::get_if<std::string>(&leaf.content);
    if (text == nullptr || (*text != "kick" && *text != "refuse"))
        return R"(must be "kick" or "refuse")";
    rules.second_session = *text == "kick" ? SecondSession::kick : SecondSession::refuse;
    return std::nullopt;
}

std::optional<std::string> set_command(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto* text = std::get_if<std::string>(&leaf.content);
    constexpr std::array<std::string_view, 4> k_commands{"", "submit", "cancel", "replace"};
    if (text == nullptr ||
        std::find(k_commands.begin(), k_commands.end(), *text) == k_commands.end())
        return R"(must be "submit", "cancel", "replace" or "")";
    rules.only_command = *text;
    return std::nullopt;
}

std::optional<std::string> set_purpose(PersonalityRules& rules, const config::Leaf& leaf) {
    const auto* text = std::get_if<std::string>(&leaf.content);
    if (text == nullptr || (!text->empty() && !model::purpose_from(*text)))
        return "must be the purpose of an order, or \"\"";
    rules.only_purpose = *text;
    return std::nullopt;
}

std::optional<std::string> set_false_instrument(PersonalityRules& rules, const config::Leaf& leaf) {
    constexpr std::array<std::string_view, 6> k_parts{"",           "symbol",      "tick",
                                                      "tick_value", "point_value", "silent"};
    const auto* text = std::get_if<std::string>(&leaf.content);
    if (text == nullptr || std::find(k_parts.begin(), k_parts.end(), *text) == k_parts.end())
        return R"(must be "symbol", "tick", "tick_value", "point_value", "silent" or "")";
    rules.false_instrument = *text;
    return std::nullopt;
}

using R = PersonalityRules;
constexpr std::array<ScalarKey, 26> k_scalar_keys{{
    {{"seed", "of the chance of all switches"}, set_seed},
    {{"latency_ms", "from the arrival of a command to its execution"}, set_millis<&R::latency, 0>},
    {{"latency_jitter_ms", "up to so much more"}, set_millis<&R::latency_jitter, 0>},
    {{"event_delay_ms", "orders and fills are told so much late"}, set_millis<&R::event_delay, 0>},
    {{"answer_delay_ms", "how late delay_answer is; 30000"}, set_millis<&R::answer_delay, 0>},
    {{"later_ms", "how late reject_later and void_fill are; 50"}, set_millis<&R::later, 0>},
    {{"gather_ms",
      "what becomes of orders is gathered for so long and told in one piece; 0: told at once"},
     set_millis<&R::gather, 0>},
    {{"first_part", "contracts of an order that fill first, the rest at the next step; 0: all"},
     set_number<&R::first_part, 0>},
    {{"rate_max", "commands of an account in a second, more are refused; 0: no limit"},
     set_number<&R::rate_max, 0>},
    {{"sessions_max", "sessions at a time; 1000"}, set_number<&R::sessions_max, 0>},
    {{"second_session", "of an account: `kick` closes the older one, `refuse` the newer one"},
     set_second},
    {{"may_trade", "false: no account may submit; cancels pass"}, set_switch<&R::may_trade>},
    {{"can_replace", "false: orders cannot be changed in place"}, set_switch<&R::can_replace>},
    {{"refuse_passed_stops", "a stop that the market has passed is refused, not executed"},
     set_switch<&R::refuse_passed_stops>},
    {{"exits_only_reduce", "what is no entry never fills beyond what is held"},
     set_switch<&R::exits_only_reduce>},
    {{"mute_feed", "the market's steps are not told, everything else is"},
     set_switch<&R::mute_feed>},
    {{"mute_from_bar",
      "a market's steps from this bar on, counted from 0, are not told; 0: all are"},
     set_number<&R::mute_from_bar, 0>},
    {{"mute_ticks", "in a market of ticks: trades and quotes are not told, the bars' steps are"},
     set_switch<&R::mute_ticks>},
    {{"lose_tick_every", "of a bar's ticks each so many-th is not told; 0: all are"},
     set_number<&R::lose_tick_every, 0>},
    {{"spread_times",
      "in a market of ticks: spreads are so many times as wide from the next bar on"},
     set_number<&R::spread_times, 1>},
    {{"forget_followers",
      "when it is set, every session is told no steps any more until it asks for them anew"},
     set_switch<&R::forget_followers>},
    {{"split_lines", "what is sent arrives in pieces"}, set_switch<&R::split_lines>},
    {{"clock_skew_ms", "added to every time that is told"},
     set_millis<&R::clock_skew, -k_millis_max>},
    {{"only_command", "faults of commands strike this one alone"}, set_command},
    {{"only_purpose", "faults of submissions strike orders of this purpose alone"}, set_purpose},
    {{"false_instrument",
      "what is said falsely of every instrument: `symbol`, `tick`, `tick_value` or `point_value` "
      "(twice what it is); `silent`: nothing is said"},
     set_false_instrument},
}};

std::optional<std::string> set_fault(PersonalityRules& rules, const config::Leaf& leaf) {
    std::string_view name = leaf.name;
    constexpr std::string_view k_times = "_times";
    const bool is_times = name.ends_with(k_times);
    if (is_times)
        name.remove_suffix(k_times.size());
    for (std::size_t i = 0; i < k_faults; ++i) {
        if (k_fault_keys.at(i).name != name)
            continue;
        auto& rule = rules.faults.at(i);
        if (is_times) {
            const auto times = whole(leaf, -1, k_number_max);
            if (!times)
                return "must be a whole number, -1 for no limit";
            rule.times = *times;
            return std::nullopt;
        }
        const auto* whole_number = std::get_if<std::int64_t>(&leaf.content);
        const auto* real = std::get_if<double>(&leaf.content);
        const double chance = real != nullptr           ? *real
                              : whole_number != nullptr ? static_cast<double>(*whole_number)
                                                        : -1.0;
        if (!(chance >= 0.0 && chance <= 1.0))
            return "must be a chance from 0 to 1";
        rule.chance = chance;
        return std::nullopt;
    }
    return "there is no such key";
}

std::optional<std::string> set_key(PersonalityRules& rules, const config::Leaf& leaf) {
    if (!leaf.table.empty())
        return "a personality has no tables";
    for (const auto& scalar : k_scalar_keys) {
        if (scalar.key.name == leaf.name)
            return scalar.set(rules, leaf);
    }
    return set_fault(rules, leaf);
}

// So that each fault has chance of its own, whatever the others do.
constexpr std::uint64_t k_stream_step = 0x9E3779B97F4A7C15ULL;

}  // namespace

std::string_view code(Fault fault) {
    return k_fault_keys.at(static_cast<std::size_t>(fault)).name;
}

std::vector<PersonalityKey> personality_keys() {
    std::vector<PersonalityKey> keys(k_fault_keys.begin(), k_fault_keys.end());
    for (const auto& scalar : k_scalar_keys)
        keys.push_back(scalar.key);
    return keys;
}

Result<void> Personality::change(std::string_view toml) {
    const auto document = config::parse_document(toml);
    if (!document.errors.empty()) {
        const auto& error = document.errors.front();
        return fail(Errc::invalid,
                    "line " + std::to_string(error.place.line) + ": " + error.message);
    }
    auto rules = rules_;
    auto struck = struck_;
    for (const auto& leaf : document.leaves) {
        if (const auto wrong = set_key(rules, leaf)) {
            return fail(Errc::invalid, "line " + std::to_string(leaf.place.line) + ": " +
                                           leaf.path + " " + *wrong);
        }
        // A count that is set is counted from now on.
        for (std::size_t i = 0; i < k_faults; ++i) {
            if (leaf.name == std::string(k_fault_keys.at(i).name) + "_times")
                struck.at(i) = 0;
        }
    }
    const bool seed_changed = rules.seed != rules_.seed;
    if (seed_changed)
        reset(rules);
    rules_ = rules;
    struck_ = struck;
    return {};
}

void Personality::reset(const PersonalityRules& rules) {
    rules_ = rules;
    struck_ = {};
    random_.clear();
    for (std::uint64_t i = 0; i <= k_faults; ++i)
        random_.emplace_back(rules.seed + i * k_stream_step);
}

bool Personality::strikes(Fault fault) {
    const auto index = static_cast<std::size_t>(fault);
    const auto& rule = rules_.faults.at(index);
    if (rule.chance <= 0 || (rule.times >= 0 && struck_.at(index) >= rule.times))
        return false;
    if (!random_.at(index).chance(rule.chance))
        return false;
    ++struck_.at(index);
    return true;
}

bool Personality::strikes(Fault fault, std::string_view command, std::string_view purpose) {
    if (!rules_.only_command.empty() && command != rules_.only_command)
        return false;
    if (!rules_.only_purpose.empty() && purpose != rules_.only_purpose)
        return false;
    return strikes(fault);
}

Nanos Personality::next_latency() {
    if (rules_.latency_jitter <= Nanos{0})
        return rules_.latency;
    return rules_.latency + Nanos(random_.at(k_faults).between(0, rules_.latency_jitter.count()));
}

}  // namespace bullpen::venue
