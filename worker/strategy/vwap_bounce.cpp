#include "worker/strategy/vwap_bounce.hpp"

#include "common/base/errc.hpp"

namespace bullpen::strategy {

namespace {

// Raised when the words of the saved state change their meaning.
constexpr std::uint64_t k_saved_version = 1;
// More than the longest rings need.
constexpr std::size_t k_words_max = 8192;

std::uint64_t check_word(const std::vector<std::uint64_t>& words, std::size_t count) {
    indicators::RunHash hash;
    for (std::size_t i = 0; i < count; ++i)
        hash.add(words[i]);
    return hash.value();
}

}  // namespace

VwapBounce::State::State(const Rules& rules, bool admits_negative)
    : market(rules),
      spreads(rules.settings.spread_abnormal, rules.settings.spread_by_hour, admits_negative) {}

Result<std::unique_ptr<Strategy>> VwapBounce::make(const config::StrategySettings& settings,
                                                   const model::Instrument& instrument) {
    BULLPEN_TRY(Rules rules, Rules::make(settings, instrument));
    return std::make_unique<VwapBounce>(std::move(rules), instrument.admits_negative);
}

VwapBounce::VwapBounce(Rules rules, bool admits_negative)
    : rules_(std::move(rules)),
      admits_negative_(admits_negative),
      state_(rules_, admits_negative) {}

indicators::IndicatorSettings VwapBounce::indicator_settings() const {
    indicators::IndicatorSettings settings;
    settings.vwap = rules_.window;
    settings.rsi_length = rules_.settings.rsi_length;
    settings.atr_length = rules_.settings.atr_length;
    settings.ema_fast_length = rules_.settings.trend_length;
    settings.of_minutes = false;
    return settings;
}

void VwapBounce::on_bar(const BarView& view, const Facts& facts, Decisions& decisions) {
    state_.market.add(view.bar, view.closed_quarters);
    follow(facts);
    if (!facts.position.flat())
        manage(&view, view.bar.close, facts, decisions);
    look_for_entry(view, facts, decisions);
}

void VwapBounce::on_price(const PriceView& view, const Facts& facts, Decisions& decisions) {
    follow(facts);
    if (!facts.position.flat())
        manage(nullptr, view.price, facts, decisions);
}

void VwapBounce::on_quote(const Quote& quote, const Facts& facts) {
    state_.spreads.add(quote, facts.session.minute_of_day / 60);
}

template <class Self, class Visitor>
void VwapBounce::visit(Self& state, Visitor& visitor) {
    Management::visit(state.management, visitor);
    RecentMarket::visit(state.market, visitor);
    SpreadAnalyser::visit(state.spreads, visitor);
    ExitLearning::visit(state.learning, visitor);
    visitor(state.closed_seen);
}

std::string VwapBounce::save() const {
    indicators::WordWriter writer;
    writer(k_saved_version);
    writer(rules_.word());
    visit(state_, writer);
    writer(check_word(writer.words(), writer.words().size()));
    return indicators::words_to_text(writer.words());
}

Result<void> VwapBounce::restore(std::string_view saved) {
    BULLPEN_TRY(auto words, indicators::words_from_text(saved, k_words_max));
    if (words.empty() || words.back() != check_word(words, words.size() - 1))
        return fail(Errc::corrupt, "saved state of vwap_bounce does not match its check word");
    words.pop_back();
    indicators::WordReader reader(std::move(words));
    std::uint64_t version = 0;
    std::uint64_t settings = 0;
    reader(version);
    reader(settings);
    if (version != k_saved_version)
        return fail(Errc::corrupt, "saved state of vwap_bounce is of version " +
                                       std::to_string(version) + ", not " +
                                       std::to_string(k_saved_version));
    if (settings != rules_.word())
        return fail(Errc::invalid,
                    "saved state of vwap_bounce is of another instrument or of "
                    "other lengths");
    State restored(rules_, admits_negative_);
    visit(restored, reader);
    if (!reader.complete() || !restored.management.valid() || !restored.market.valid() ||
        !restored.spreads.valid() || !restored.learning.valid())
        return fail(Errc::corrupt, "saved state of vwap_bounce has the wrong words");
    state_ = std::move(restored);
    return {};
}

void VwapBounce::add_to(indicators::RunHash* hash) const {
    const auto add = [hash](auto word) { hash->add(word); };
    visit(state_, add);
}

std::vector<Detail> VwapBounce::describe() const {
    const Management& m = state_.management;
    const Regime regime = state_.market.regime();
    std::vector<Detail> details;
    const auto add = [&details](std::string_view name, std::string text) {
        details.push_back({name, std::move(text)});
    };
    const auto price = [this](model::Price at) { return model::text(at, rules_.tick_size); };
    const auto flag = [](bool value) { return std::string(value ? "yes" : "no"); };
    add("regime", std::string(code(regime)));
    add("market", std::string(code(state_.spreads.market())));
    add("exits_learned_from", std::to_string(state_.learning.exits()));
    if (m.stage == Stage::none)
        return details;
    add("stage", m.stage == Stage::planned ? "planned" : "open");
    add("side", m.side == model::Side::buy ? "long" : "short");
    add("entry_regime", std::string(code(m.regime)));
    add("stop", price(m.stop));
    if (m.target)
        add("target", price(*m.target));
    if (m.stage == Stage::planned)
        return details;
    add("entry", price(m.entry));
    add("initial_stop", price(m.initial_stop));
    add("initial_risk_ticks", std::to_string(m.initial_risk));
    add("best", price(m.best));
    add("break_even_done", flag(m.break_even_done));
    add("trailing", flag(m.trailing));
    add("partial_stage", std::to_string(m.partial_stage));
    add("decay_stage", std::to_string(m.decay_stage));
    return details;
}

}  // namespace bullpen::strategy
