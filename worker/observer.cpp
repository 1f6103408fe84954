#include "worker/observer.hpp"

#include <array>
#include <bit>
#include <nlohmann/json.hpp>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::worker {

namespace {

using nlohmann::json;

// What stands for an absent value in the hash; no double has these bits after a computation.
constexpr std::uint64_t k_absent = 0x7FF8'AB5E'0000'0001;

void add(indicators::RunHash& hash, const std::optional<double>& value) {
    if (value)
        hash.add(*value);
    else
        hash.add(k_absent);
}

// Sums of what the world sends may wrap; they count modulo 2^64.
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::uint64_t word_of(std::string_view bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= std::uint64_t{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i);
    return value;
}

struct CounterName {
    const char* name;
    std::int64_t ObserverCounters::*member;
};
constexpr std::array<CounterName, 6> k_counters = {{{"bars", &ObserverCounters::bars},
                                                    {"quarters", &ObserverCounters::quarters},
                                                    {"volume", &ObserverCounters::volume},
                                                    {"rises", &ObserverCounters::rises},
                                                    {"falls", &ObserverCounters::falls},
                                                    {"gaps", &ObserverCounters::gaps}}};

Unexpected wrong_shape() {
    return fail(Errc::corrupt, "the saved engine has the wrong shape");
}

}  // namespace

struct Observer::Saved {
    std::string feed;
    std::string indicators;
    ObserverCounters counters;
    std::uint64_t hash = 0;
    std::optional<model::Bar> last;
    std::optional<signals::Observation> observation;  // of one that takes over
};

Result<Observer::Saved> Observer::parse(std::string_view text) {
    const json object = documents::parse_json(text);
    if (!object.is_object())
        return wrong_shape();
    for (const char* name : {"feed", "indicators", "hash", "last_bar"}) {
        if (!object.contains(name) || !object[name].is_string())
            return wrong_shape();
    }
    Saved saved;
    saved.feed = object["feed"].get<std::string>();
    saved.indicators = object["indicators"].get<std::string>();
    const auto hash = object["hash"].get<std::string>();
    const auto hash_bytes = bytes_from_hex(hash);
    if (!hash_bytes || hash_bytes->size() != 8)
        return wrong_shape();
    for (const char c : *hash_bytes)
        saved.hash = saved.hash << 8U | static_cast<std::uint8_t>(c);
    const auto counters = object.find("counters");
    if (counters == object.end() || !counters->is_object())
        return wrong_shape();
    for (const auto& counter : k_counters) {
        const auto found = counters->find(counter.name);
        if (found == counters->end() || !found->is_number_integer())
            return wrong_shape();
        saved.counters.*counter.member = found->get<std::int64_t>();
    }
    if (saved.counters.bars < 0)
        return wrong_shape();
    const auto last = object["last_bar"].get<std::string>();
    if (!last.empty()) {
        const auto bytes = bytes_from_hex(last);
        if (!bytes)
            return wrong_shape();
        BULLPEN_TRY(saved.last, decode_bar(*bytes));
    }
    if (const auto taken = object.find("observation"); taken != object.end()) {
        const auto bytes =
            taken->is_string() ? bytes_from_hex(taken->get<std::string>()) : std::nullopt;
        if (!bytes)
            return wrong_shape();
        BULLPEN_TRY(saved.observation, signals::decode(*bytes));
    }
    return saved;
}

std::string encode_bar(const model::Bar& bar) {
    std::string text;
    const auto put = [&](std::int64_t value) {
        for (unsigned i = 0; i < 8; ++i)
            text.push_back(
                static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFFU));
    };
    put(unix_nanos(bar.start));
    put(bar.span.count() | static_cast<std::int64_t>(bar.minutes) << 32);
    put(bar.open.ticks);
    put(bar.high.ticks);
    put(bar.low.ticks);
    put(bar.close.ticks);
    put(bar.volume);
    return text;
}

Result<model::Bar> decode_bar(std::string_view text) {
    if (text.size() != k_bar_size)
        return fail(Errc::corrupt, "a saved bar has the wrong size");
    const auto value = [&](std::size_t i) {
        return static_cast<std::int64_t>(word_of(text, 8 * i));
    };
    model::Bar bar;
    bar.start = utc_from_nanos(value(0));
    bar.span = std::chrono::seconds(value(1) & 0xFFFF'FFFF);
    bar.minutes = static_cast<std::int32_t>(value(1) >> 32);
    bar.open.ticks = value(2);
    bar.high.ticks = value(3);
    bar.low.ticks = value(4);
    bar.close.ticks = value(5);
    bar.volume = value(6);
    if (!model::well_formed(bar) || bar.span.count() == 0)
        return fail(Errc::corrupt, "a saved bar is no bar");
    return bar;
}

Observer::Observer(const model::Instrument& instrument, time::FuturesSession session,
                   const indicators::IndicatorSettings& settings)
    : instrument_(&instrument),
      settings_(settings),
      session_(std::make_unique<const time::FuturesSession>(std::move(session))),
      indicators_(nullptr) {
    // What it tells has every value, whether the strategy looks at it or not.
    settings_.of_minutes = true;
    indicators_ = std::make_unique<indicators::MarketIndicators>(instrument, *session_, settings_);
}

Result<Observer> Observer::create(const model::Instrument& instrument,
                                  const indicators::IndicatorSettings& settings) {
    BULLPEN_TRY(auto session, time::FuturesSession::load());
    return Observer(instrument, std::move(session), settings);
}

Observer::Observer(const model::Instrument& instrument)
    : instrument_(&instrument), taken_(std::make_unique<signals::Observation>()) {}

Observer Observer::create_shared(const model::Instrument& instrument) {
    return Observer(instrument);
}

void Observer::begin(std::string feed_identity) {
    feed_identity_ = std::move(feed_identity);
    if (taken_) {
        *taken_ = {};
    } else {
        begin_indicators();
    }
    counters_ = {};
    hash_ = indicators::RunHash();
    last_.reset();
}

void Observer::begin_indicators() {
    indicators_ =
        std::make_unique<indicators::MarketIndicators>(*instrument_, *session_, settings_);
}

signals::Observation Observer::observation() const {
    if (taken_)
        return *taken_;
    signals::Observation now;
    now.bar = last_.value_or(model::Bar{});
    now.values = indicators_->values();
    for (const auto& quarter : indicators_->closed_quarters())
        now.quarters.at(now.quarters_closed++) = quarter;
    for (std::size_t i = 0; i < k_counters.size(); ++i)
        now.counters.at(i) = counters_.*k_counters.at(i).member;
    now.hash = hash_.value();
    return now;
}

void Observer::take(const signals::Observation& observation) {
    BULLPEN_ASSERT(taken_ != nullptr, "one that reckons takes nothing over");
    *taken_ = observation;
    for (std::size_t i = 0; i < k_counters.size(); ++i)
        counters_.*k_counters.at(i).member = observation.counters.at(i);
    hash_ = indicators::RunHash(observation.hash);
    last_ = observation.bar;
}

void Observer::add(const model::Bar& bar) {
    // Of the time before its signals were shared: the next observation says all else.
    if (taken_) {
        ++counters_.bars;
        last_ = bar;
        return;
    }
    indicators_->add(bar);
    ++counters_.bars;
    counters_.quarters += static_cast<std::int64_t>(indicators_->closed_quarters().size());
    counters_.volume = wrapping_sum(counters_.volume, bar.volume);
    if (last_) {
        counters_.rises += bar.close > last_->close ? 1 : 0;
        counters_.falls += bar.close < last_->close ? 1 : 0;
        counters_.gaps += bar.start != last_->end() ? 1 : 0;
    }
    last_ = bar;
    indicators::add_bar(&hash_, bar);
    add_values();
    add_counters();
}

void Observer::add_values() {
    const auto values = indicators_->values();
    if (values.vwap) {
        hash_.add(values.vwap->vwap);
        hash_.add(values.vwap->deviation);
        hash_.add(values.vwap->volume);
    } else {
        hash_.add(k_absent);
    }
    for (const auto& value :
         {values.rsi_1m, values.atr_1m, values.atr_sma_1m, values.rsi_15m, values.atr_15m,
          values.atr_sma_15m, values.ema_slow_15m, values.ema_fast_15m}) {
        worker::add(hash_, value);
    }
    if (values.macd_15m) {
        hash_.add(values.macd_15m->macd);
        hash_.add(values.macd_15m->signal);
        hash_.add(values.macd_15m->histogram);
    } else {
        hash_.add(k_absent);
    }
    hash_.add(values.bars_1m);
    hash_.add(values.bars_15m);
}

void Observer::add_counters() {
    for (const auto& counter : k_counters)
        hash_.add(counters_.*counter.member);
}

bool Observer::warm() const {
    const auto values = this->values();
    return values.vwap && values.rsi_15m && values.atr_15m && values.ema_slow_15m &&
           values.macd_15m;
}

std::string Observer::save() const {
    json counters = json::object();
    for (const auto& counter : k_counters)
        counters[counter.name] = counters_.*counter.member;
    json object = {{"feed", feed_identity_},
                   {"indicators", taken_ ? std::string() : indicators_->save()},
                   {"hash", hash_.hex()},
                   {"counters", std::move(counters)},
                   {"last_bar", last_ ? hex(encode_bar(*last_)) : ""}};
    if (taken_ && last_)
        object["observation"] = hex(signals::encode(*taken_));
    return documents::json_text(object);
}

Result<void> Observer::restore(std::string_view saved) {
    try {
        BULLPEN_TRY(auto parsed, parse(saved));
        if (taken_)
            *taken_ = parsed.observation.value_or(signals::Observation{});
        else if (parsed.indicators.empty())
            return fail(Errc::invalid, "the saved engine took over what another one observed");
        else
            BULLPEN_CHECK(indicators_->restore(parsed.indicators));
        set(parsed);
        return {};
    } catch (const json::exception&) {
        return wrong_shape();
    }
}

Result<void> Observer::restore_without_indicators(std::string_view saved) {
    BULLPEN_ASSERT(taken_ == nullptr, "one that takes over has no indicators");
    try {
        BULLPEN_TRY(const auto parsed, parse(saved));
        begin_indicators();
        set(parsed);
        return {};
    } catch (const json::exception&) {
        return wrong_shape();
    }
}

void Observer::set(const Saved& saved) {
    feed_identity_ = saved.feed;
    counters_ = saved.counters;
    hash_ = indicators::RunHash(saved.hash);
    last_ = saved.last;
}

}  // namespace bullpen::worker
