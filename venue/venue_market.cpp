// The markets' steps, and who is told of them.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/descriptor.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

// By its rights this process may read the file, and yet it cannot: that is its confinement, which
// access() does not ask.
bool is_behind_walls(const std::string& path) {
    if (path.empty() || ::access(path.c_str(), R_OK) != 0)
        return false;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return !file.valid() && errno == EACCES;
}

}  // namespace

Result<void> Venue::add_market(const MarketSettings& settings, Instant now) {
    Market market;
    market.name = settings.name;
    BULLPEN_TRY(market.driver, MarketDriver::open(home_, settings, exchange_, *trading_days_,
                                                  instruments_, settings_, now.utc));
    if (book_) {
        record(PlaceRecord{market.name, std::string(market.driver->instrument().symbol),
                           market.driver->place()});
    }
    markets_.push_back(std::move(market));
    return {};
}

// The markets of the roster's accounts: one that cannot be opened leaves the others alone.
void Venue::add_markets(Instant now) {
    for (const auto& settings : settings_.markets) {
        const auto found = std::find_if(markets_.begin(), markets_.end(), [&](const Market& known) {
            return known.name == settings.name;
        });
        Result<void> added;
        if (found == markets_.end()) {
            added = add_market(settings, now);
        } else if (found->driver->settings().source == Source::manual) {
            added = found->driver->take_up(home_, settings, instruments_, now.utc);
        } else if (found->driver->settings().speed != settings.speed) {
            found->driver->set_speed(settings.speed, now.mono);
            log_.info("market_speed", {{"market", settings.name}, {"speed", settings.speed}});
        }
        if (!added) {
            log_.error("market_not_opened",
                       {{"market", settings.name}, {"error", added.error().message()}});
            outgrown_ = outgrown_ || is_behind_walls(source_file(home_, settings));
        }
    }
}

// In lockstep: whether everybody has done with the last step, or was waited for long enough.
bool Venue::may_step(const Market& market, Instant now) const {
    const auto& driver = *market.driver;
    if (driver.ended() || driver.settings().source == Source::manual)
        return false;
    if (driver.settings().pace == Pace::wall)
        return !market.started || driver.due().value_or(MonoTime::max()) <= now.mono;
    bool anybody = false;
    bool ready = true;
    for (const auto& [number, session] : sessions_) {
        if (!session.lockstep || session.stage != Session::Stage::trader ||
            !trades_in(session.account, market.name))
            continue;
        anybody = true;
        ready =
            ready && session.step_done >= (session.ticks ? market.told_step : market.told_to_all);
    }
    for (const auto& account : settings_.lockstep_accounts) {
        if (!trades_in(account, market.name))
            continue;
        ready = ready && std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
                    return entry.second.account == account && entry.second.lockstep &&
                           entry.second.stage == Session::Stage::trader;
                });
    }
    if (!anybody)
        return false;
    return ready || now.mono - market.told_at >= settings_.lockstep_wait;
}

std::optional<MonoTime> Venue::market_due(const Market& market) const {
    const auto& driver = *market.driver;
    if (driver.ended() || driver.settings().source == Source::manual)
        return std::nullopt;
    if (driver.settings().pace == Pace::wall)
        return market.started ? driver.due() : std::optional(MonoTime{});
    // A lockstep that is ready is due at once; one that waits, when the wait is over.
    if (may_step(market, {UtcTime{}, market.told_at}))
        return MonoTime{};
    const bool anybody = std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
        return entry.second.lockstep && trades_in(entry.second.account, market.name);
    });
    if (!anybody)
        return std::nullopt;
    return market.told_at + settings_.lockstep_wait;
}

void Venue::step(Market& market, Instant now) {
    if (!market.started) {
        market.started = true;
        market.driver->start(now.mono);
        if (market.driver->settings().pace == Pace::wall &&
            market.driver->due().value_or(MonoTime::max()) > now.mono)
            return;
    }
    auto made = market.driver->step(now.mono, personality_.rules().spread_times);
    if (!made) {
        log_.error("market_ended", {{"market", market.name}, {"error", made.error().message()}});
        return;
    }
    stepped(market, std::move(*made), now);
}

bool Venue::follows(const Session& session, const std::string& market) const {
    if (session.stage == Session::Stage::watcher)
        return session.watch == market;
    return session.follows_market && session.stage == Session::Stage::trader &&
           trades_in(session.account, market);
}

bool Venue::is_mute(std::uint64_t bar) const {
    const auto& rules = personality_.rules();
    const auto from = static_cast<std::uint64_t>(rules.mute_from_bar);
    return rules.mute_feed || (from > 0 && bar >= from);
}

// Of the bar's ticks the one with this number, from 0.
bool Venue::loses_tick(std::int64_t number) const {
    const auto& rules = personality_.rules();
    return rules.mute_ticks ||
           (rules.lose_tick_every > 0 && (number + 1) % rules.lose_tick_every == 0);
}

void Venue::stepped(Market& market, ipc::VenueStep step, Instant now) {
    using ipc::MarketPhase;
    flush_events(now);
    if (step.phase == MarketPhase::open || step.phase == MarketPhase::closed) {
        record(PlaceRecord{market.name, std::string(market.driver->instrument().symbol),
                           market.driver->place()});
    }
    step.step = ++last_step_;
    const bool trade = step.phase == MarketPhase::tick && market.driver->settings().ticks;
    const bool lost = trade && loses_tick(*step.ticks);
    // Nobody is waited for that a trade is not told to.
    if (!lost)
        market.told_step = step.step;
    if (!trade)
        market.told_to_all = step.step;
    market.told_at = now.mono;
    if (settings_.log_steps)
        noted(own_log_->step(now, market.name, code(step.phase), step.bar, step.start));
    if (lost || is_mute(step.bar))
        return;
    for (auto& [number, session] : sessions_) {
        if (!follows(session, market.name) || (trade && !session.hears_ticks()))
            continue;
        ipc::VenueReply reply;
        reply.kind = ipc::VenueReplyKind::step;
        reply.step = step;
        say(session, std::move(reply), now, personality_.rules().event_delay, trade);
    }
}

// Whoever comes later is told how far its markets are.
void Venue::tell_place(Session& session, Instant now) {
    for (const auto& market : markets_) {
        if (!follows(session, market.name) || is_mute(market.driver->place().bar))
            continue;
        const auto place = market.driver->place();
        if (!place.open && place.bar == 0 && !market.driver->ended())
            continue;
        ipc::VenueReply reply;
        reply.kind = ipc::VenueReplyKind::step;
        reply.step = market.driver->last_step();
        reply.step.step = market.told_step;
        say(session, std::move(reply), now);
    }
}

}  // namespace bullpen::venue
