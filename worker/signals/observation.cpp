#include "worker/signals/observation.hpp"

#include <bit>

#include "common/base/errc.hpp"

namespace bullpen::signals {

namespace {

// Which values are there, a bit each; then how many quarters.
constexpr unsigned k_quarters_shift = 16;
constexpr unsigned k_single_values = 8;
constexpr unsigned k_vwap_bit = 8;
constexpr unsigned k_macd_bit = 9;

class Writer {
  public:
    explicit Writer(ObservationWords& words) : words_(words) {}
    void add(std::uint64_t word) { words_.at(at_++) = word; }
    void add(std::int64_t word) { add(static_cast<std::uint64_t>(word)); }
    void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
    void add(const model::Bar& bar) {
        add(unix_nanos(bar.start));
        add(bar.span.count() | std::int64_t{bar.minutes} << 32U);
        for (const auto price : {bar.open, bar.high, bar.low, bar.close})
            add(price.ticks);
        add(bar.volume);
    }

  private:
    ObservationWords& words_;
    std::size_t at_ = 0;
};

class Reader {
  public:
    explicit Reader(const ObservationWords& words) : words_(words) {}
    std::uint64_t word() { return words_.at(at_++); }
    std::int64_t number() { return static_cast<std::int64_t>(word()); }
    double real() { return std::bit_cast<double>(word()); }
    model::Bar bar() {
        model::Bar bar;
        bar.start = utc_from_nanos(number());
        const auto length = number();
        bar.span = std::chrono::seconds(length & 0xFFFF'FFFF);
        bar.minutes = static_cast<std::int32_t>(length >> 32U);
        for (auto* price : {&bar.open, &bar.high, &bar.low, &bar.close})
            price->ticks = number();
        bar.volume = number();
        return bar;
    }

  private:
    const ObservationWords& words_;
    std::size_t at_ = 0;
};

template <class Values>
auto singles(Values& values) {
    return std::array<decltype(&values.rsi_1m), k_single_values>{
        &values.rsi_1m,  &values.atr_1m,      &values.atr_sma_1m,   &values.rsi_15m,
        &values.atr_15m, &values.atr_sma_15m, &values.ema_slow_15m, &values.ema_fast_15m};
}

bool bit(std::uint64_t word, unsigned place) {
    return (word >> place & 1U) != 0;
}

}  // namespace

ObservationWords to_words(const Observation& observation) {
    ObservationWords words{};
    Writer writer(words);
    const auto& values = observation.values;
    writer.add(observation.bar);
    std::uint64_t there = std::uint64_t{observation.quarters_closed} << k_quarters_shift;
    const auto all = singles(values);
    for (unsigned i = 0; i < k_single_values; ++i)
        there |= std::uint64_t{all.at(i)->has_value()} << i;
    there |= std::uint64_t{values.vwap.has_value()} << k_vwap_bit;
    there |= std::uint64_t{values.macd_15m.has_value()} << k_macd_bit;
    writer.add(there);
    for (const auto* value : all)
        writer.add(value->value_or(0));
    const auto vwap = values.vwap.value_or(indicators::VwapValues{});
    writer.add(vwap.vwap);
    writer.add(vwap.deviation);
    writer.add(vwap.volume);
    const auto macd = values.macd_15m.value_or(indicators::MacdValues{});
    writer.add(macd.macd);
    writer.add(macd.signal);
    writer.add(macd.histogram);
    writer.add(values.bars_1m);
    writer.add(values.bars_15m);
    for (const auto& quarter : observation.quarters)
        writer.add(quarter);
    for (const auto counter : observation.counters)
        writer.add(counter);
    writer.add(observation.hash);
    return words;
}

Result<Observation> from_words(const ObservationWords& words) {
    Reader reader(words);
    Observation observation;
    auto& values = observation.values;
    observation.bar = reader.bar();
    const auto there = reader.word();
    const auto all = singles(values);
    for (unsigned i = 0; i < k_single_values; ++i) {
        const auto value = reader.real();
        if (bit(there, i))
            *all.at(i) = value;
    }
    indicators::VwapValues vwap;
    vwap.vwap = reader.real();
    vwap.deviation = reader.real();
    vwap.volume = reader.number();
    if (bit(there, k_vwap_bit))
        values.vwap = vwap;
    indicators::MacdValues macd;
    macd.macd = reader.real();
    macd.signal = reader.real();
    macd.histogram = reader.real();
    if (bit(there, k_macd_bit))
        values.macd_15m = macd;
    values.bars_1m = reader.word();
    values.bars_15m = reader.word();
    for (auto& quarter : observation.quarters)
        quarter = reader.bar();
    observation.quarters_closed = there >> k_quarters_shift;
    for (auto& counter : observation.counters)
        counter = reader.number();
    observation.hash = reader.word();
    if (!model::well_formed(observation.bar) || observation.bar.span.count() == 0 ||
        observation.quarters_closed > Observation::k_quarters_max || observation.counters[0] < 1)
        return fail(Errc::corrupt, "a saved observation of the market is none");
    return observation;
}

std::string encode(const Observation& observation) {
    std::string bytes;
    bytes.reserve(k_observation_words * 8);
    for (const auto word : to_words(observation)) {
        for (unsigned i = 0; i < 8; ++i)
            bytes.push_back(static_cast<char>(word >> (8 * i) & 0xFFU));
    }
    return bytes;
}

Result<Observation> decode(std::string_view bytes) {
    ObservationWords words{};
    if (bytes.size() != words.size() * 8)
        return fail(Errc::corrupt, "a saved observation has the wrong size");
    for (std::size_t i = 0; i < bytes.size(); ++i)
        words.at(i / 8) |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * (i % 8));
    return from_words(words);
}

}  // namespace bullpen::signals
