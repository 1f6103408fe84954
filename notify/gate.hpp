// Gate: which alerts are sent, which are only counted. In this order: what nobody wants, what is
// muted, what is like another of a moment ago (its cooldown), what is too much for an hour or a
// day. Nothing is lost silently: what was counted comes out later with one alert that says how
// many. Of what may be sent within an hour and a day, info has half at most, so that it takes
// nobody's place; critical ones have as much again, and none that is info counts against them.
//
// Pure: takes times of the wall clock, because what it knows outlives the process. A clock that was
// set back lengthens no cooldown beyond its own length.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/alerts/mutes.hpp"
#include "common/base/clock.hpp"
#include "notify/alert.hpp"

namespace bullpen::notify {

// Which alerts somebody wants.
struct Wish {
    Severity least = Severity::info;
    std::set<Kind> off;
    friend bool operator==(const Wish&, const Wish&) = default;
};

struct GateRules {
    GateRules();

    Wish home;
    std::map<std::string, Wish, std::less<>> accounts;
    std::array<Nanos, alerts::k_kinds> cooldowns{};  // those of the catalogue at first
    int hourly_max = 30;
    int daily_max = 200;
};

enum class Verdict : std::uint8_t {
    send,
    unwanted,   // by alerts.off or alerts.least
    muted,      // by an operator
    repeated,   // its like was sent a moment ago
    held_back,  // the hour's or the day's number is reached
};
std::string_view code(Verdict verdict);

// What a gate knows; saved and restored as it is.
struct GateState {
    // More keys than these are forgotten, the longest quiet first.
    static constexpr std::size_t k_keys_max = 2000;

    struct Counted {
        UtcTime sent{};             // the last one that was sent
        std::uint64_t more = 0;     // counted since
        UtcTime first{};            // of those
        std::optional<Alert> last;  // of those, told with the number
        friend bool operator==(const Counted&, const Counted&) = default;
    };
    std::map<std::string, Counted, std::less<>> keys;
    std::array<std::deque<UtcTime>, alerts::k_severities> sent;  // within a day
    std::map<Kind, std::uint64_t> held_back;
    UtcTime held_since{};
    friend bool operator==(const GateState&, const GateState&) = default;
};

class Gate {
  public:
    explicit Gate(GateRules rules = {}, GateState state = {})
        : rules_(std::move(rules)), state_(std::move(state)) {}

    void set_rules(GateRules rules) { rules_ = std::move(rules); }
    void set_mutes(std::vector<alerts::Mute> mutes) { mutes_ = std::move(mutes); }
    [[nodiscard]] const std::vector<alerts::Mute>& mutes() const { return mutes_; }

    Verdict offer(const Alert& alert, UtcTime now);
    // What is to be sent now about those that were only counted. Each is sent: it has passed.
    std::vector<Alert> due(UtcTime now);
    // When due() has something to say; nothing while nothing was counted.
    [[nodiscard]] std::optional<UtcTime> next_due(UtcTime now) const;

    [[nodiscard]] const GateState& state() const { return state_; }
    [[nodiscard]] Nanos cooldown(Kind kind) const {
        return rules_.cooldowns.at(static_cast<std::size_t>(kind));
    }
    // What makes two alerts alike.
    static std::string key(const Alert& alert);

  private:
    [[nodiscard]] bool is_wanted(const Alert& alert) const;
    [[nodiscard]] bool is_quiet(const GateState::Counted& counted, Kind kind, UtcTime now) const;
    // Whether one more may be sent now.
    [[nodiscard]] bool has_room(Severity severity, UtcTime now) const;
    // Of one severity and those above it.
    [[nodiscard]] std::size_t sent_within(Nanos span, Severity least, UtcTime now) const;
    [[nodiscard]] bool has_room(Severity severity, Nanos span, std::size_t most, UtcTime now) const;
    void count_sent(Severity severity, UtcTime now);
    void count(GateState::Counted& counted, const Alert& alert, UtcTime now);
    void hold_back(const Alert& alert, UtcTime now);
    void forget_old(UtcTime now);

    GateRules rules_;
    GateState state_;
    std::vector<alerts::Mute> mutes_;
};

}  // namespace bullpen::notify
