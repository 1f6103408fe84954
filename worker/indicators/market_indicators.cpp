#include "worker/indicators/market_indicators.hpp"

#include <algorithm>

#include "common/base/errc.hpp"

namespace bullpen::indicators {

namespace {

// Raised when the words of the saved state change their meaning; older ones are then refused and
// the indicators warm up anew.
constexpr std::uint64_t k_saved_version = 1;
// More than the longest rings need.
constexpr std::size_t k_words_max = 8192;

// Guards the words before it, so that a damaged state is refused rather than counted on.
std::uint64_t check_word(const std::vector<std::uint64_t>& words, std::size_t count) {
    RunHash hash;
    for (std::size_t i = 0; i < count; ++i)
        hash.add(words[i]);
    return hash.value();
}

}  // namespace

void add_bar(RunHash* hash, const model::Bar& bar) {
    hash->add(unix_nanos(bar.start));
    hash->add(std::int64_t{bar.span.count()});
    hash->add(bar.open.ticks);
    hash->add(bar.high.ticks);
    hash->add(bar.low.ticks);
    hash->add(bar.close.ticks);
    hash->add(bar.volume);
    hash->add(std::int64_t{bar.minutes});
}

MarketIndicators::MarketIndicators(const model::Instrument& instrument,
                                   const time::FuturesSession& session,
                                   const IndicatorSettings& settings)
    : instrument_(&instrument),
      session_(&session),
      settings_(settings),
      state_(settings),
      tick_(static_cast<double>(instrument.tick.billionths) / 1e9),
      vwap_unit_(Vwap::unit_of(instrument.tick)) {}

MarketIndicators::State::State(const IndicatorSettings& settings)
    : vwap(settings.vwap),
      rsi_1m(settings.rsi_length),
      atr_1m(settings.atr_length),
      rsi_15m(settings.rsi_length),
      atr_15m(settings.atr_length),
      ema_slow_15m(settings.ema_slow_length),
      ema_fast_15m(settings.ema_fast_length) {}

template <class Self, class Visitor>
void MarketIndicators::visit(Self& state, Visitor& visitor) {
    Vwap::visit(state.vwap, visitor);
    WilderRsi::visit(state.rsi_1m, visitor);
    AverageTrueRange::visit(state.atr_1m, visitor);
    QuarterHours::visit(state.quarters, visitor);
    WilderRsi::visit(state.rsi_15m, visitor);
    AverageTrueRange::visit(state.atr_15m, visitor);
    Ema::visit(state.ema_slow_15m, visitor);
    Ema::visit(state.ema_fast_15m, visitor);
    Macd::visit(state.macd_15m, visitor);
    visitor(state.session_day);
    visitor(state.bars_1m);
    visitor(state.bars_15m);
}

void MarketIndicators::close_quarter(const model::Bar& quarter) {
    state_.rsi_15m.add(quarter.close);
    state_.atr_15m.add(quarter);
    state_.ema_slow_15m.add(static_cast<double>(quarter.close.ticks));
    state_.ema_fast_15m.add(static_cast<double>(quarter.close.ticks));
    state_.macd_15m.add(quarter.close);
    ++state_.bars_15m;
    closed_.push_back(quarter);
}

// Apart from add(), which would clear the room for these bars with every minute.
void MarketIndicators::end_quarter(const model::Bar& minute) {
    const auto closed = state_.quarters.add(minute);
    if (closed.left_behind)
        close_quarter(*closed.left_behind);
    if (closed.completed)
        close_quarter(*closed.completed);
}

// A trading day is told by the wall clock, and a clock changes its offset within one at most: what
// was found out holds until the earlier of both ends.
void MarketIndicators::look_at_day(UtcTime at) {
    const time::OffsetSpan offset = session_->zone().span(at);
    const auto local = offset.local(at);
    const time::TradingDay day = time::FuturesSession::trading_day(local);
    const time::LocalTime begins(Nanos(day.time_since_epoch()) - std::chrono::days(1) +
                                 time::FuturesSession::k_opens);
    day_begins_ = std::max(offset.begin, at - (local - begins));
    day_ends_ = std::min(offset.end, at + (begins + std::chrono::days(1) - local));
    if (day.time_since_epoch().count() != state_.session_day) {
        state_.vwap.reset();
        state_.session_day = day.time_since_epoch().count();
    }
}

void MarketIndicators::add(const model::Bar& minute) {
    if (!closed_.empty()) [[unlikely]]
        closed_.clear();
    if (!state_.quarters.add_within(minute)) [[unlikely]]
        end_quarter(minute);
    if (minute.start < day_begins_ || minute.start >= day_ends_) [[unlikely]]
        look_at_day(minute.start);
    state_.vwap.add(minute);
    if (settings_.of_minutes) {
        state_.rsi_1m.add(minute.close);
        state_.atr_1m.add(minute);
    }
    ++state_.bars_1m;

    reckon_minute();
    if (!closed_.empty()) [[unlikely]]
        reckon_quarter();
}

void MarketIndicators::finish() {
    closed_.clear();
    if (const auto last = state_.quarters.finish()) {
        close_quarter(*last);
        reckon_quarter();
    }
}

namespace {

std::optional<double> times(std::optional<double> ticks, double tick) {
    if (ticks)
        *ticks *= tick;
    return ticks;
}

}  // namespace

void MarketIndicators::reckon_minute() {
    state_.vwap.reckon(vwap_unit_, &values_.vwap);
    if (settings_.of_minutes) {
        values_.rsi_1m = state_.rsi_1m.value();
        values_.atr_1m = times(state_.atr_1m.wilder(), tick_);
        values_.atr_sma_1m = times(state_.atr_1m.plain(), tick_);
    }
    values_.bars_1m = state_.bars_1m;
}

void MarketIndicators::reckon_quarter() {
    const double tick = tick_;
    values_.rsi_15m = state_.rsi_15m.value();
    values_.atr_15m = times(state_.atr_15m.wilder(), tick);
    values_.atr_sma_15m = times(state_.atr_15m.plain(), tick);
    values_.ema_slow_15m = times(state_.ema_slow_15m.value(), tick);
    values_.ema_fast_15m = times(state_.ema_fast_15m.value(), tick);
    values_.macd_15m = state_.macd_15m.values();
    if (values_.macd_15m) {
        values_.macd_15m->macd *= tick;
        values_.macd_15m->signal *= tick;
        values_.macd_15m->histogram *= tick;
    }
    values_.bars_15m = state_.bars_15m;
}

std::uint64_t MarketIndicators::settings_word() const {
    RunHash hash;
    hash.add(std::int64_t{settings_.vwap.bars});
    for (const int length : {settings_.rsi_length, settings_.atr_length, settings_.ema_slow_length,
                             settings_.ema_fast_length})
        hash.add(std::int64_t{length});
    if (!settings_.of_minutes)
        hash.add(std::int64_t{0});
    for (const char c : instrument_->symbol)
        hash.add(std::int64_t{c});
    return hash.value();
}

void MarketIndicators::add_to(RunHash* hash) const {
    const auto add = [hash](auto word) { hash->add(word); };
    visit(state_, add);
}

std::string MarketIndicators::save() const {
    WordWriter writer;
    writer(k_saved_version);
    writer(settings_word());
    visit(state_, writer);
    writer(check_word(writer.words(), writer.words().size()));
    return words_to_text(writer.words());
}

Result<void> MarketIndicators::restore(std::string_view saved) {
    BULLPEN_TRY(auto words, words_from_text(saved, k_words_max));
    if (words.empty() || words.back() != check_word(words, words.size() - 1))
        return fail(Errc::corrupt, "saved indicator state does not match its check word");
    words.pop_back();
    WordReader reader(std::move(words));
    std::uint64_t version = 0;
    std::uint64_t settings = 0;
    reader(version);
    reader(settings);
    if (version != k_saved_version)
        return fail(Errc::corrupt, "saved indicator state is of version " +
                                       std::to_string(version) + ", not " +
                                       std::to_string(k_saved_version));
    if (settings != settings_word())
        return fail(Errc::invalid,
                    "saved indicator state is of another instrument or other settings");
    State restored(settings_);
    visit(restored, reader);
    if (!reader.complete())
        return fail(Errc::corrupt, "saved indicator state has the wrong number of words");
    state_ = std::move(restored);
    day_begins_ = day_ends_ = {};
    closed_.clear();
    reckon_minute();
    reckon_quarter();
    return {};
}

}  // namespace bullpen::indicators
