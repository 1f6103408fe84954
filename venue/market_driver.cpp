#include "venue/market_driver.hpp"

#include "common/base/errc.hpp"

namespace bullpen::venue {

namespace {

// A bar by the clock is walked through in its last tenth, with so many pauses at most in which a
// worker may react to a fill.
constexpr std::int64_t k_walk_from_percent = 90;
constexpr std::int64_t k_pause_percent = 2;

Result<std::unique_ptr<feed::Feed>> open_feed(const Home& home, const MarketSettings& settings,
                                              const model::Instruments& instruments, UtcTime now) {
    if (settings.source == Source::synthetic) {
        feed::SyntheticOptions options;
        options.instrument = settings.instrument;
        options.instruments = &instruments;
        options.seed = settings.seed;
        return feed::open_synthetic(options);
    }
    feed::ReplayOptions options;
    options.instrument = settings.instrument;
    options.instruments = &instruments;
    options.path = source_file(home, settings);
    options.time_zone = settings.time_zone;
    options.labels = settings.labels_end ? feed::BarLabels::end : feed::BarLabels::start;
    options.date_order = *feed::date_order_from(config::code(settings.date_order));
    options.only_symbol = settings.contract;
    options.not_after = now;
    return feed::open_replay(options);
}

}  // namespace

MarketDriver::MarketDriver(const MarketSettings& settings, const model::Instrument& instrument,
                           matching::Exchange& exchange, const time::FuturesSession& days,
                           matching::MarketRef ref)
    : settings_(settings), instrument_(&instrument), exchange_(exchange), days_(days), ref_(ref) {}

Result<std::unique_ptr<MarketDriver>> MarketDriver::open(const Home& home,
                                                         const MarketSettings& settings,
                                                         matching::Exchange& exchange,
                                                         const time::FuturesSession& days,
                                                         const model::Instruments& instruments,
                                                         const VenueSettings& rules, UtcTime now) {
    BULLPEN_TRY(const auto* const instrument, instruments.find(settings.instrument));
    std::unique_ptr<feed::Feed> feed;
    if (settings.source != Source::manual) {
        BULLPEN_TRY(feed, open_feed(home, settings, instruments, now));
        if (settings.ticks && feed->span() != model::k_minute)
            return fail(Errc::invalid, "a market of ticks is made of bars of a minute");
        feed->start({now, MonoTime{}});
    }
    const auto ref = exchange.add_market(*instrument, costs_of(rules, *instrument, settings));
    std::unique_ptr<MarketDriver> driver(
        new MarketDriver(settings, *instrument, exchange, days, ref));
    driver->feed_ = std::move(feed);
    if (driver->feed_ != nullptr && settings.history > 0)
        BULLPEN_CHECK(driver->resume({settings.history, false}));
    return driver;
}

Result<void> MarketDriver::take_up(const Home& home, const MarketSettings& settings,
                                   const model::Instruments& instruments, UtcTime now) {
    BULLPEN_TRY(auto feed, open_feed(home, settings, instruments, now));
    feed_ = std::move(feed);
    settings_ = settings;
    return resume(place_);
}

Result<void> MarketDriver::resume(MarketPlace place) {
    if (feed_ != nullptr && place.bar > 0) {
        if (auto sought = feed_->seek(place.bar); !sought) {
            if (sought.error().code() != Errc::not_found)
                return sought;
            ended_ = true;
        } else {
            feed_->start({});
        }
    }
    place_ = {place.bar, false};
    if (!place.open || ended_ || feed_ == nullptr)
        return {};
    // What the open did to orders was done: the rest of the bar is walked.
    auto next = feed_->next({});
    if (const auto* bar = std::get_if<model::Bar>(&next)) {
        bar_ = *bar;
        make_path(1);
        // How many of its trades were told nobody knows: its last one is what there is left.
        if (in_ticks())
            traded_ = path_.size() - 1;
        else
            exchange_.resume_bar(ref_, bar_);
        place_.open = true;
        phase_ = ipc::MarketPhase::open;
    }
    return {};
}

Nanos MarketDriver::bar_length() const {
    const auto span = std::chrono::duration_cast<Nanos>(bar_.span);
    return Nanos(static_cast<std::int64_t>(static_cast<double>(span.count()) / settings_.speed));
}

std::optional<MonoTime> MarketDriver::due() const {
    if (feed_ == nullptr || ended_ || settings_.pace != Pace::wall || !started_)
        return std::nullopt;
    return due_;
}

void MarketDriver::set_speed(double speed, MonoTime now) {
    const double ratio = settings_.speed / speed;
    settings_.speed = speed;
    const auto scaled = [&](Nanos part) {
        return Nanos(static_cast<std::int64_t>(static_cast<double>(part.count()) * ratio));
    };
    opened_ = now - scaled(now - opened_);
    due_ = now + scaled(due_ - now);
}

void MarketDriver::start(MonoTime now) {
    started_ = true;
    due_ = now;
    if (place_.open) {
        opened_ = now;
        due_ = now + bar_length() * k_walk_from_percent / 100;
    }
}

ipc::VenueStep MarketDriver::describe(ipc::MarketPhase phase) const {
    ipc::VenueStep step;
    step.symbol = model::Symbol::cut(instrument_->symbol);
    step.phase = phase;
    step.bar = place_.bar;
    step.start = bar_.start;
    if (phase == ipc::MarketPhase::ended)
        return step;
    if (phase == ipc::MarketPhase::tick) {
        step.open = text(bar_.open, instrument_->tick);
        return step;
    }
    step.open = text(bar_.open, instrument_->tick);
    if (phase == ipc::MarketPhase::closed) {
        step.high = text(bar_.high, instrument_->tick);
        step.low = text(bar_.low, instrument_->tick);
        step.close = text(bar_.close, instrument_->tick);
        step.volume = bar_.volume;
        if (settings_.ticks)
            step.ticks = static_cast<std::int64_t>(path_.size());
    }
    return step;
}

ipc::VenueStep MarketDriver::last_step() const {
    const bool trades = phase_ == ipc::MarketPhase::tick && in_ticks();
    auto step = describe(ended_   ? ipc::MarketPhase::ended
                         : trades ? ipc::MarketPhase::open
                                  : phase_);
    // Closed is said of the bar before the one that comes next.
    if (!ended_ && phase_ == ipc::MarketPhase::closed && step.bar > 0)
        --step.bar;
    return step;
}

void MarketDriver::make_path(std::int64_t spread_times) {
    path_.clear();
    traded_ = 0;
    if (settings_.ticks) {
        feed::make_tick_path(bar_, {settings_.seed, model::Ticks{settings_.spread}, spread_times},
                             &path_);
    }
}

ipc::VenueStep MarketDriver::close_bar() {
    phase_ = ipc::MarketPhase::closed;
    auto told = describe(phase_);
    place_ = {place_.bar + 1, false};
    due_ = std::max(opened_ + bar_length(), opened_);
    return told;
}

ipc::VenueStep MarketDriver::walk(MonoTime now) {
    if (!walked_ && exchange_.advance(ref_)) {
        due_ = std::min(now + bar_length() * k_pause_percent / 100, opened_ + bar_length());
        phase_ = ipc::MarketPhase::paused;
        return describe(phase_);
    }
    walked_ = true;
    const auto end = opened_ + bar_length();
    if (settings_.pace == Pace::wall && feed_ != nullptr && now < end) {
        // Nothing more happens in this bar; its close is told at its end.
        due_ = end;
        phase_ = ipc::MarketPhase::paused;
        return describe(phase_);
    }
    return close_bar();
}

MonoTime MarketDriver::next_trade_due() const {
    if (traded_ == path_.size())
        return opened_ + bar_length();
    const auto into = static_cast<double>((path_[traded_].time - bar_.start).count());
    return opened_ + Nanos(static_cast<std::int64_t>(into / settings_.speed));
}

ipc::VenueStep MarketDriver::trade() {
    if (traded_ == path_.size()) {
        exchange_.pass_time(ref_, bar_.end());
        return close_bar();
    }
    const auto& trade = path_[traded_];
    exchange_.on_trade(ref_, trade);
    phase_ = ipc::MarketPhase::tick;
    ipc::VenueStep step;
    step.symbol = model::Symbol::cut(instrument_->symbol);
    step.phase = phase_;
    step.bar = place_.bar;
    step.start = trade.time;
    step.open = text(trade.price, instrument_->tick);
    step.volume = trade.size;
    step.ticks = static_cast<std::int64_t>(traded_);
    step.bid = text(trade.bid, instrument_->tick);
    step.ask = text(trade.ask, instrument_->tick);
    ++traded_;
    due_ = next_trade_due();
    return step;
}

Result<ipc::VenueStep> MarketDriver::step(MonoTime now, std::int64_t spread_times) {
    if (place_.open)
        return in_ticks() ? trade() : walk(now);
    if (feed_ == nullptr)
        return fail(Errc::not_found, "an administrator says what this market does");
    auto next = feed_->next({});
    if (const auto* fault = std::get_if<feed::Fault>(&next)) {
        ended_ = true;
        return fail(fault->error);
    }
    const auto* bar = std::get_if<model::Bar>(&next);
    if (bar == nullptr) {
        ended_ = true;
        phase_ = ipc::MarketPhase::ended;
        return describe(phase_);
    }
    // Behind by more than a bar (a suspended machine): the clock starts anew.
    opened_ = now - due_ > bar_length() ? now : due_;
    auto opened = open_bar(*bar, spread_times);
    due_ = in_ticks() ? next_trade_due() : opened_ + bar_length() * k_walk_from_percent / 100;
    return opened;
}

Result<ipc::VenueStep> MarketDriver::open_bar(const model::Bar& bar, std::int64_t spread_times) {
    if (place_.open)
        return fail(Errc::invalid, "a bar is open already");
    if (!well_formed(bar))
        return fail(Errc::invalid, "high and low do not enclose open and close");
    // The day's orders end before the first bar of the next day opens.
    const auto day = days_.trading_day(bar.start);
    if (day_ && *day_ != day)
        exchange_.expire_day_orders(ref_);
    day_ = day;
    bar_ = bar;
    walked_ = false;
    place_.open = true;
    make_path(spread_times);
    if (!in_ticks())
        exchange_.open_bar(ref_, bar_);
    phase_ = ipc::MarketPhase::open;
    return describe(phase_);
}

ipc::VenueStep MarketDriver::advance() {
    if (place_.open && in_ticks())
        return trade();
    if (place_.open && exchange_.advance(ref_)) {
        phase_ = ipc::MarketPhase::paused;
        return describe(phase_);
    }
    phase_ = ipc::MarketPhase::closed;
    auto told = describe(phase_);
    if (place_.open)
        place_ = {place_.bar + 1, false};
    return told;
}

ipc::VenueStep MarketDriver::tick(const model::Tick& tick) {
    exchange_.on_tick(ref_, tick);
    bar_ = model::Bar{tick.time,  model::k_minute, tick.price, tick.price,
                      tick.price, tick.price,      tick.size,  1};
    phase_ = ipc::MarketPhase::tick;
    return describe(phase_);
}

}  // namespace bullpen::venue
