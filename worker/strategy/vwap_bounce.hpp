// VwapBounce: buys when the price comes back from the lower entry band of the VWAP, sells short
// when it comes back from the upper one, and takes its profit at the exit band of the other side.
// docs/strategy.md has every rule with its setting.
//
// Rules are written once, for both directions: prices are compared as seen from the position.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/strategy/adaptive.hpp"
#include "worker/strategy/management.hpp"
#include "worker/strategy/recent_market.hpp"
#include "worker/strategy/rules.hpp"
#include "worker/strategy/spread.hpp"
#include "worker/strategy/strategy.hpp"

namespace bullpen::strategy {

class VwapBounce final : public Strategy {
  public:
    // Errc::invalid as of Rules::make().
    static Result<std::unique_ptr<Strategy>> make(const config::StrategySettings& settings,
                                                  const model::Instrument& instrument);
    VwapBounce(Rules rules, bool admits_negative);

    [[nodiscard]] indicators::IndicatorSettings indicator_settings() const override;
    void on_bar(const BarView& view, const Facts& facts, Decisions& decisions) override;
    void on_price(const PriceView& view, const Facts& facts, Decisions& decisions) override;
    void on_quote(const Quote& quote, const Facts& facts) override;

    [[nodiscard]] std::string save() const override;
    Result<void> restore(std::string_view saved) override;
    void add_to(indicators::RunHash* hash) const override;
    [[nodiscard]] std::vector<Detail> describe() const override;

    [[nodiscard]] const Management& management() const { return state_.management; }
    [[nodiscard]] const SpreadAnalyser& spreads() const { return state_.spreads; }

  private:
    struct State {
        State(const Rules& rules, bool admits_negative);

        Management management;
        RecentMarket market;
        SpreadAnalyser spreads;
        ExitLearning learning;
        std::int64_t closed_seen = 0;  // PositionFacts::closed of the last call
    };
    // One price to judge a position by.
    struct Look {
        model::Price price;            // a bar's close, or a trade
        model::Price reached;          // the best price that was surely traded since the entry
        std::int64_t profit = 0;       // ticks at `price`
        std::int64_t minute = 0;       // since 1970
        const BarView* bar = nullptr;  // none between two bars
    };
    template <class Self, class Visitor>
    static void visit(Self& state, Visitor& visitor);

    // entry_rules.cpp
    void look_for_entry(const BarView& view, const Facts& facts, Decisions& decisions);
    [[nodiscard]] std::optional<Gate> shut_gate(const BarView& view, const Facts& facts) const;
    // Of a session that allows no entry.
    [[nodiscard]] static Gate session_gate(const SessionFacts& session);
    [[nodiscard]] bool warm(const indicators::IndicatorValues& values) const;
    // Whether the bar before reached an entry band, on either side; most did not.
    [[nodiscard]] bool touched(const BarView& view) const;
    [[nodiscard]] std::optional<Gate> refuses(model::Side side, const BarView& view) const;
    [[nodiscard]] std::optional<Gate> filter_refuses(model::Side side, const BarView& view) const;
    [[nodiscard]] std::optional<Enter> plan(model::Side side, const BarView& view,
                                            Gate& refused) const;
    [[nodiscard]] UtcTime may_change(Gate gate, const BarView& view, const Facts& facts) const;

    // position_rules.cpp
    void follow(const Facts& facts);
    void open_position(const PositionFacts& position);
    void manage(const BarView* view, model::Price price, const Facts& facts, Decisions& decisions);
    [[nodiscard]] Look look_at(const BarView* view, model::Price price, const Facts& facts) const;
    [[nodiscard]] std::optional<ExitReason> exit_reason(const Look& look, const Facts& facts) const;
    [[nodiscard]] std::optional<ExitReason> session_exit(const Facts& facts) const;
    [[nodiscard]] std::optional<ExitReason> time_exit(const Look& look, const Facts& facts) const;
    [[nodiscard]] std::optional<ExitReason> target_exit(const Look& look, const Facts& facts) const;
    [[nodiscard]] std::optional<ExitReason> last_exit(const Look& look, const Facts& facts) const;
    [[nodiscard]] bool reversed(const Look& look) const;
    [[nodiscard]] Exit exit(ExitReason reason, const Look& look) const;
    // A minute of far more volume than usual: no time to wait for a better price.
    [[nodiscard]] bool surge(const Look& look) const;
    // True when it decided something.
    bool take_part(const Look& look, const Facts& facts, Decisions& decisions);
    // False when the price is beyond a place where the stop belongs.
    bool move_stops(const Look& look, const Facts& facts);
    bool propose(model::Price stop, MoveReason reason, const Look& look);
    bool decay(const Look& look, const Facts& facts);
    [[nodiscard]] bool late(int from, const SessionFacts& session) const {
        return into_trading_day(session.minute_of_day) >= from;
    }

    Rules rules_;
    bool admits_negative_;
    State state_;
};

}  // namespace bullpen::strategy
