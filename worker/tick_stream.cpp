#include "worker/tick_stream.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"

namespace bullpen::worker {

namespace {

constexpr std::size_t k_word = 8;
constexpr std::size_t k_words = 5;

}  // namespace

void TickStream::on_step(const ipc::VenueStep& step) {
    switch (step.phase) {
        case ipc::MarketPhase::open: begin(step.bar); break;
        case ipc::MarketPhase::tick: take(step); break;
        case ipc::MarketPhase::closed: close(step); break;
        case ipc::MarketPhase::paused:
        case ipc::MarketPhase::ended: break;
    }
}

// Who connects anew is told of the bar that is open once more.
void TickStream::begin(std::uint64_t bar) {
    if (open_ == bar)
        return;
    open_ = bar;
    next_ = came_ = 0;
}

std::optional<model::QuotedTrade> TickStream::read(const ipc::VenueStep& step) const {
    const auto price = [&](const std::string& text) {
        return model::price_from_text(text, instrument_->tick, model::Rounding::exact);
    };
    const auto traded = price(step.open);
    const auto bid = price(step.bid);
    const auto ask = price(step.ask);
    if (!traded || !bid || !ask)
        return std::nullopt;
    return model::QuotedTrade{step.start, *traded, step.volume, *bid, *ask};
}

void TickStream::take(const ipc::VenueStep& step) {
    begin(step.bar);
    const auto tick = step.ticks && *step.ticks >= next_ ? read(step) : std::nullopt;
    if (!tick) {
        ++counters_.dropped;
        return;
    }
    next_ = *step.ticks + 1;
    ++came_;
    mute_bars_ = 0;
    // The market's clock is in its ticks. It is simulated, or its exchange's.
    const auto sequence = static_cast<std::uint64_t>(next_);
    const model::Tick trade{tick->time, sequence, tick->price, tick->size, model::TickKind::trade};
    bars_.add(trade, tick->time, &finished_);
    if (waiting_.size() >= k_waiting_max) {
        waiting_.pop_front();
        ++counters_.dropped;
    }
    waiting_.push_back({step.bar, *tick});
}

// The exchange's word that a minute is over is the timer that ends it.
void TickStream::close(const ipc::VenueStep& step) {
    const auto came = open_ == step.bar ? came_ : 0;
    const auto told = step.ticks.value_or(0);
    const feed::TickBarsOptions usual;
    bars_.advance(step.start + model::k_minute + usual.grace, &finished_);
    const auto bar = std::find_if(finished_.begin(), finished_.end(),
                                  [&](const model::Bar& one) { return one.start == step.start; });
    // A bar without a path has no ticks, which says nothing of the feed.
    if (came == 0 && step.ticks != 0)
        ++mute_bars_;
    counters_.lost += static_cast<std::uint64_t>(std::max<std::int64_t>(0, told - came));
    if (bar != finished_.end() && came == told) {
        if (formed_.size() >= k_formed_max)
            formed_.pop_front();
        formed_.emplace_back(step.bar, *bar);
        ++counters_.bars_formed;
    } else {
        ++counters_.bars_of_source;
    }
    finished_.clear();
    open_.reset();
}

const model::QuotedTrade* TickStream::next(std::uint64_t bar) {
    while (!waiting_.empty() && waiting_.front().bar < bar) {
        waiting_.pop_front();
        ++counters_.dropped;
    }
    return waiting_.empty() || waiting_.front().bar != bar ? nullptr : &waiting_.front().tick;
}

model::QuotedTrade TickStream::pop() {
    const auto tick = waiting_.front().tick;
    waiting_.pop_front();
    return tick;
}

void TickStream::drop_waiting() {
    counters_.dropped += waiting_.size();
    waiting_.clear();
}

std::optional<model::Bar> TickStream::take_formed(std::uint64_t bar) {
    while (!formed_.empty() && formed_.front().first < bar)
        formed_.pop_front();
    if (formed_.empty() || formed_.front().first != bar)
        return std::nullopt;
    return formed_.front().second;
}

std::string encode_tick(const model::QuotedTrade& tick) {
    std::string text;
    for (const auto number :
         {unix_nanos(tick.time), tick.price.ticks, tick.size, tick.bid.ticks, tick.ask.ticks}) {
        const auto word = static_cast<std::uint64_t>(number);
        for (std::size_t i = 0; i < k_word; ++i)
            text.push_back(static_cast<char>(word >> (8 * i) & 0xFFU));
    }
    return text;
}

Result<model::QuotedTrade> decode_tick(std::string_view text) {
    if (text.size() != k_words * k_word)
        return fail(Errc::corrupt, "a saved tick has another length");
    std::array<std::int64_t, k_words> words{};
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(text[at]));
        auto& word = words.at(at / k_word);
        word = static_cast<std::int64_t>(static_cast<std::uint64_t>(word) |
                                         byte << (8 * (at % k_word)));
    }
    return model::QuotedTrade{
        utc_from_nanos(words[0]), {words[1]}, words[2], {words[3]}, {words[4]}};
}

}  // namespace bullpen::worker
