#include "worker/strategy/runner.hpp"

#include "common/base/errc.hpp"
#include "worker/strategy/absent.hpp"
#include "worker/strategy/registry.hpp"

namespace bullpen::strategy {

namespace {

constexpr std::uint64_t k_runner_version = 2;
// Counted from its first bar on.
constexpr std::uint64_t k_version_without_begun = 1;
constexpr std::size_t k_runner_words_max = 256;
// Between the runner's own words and what the strategy saved.
constexpr char k_separator = '/';

}  // namespace

template <class Self, class Visitor>
void StrategyRunner::visit(Self& self, Visitor& visitor) {
    visit_optional(self.before_, visitor, [&visitor](auto& before) {
        visit_word(before.bar.start, visitor);
        visit_word(before.bar.span, visitor);
        visit_word(before.bar.open, visitor);
        visit_word(before.bar.high, visitor);
        visit_word(before.bar.low, visitor);
        visit_word(before.bar.close, visitor);
        visit_word(before.bar.volume, visitor);
        visit_word(before.bar.minutes, visitor);
        visit_word(before.trading_day, visitor);
    });
}

Result<StrategyRunner> StrategyRunner::create(const config::StrategySettings& settings,
                                              const model::Instrument& instrument) {
    BULLPEN_TRY(auto strategy, make_strategy(settings, instrument));
    return StrategyRunner(std::move(strategy));
}

StrategyRunner StrategyRunner::absent() {
    return StrategyRunner(std::make_unique<AbsentStrategy>());
}

StrategyRunner::StrategyRunner(std::unique_ptr<Strategy> strategy)
    : strategy_(std::move(strategy)) {}

const Decisions& StrategyRunner::on_bar(const model::Bar& bar,
                                        const indicators::IndicatorValues& values,
                                        std::span<const model::Bar> closed_quarters,
                                        const Facts& facts) {
    const bool same_day = before_ && before_->trading_day == facts.session.trading_day;
    decisions_.begin();
    if (facts.entries_allowed)
        decisions_.gates().begin();
    strategy_->on_bar({bar, same_day ? &before_->bar : nullptr, values, closed_quarters}, facts,
                      decisions_);
    if (!before_) [[unlikely]]
        before_.emplace();
    before_->bar = bar;
    before_->trading_day = facts.session.trading_day;
    return decisions_;
}

const Decisions& StrategyRunner::on_price(model::Price price, const Facts& facts) {
    decisions_.begin();
    strategy_->on_price({price}, facts, decisions_);
    return decisions_;
}

std::string StrategyRunner::save() const {
    indicators::WordWriter writer;
    writer(k_runner_version);
    visit(*this, writer);
    GateCounters::visit(decisions_.gates(), writer);
    writer(static_cast<std::uint64_t>(decisions_.gates().begun()));
    return indicators::words_to_text(writer.words()) + k_separator + strategy_->save();
}

Result<void> StrategyRunner::restore(std::string_view saved) {
    const std::size_t separator = saved.find(k_separator);
    if (separator == std::string_view::npos)
        return fail(Errc::corrupt, "saved strategy state has no part of the strategy");
    BULLPEN_TRY(auto words,
                indicators::words_from_text(saved.substr(0, separator), k_runner_words_max));
    indicators::WordReader reader(std::move(words));
    std::uint64_t version = 0;
    reader(version);
    if (version != k_runner_version && version != k_version_without_begun)
        return fail(Errc::corrupt, "saved strategy state is of version " + std::to_string(version) +
                                       ", not " + std::to_string(k_runner_version));
    // Read into copies, so that an error leaves this one as it was.
    struct Restored {
        std::optional<BarBefore> before_;
    } restored;
    GateCounters gates;
    visit(restored, reader);
    GateCounters::visit(gates, reader);
    std::uint64_t begun = 1;
    if (version != k_version_without_begun)
        reader(begun);
    if (begun != 0)
        gates.begin();
    if (!reader.complete() || !gates.valid())
        return fail(Errc::corrupt, "saved strategy state has the wrong words");
    BULLPEN_CHECK(strategy_->restore(saved.substr(separator + 1)));
    before_ = restored.before_;
    decisions_.begin();
    decisions_.gates() = gates;
    return {};
}

void StrategyRunner::begin_market() {
    decisions_.gates().begin_anew();
}

void StrategyRunner::add_to(indicators::RunHash* hash) const {
    const auto add = [hash](auto word) { hash->add(word); };
    visit(*this, add);
    GateCounters::visit(decisions_.gates(), add);
    strategy_->add_to(hash);
}

}  // namespace bullpen::strategy
