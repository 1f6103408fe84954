// RulePack: the rules of the firm that an account belongs to, as versioned data: loss floor, daily
// loss, size, time to be flat by, where it may run, how orders are marked. The built-in packs are
// those of etc/rule_packs.toml; HOME/shared/rule_packs.toml replaces them. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/instrument.hpp"
#include "common/model/money.hpp"

namespace bullpen::model {

enum class FloorModel : std::uint8_t {
    none,
    fixed,                // start - allowance, for ever
    end_of_day_trailing,  // follows the highest balance at the end of a trading day
    intraday_trailing,    // follows the highest equity, open profits included
};
std::string_view code(FloorModel model);
std::optional<FloorModel> floor_model_from(std::string_view code);
std::span<const std::string_view> floor_model_codes();

// What the broker's balance of a new account reads.
enum class BalanceFrame : std::uint8_t {
    absolute,  // the nominal size: 50,000
    relative,  // zero
};
std::string_view code(BalanceFrame frame);
std::optional<BalanceFrame> balance_frame_from(std::string_view code);

struct FloorRule {
    FloorModel model = FloorModel::none;
    BalanceFrame frame = BalanceFrame::absolute;
    Money nominal;      // the account's size as it was sold
    Money allowance;    // D
    bool locks = true;  // the floor stops where it reaches start + lock_above
    Money lock_above;   // zero with Topstep
    friend bool operator==(const FloorRule&, const FloorRule&) = default;

    // S: the balance of the account when it was new.
    [[nodiscard]] Money start() const {
        return frame == BalanceFrame::absolute ? nominal : Money{0, nominal.currency};
    }
};

// Lots that may be held once the profit at a day's end has reached `profit`.
struct ScalingStep {
    Money profit;
    std::int32_t lots = 0;
    friend bool operator==(const ScalingStep&, const ScalingStep&) = default;
};

struct RulePack {
    std::string name;     // "topstep_50k"; empty: none is known, and there are no rules to go by
    std::string version;  // of the facts: the day on which they were written down
    std::string title;    // for people
    FloorRule floor;
    std::optional<Money> daily_loss_max;
    std::optional<std::int32_t> lots_max;    // contracts of the big size
    std::vector<ScalingStep> scaling;        // by profit; the first step is at zero
    bool micros_by_ratio = true;             // ten micros are one lot; else each is one
    std::optional<Nanos> flat_by;            // time of day on the market's wall clock
    bool hosting_allowed = true;             // on a server that the trader does not sit at
    bool tag_orders = false;                 // automated orders must be marked
    bool opposite_positions_allowed = true;  // of one owner's accounts in one instrument
    friend bool operator==(const RulePack&, const RulePack&) = default;
};

class RulePacks {
  public:
    explicit RulePacks(std::string revision, std::vector<RulePack> packs);
    // Those of etc/rule_packs.toml.
    static const RulePacks& built_in();

    // Errc::not_found, listing the known names.
    [[nodiscard]] Result<const RulePack*> find(std::string_view name) const;
    [[nodiscard]] std::span<const RulePack> all() const { return packs_; }
    [[nodiscard]] const std::string& revision() const { return revision_; }
    friend bool operator==(const RulePacks&, const RulePacks&) = default;

  private:
    std::string revision_;
    std::vector<RulePack> packs_;
};

// Contracts of `instrument` that may be held under the pack with this profit at the last day's end;
// none without a rule.
std::optional<std::int64_t> contracts_allowed(const RulePack& pack, const Instrument& instrument,
                                              Money day_end_profit);

// What an account must write as `risk.hosting_acknowledged` to run under a pack that forbids
// servers, word for word.
inline constexpr std::string_view k_hosting_acknowledgement =
    "I know that this firm forbids servers, and I run this where I sit";

enum class Hosting : std::uint8_t {
    allowed,
    acknowledged,  // to be logged, with the text, at every start
    refused,       // the account must not trade
};
Hosting hosting(const RulePack& pack, std::string_view acknowledgement);
// The sentence for the log, the audit and the refusal.
std::string hosting_text(const RulePack& pack, Hosting hosting);

}  // namespace bullpen::model
