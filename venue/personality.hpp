// Personality: what the paper exchange does wrong, and how. Each fault of a real broker is one
// switch: a chance, and how often at most. Deterministic: every switch has a stream of chance of
// its own from the seed, so that turning one on changes nothing that another one does.
//
// docs/venue.md lists every key. A personality is read from a TOML file at the start and changed
// by an administrator's message while the venue runs. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/random.hpp"
#include "common/base/result.hpp"
#include "common/model/order.hpp"

namespace bullpen::venue {

// Those of commands look at only_command and only_purpose. A new one comes last: each has chance of
// its own by its place.
enum class Fault : std::uint8_t {
    drop_before,      // the connection breaks before the command is executed
    drop_after,       // the command is executed, and the connection breaks before the answer
    lose_answer,      // the command is executed and never answered
    delay_answer,     // the answer comes answer_delay late
    garble_answer,    // a page of HTML comes in the place of the answer
    oversize_answer,  // the answer is a line beyond any limit
    black_hole,       // from this command on nothing is read or written; the connection stands
    reject,           // a submission is refused
    reject_later,     // a submission is accepted, and rejected `later` after
    pending,          // a submission is accepted and never gets to the market
    cancel_loses,     // the order fills just before the cancel
    omit_fill,        // an execution is not told
    duplicate,        // an event is told twice
    reorder,          // an event is told after the next one, or before the answer
    lose_query,       // a query is not answered
    void_fill,        // an execution is taken back, `later` after it was told
    expire_session,   // a command or question is not looked at: the session has expired, and ends
    late_answer,      // a submission is answered after its first execution, or its end
    count_,
};
inline constexpr std::size_t k_faults = static_cast<std::size_t>(Fault::count_);

std::string_view code(Fault fault);

enum class SecondSession : std::uint8_t {
    kick,    // the newer one wins, the older one is closed for good
    refuse,  // the older one stays
};

struct FaultRule {
    double chance = 0;        // 0 to 1
    std::int64_t times = -1;  // how often at most; -1: no limit
    friend bool operator==(const FaultRule&, const FaultRule&) = default;
};

struct PersonalityRules {
    std::uint64_t seed = 1;
    std::array<FaultRule, k_faults> faults{};
    Nanos latency{0};         // from the arrival of a command to its execution
    Nanos latency_jitter{0};  // up to so much more
    Nanos event_delay{0};     // of orders and fills that are told unasked
    Nanos answer_delay = std::chrono::seconds(30);
    Nanos later = std::chrono::milliseconds(50);  // of reject_later and void_fill
    Nanos gather{0};  // what becomes of orders is told in one piece so often; 0: at once
    std::int64_t first_part = 0;  // contracts of an order that fill first; 0: all at once
    std::int64_t rate_max = 0;    // commands of an account in a second; 0: no limit
    std::int64_t sessions_max = 1000;
    SecondSession second_session = SecondSession::kick;
    bool may_trade = true;
    bool can_replace = true;
    bool refuse_passed_stops = false;
    bool exits_only_reduce = false;
    bool mute_feed = false;            // the market's steps are not told
    std::int64_t mute_from_bar = 0;    // those of this bar and later ones are not told; 0: all are
    bool mute_ticks = false;           // trades and quotes are not told, the bars' steps are
    std::int64_t lose_tick_every = 0;  // so many-th tick of a bar is not told; 0: all are
    std::int64_t spread_times = 1;     // spreads are so many times as wide, from the next bar on
    bool forget_followers = false;     // what sessions follow is forgotten when this is set
    bool split_lines = false;          // what is sent arrives in pieces
    Nanos clock_skew{0};               // added to every time that is told
    std::string only_command;          // submit, cancel or replace; empty: all
    std::string only_purpose;          // of a submission; empty: all
    std::string false_instrument;      // what is said falsely of instruments; empty: nothing
    friend bool operator==(const PersonalityRules&, const PersonalityRules&) = default;
};

class Personality {
  public:
    Personality() { reset({}); }

    // Changes what `toml` names and leaves the rest; nothing when it has an error. Errc::invalid,
    // naming the line.
    Result<void> change(std::string_view toml);
    // All as `rules` say; counts and chance begin anew.
    void reset(const PersonalityRules& rules);

    [[nodiscard]] const PersonalityRules& rules() const { return rules_; }
    // Whether the fault happens now. A yes counts.
    bool strikes(Fault fault);
    // Likewise of a command.
    bool strikes(Fault fault, std::string_view command, std::string_view purpose);
    Nanos next_latency();
    // How often it happened.
    [[nodiscard]] std::int64_t struck(Fault fault) const {
        return struck_.at(static_cast<std::size_t>(fault));
    }

  private:
    PersonalityRules rules_;
    std::vector<SeededRandom> random_;  // one a fault, and one for the latency
    std::array<std::int64_t, k_faults> struck_{};
};

// Every key with its meaning, for the manual and its test.
struct PersonalityKey {
    std::string_view name;
    std::string_view what;
};
std::vector<PersonalityKey> personality_keys();

}  // namespace bullpen::venue
