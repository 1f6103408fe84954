#include "venue/venue.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/tables/instrument_file.hpp"

namespace bullpen::venue {

namespace {

constexpr mode_t k_directory_mode = 0700;
// Steps of a market in one turn, so that a fast one does not keep the sockets waiting.
constexpr int k_steps_a_turn = 64;

}  // namespace

Venue::Venue(const Home& home, const VenueSettings& settings, storage::FileSystem& files,
             log::Logger& log, model::Instruments instruments)
    : home_(home),
      settings_(settings),
      files_(files),
      log_(log),
      instruments_(std::move(instruments)) {}
Venue::~Venue() = default;

Result<std::unique_ptr<Venue>> Venue::open(const Home& home, const VenueSettings& settings,
                                           storage::FileSystem& files, log::Logger& log,
                                           Instant now) {
    BULLPEN_TRY(auto instruments, tables::load_instruments(home));
    std::unique_ptr<Venue> venue(new Venue(home, settings, files, log, std::move(instruments)));
    BULLPEN_TRY(venue->trading_days_, time::FuturesSession::load());
    BULLPEN_TRY(venue->admission_, Admission::open(home));
    if (settings.markets_from_roster) {
        venue->roster_seen_ = roster_time(home);
        venue->add_markets(now);
    } else {
        for (const auto& market : settings.markets)
            BULLPEN_CHECK(venue->add_market(market, now));
    }
    BULLPEN_CHECK(venue->open_shares(now));
    BULLPEN_CHECK(venue->open_book(now));
    return venue;
}

Result<void> Venue::open_book(Instant now) {
    const auto directory = home_.root() + "/venue";
    BULLPEN_CHECK(files_.make_directories(directory, k_directory_mode));
    BULLPEN_TRY(own_log_, VenueLog::open(files_, directory + "/venue.jsonl",
                                         {settings_.log_steps, settings_.log_size_max}));
    BULLPEN_TRY(book_, Book::open(files_, directory + "/book",
                                  [&](const Record& one) { return apply(one); }));
    exchange_.clear_events();
    shares_->resume();
    for (auto& market : markets_) {
        if (const auto found = places_.find(market.name); found != places_.end())
            BULLPEN_CHECK(market.driver->resume(found->second));
    }
    for (std::uint32_t i = 0; i < exchange_.accounts(); ++i)
        (void)account_of(exchange_.name({i}), now);
    noted(own_log_->note(now, "venue_started", 0, "", ""));
    log_.info("venue_started", {{"markets", markets_.size()},
                                {"accounts", exchange_.accounts()},
                                {"orders", exchange_.orders().size()}});
    return {};
}

Result<void> Venue::apply(const Record& record) {
    const auto account_named = [&](const std::string& name) {
        const auto found = exchange_.find_account(name);
        return found ? *found : exchange_.add_account(name, {});
    };
    const auto market_named = [&](const std::string& name) -> Result<matching::MarketRef> {
        for (std::uint32_t i = 0; i < markets_.size(); ++i) {
            if (markets_[i].name == name)
                return matching::MarketRef{i};
        }
        return fail(Errc::corrupt, "the book names a market before it says what it is: " + name);
    };
    if (const auto* account = std::get_if<AccountRecord>(&record)) {
        exchange_.restore_cash(account_named(account->account), account->cash);
    } else if (const auto* place = std::get_if<PlaceRecord>(&record)) {
        places_[place->market] = place->place;
        if (!market_named(place->market)) {
            // It is not in the settings any more: nothing moves it, but what is held in it stays.
            MarketSettings retired;
            retired.name = place->market;
            retired.instrument = place->instrument;
            retired.source = Source::manual;
            BULLPEN_CHECK(add_market(retired, {}));
        }
    } else if (const auto* position = std::get_if<PositionRecord>(&record)) {
        BULLPEN_TRY(const auto market, market_named(position->market));
        exchange_.restore_position(account_named(position->account), market, position->position);
    } else if (const auto* used = std::get_if<UsedIdRecord>(&record)) {
        exchange_.restore_used_id(account_named(used->account), used->client);
    } else if (const auto* numbers = std::get_if<NumbersRecord>(&record)) {
        exchange_.restore_numbers(numbers->orders, numbers->executions);
        last_session_ = std::max(last_session_, numbers->sessions);
    } else if (const auto* book = std::get_if<ShareBookRecord>(&record)) {
        shares_->apply(*book, share_cash(book->account));
    } else if (const auto* market = std::get_if<ShareMarketRecord>(&record)) {
        shares_->apply(*market);
    } else if (const auto* share = std::get_if<ShareFactsRecord>(&record)) {
        shares_->apply(*share);
    } else if (const auto* one = std::get_if<EventRecord>(&record)) {
        auto event = one->event;
        event.order.account = account_named(one->account);
        BULLPEN_TRY(event.order.market, market_named(one->market));
        event.execution.account = event.order.account;
        event.execution.market = event.order.market;
        exchange_.apply(event);
        facts_[event.order.number] = {one->purpose, {}, one->wall};
        if (event.kind == matching::EventKind::filled)
            execution_wall_[event.execution.number] = one->wall;
    }
    return {};
}

// The whole book as records, for a snapshot: executions as the events they came in, so that they
// are told again when asked for, and then each order as it stands.
std::vector<Record> Venue::everything() const {
    std::vector<Record> records;
    for (const auto& market : markets_) {
        records.emplace_back(PlaceRecord{
            market.name, std::string(market.driver->instrument().symbol), market.driver->place()});
    }
    const auto facts_of = [&](std::uint64_t order) {
        const auto found = facts_.find(order);
        return found == facts_.end() ? OrderFacts{} : found->second;
    };
    const auto event_record = [&](const matching::Order& order, matching::EventKind kind) {
        const auto facts = facts_of(order.number);
        EventRecord record;
        record.account = exchange_.name(order.account);
        record.market = markets_[order.market.index].name;
        record.event.kind = kind;
        record.event.order = order;
        record.purpose = facts.purpose;
        record.wall = facts.wall;
        return record;
    };
    std::vector<EventRecord> fills;
    for (std::uint32_t i = 0; i < exchange_.accounts(); ++i) {
        records.emplace_back(AccountRecord{exchange_.name({i}), exchange_.cash({i})});
        for (const auto& execution : exchange_.executions({i})) {
            const auto* order = exchange_.find_order(execution.order);
            if (order == nullptr)
                continue;
            auto record = event_record(*order, matching::EventKind::filled);
            record.event.execution = execution;
            if (const auto wall = execution_wall_.find(execution.number);
                wall != execution_wall_.end())
                record.wall = wall->second;
            fills.push_back(std::move(record));
        }
    }
    // By number over all accounts, as they were: an execution older than one seen is not taken.
    std::sort(fills.begin(), fills.end(), [](const EventRecord& a, const EventRecord& b) {
        return a.event.execution.number < b.event.execution.number;
    });
    for (auto& fill : fills)
        records.emplace_back(std::move(fill));
    for (const auto& [number, order] : exchange_.orders())
        records.emplace_back(event_record(order, matching::EventKind::accepted));
    for (std::uint32_t i = 0; i < exchange_.accounts(); ++i) {
        for (const auto& id : exchange_.used_ids({i})) {
            if (exchange_.find_order({i}, id) == nullptr)
                records.emplace_back(UsedIdRecord{exchange_.name({i}), id});
        }
        for (std::uint32_t m = 0; m < markets_.size(); ++m) {
            records.emplace_back(PositionRecord{exchange_.name({i}), markets_[m].name,
                                                exchange_.position({i}, {m})});
        }
        records.emplace_back(AccountRecord{exchange_.name({i}), exchange_.cash({i})});
    }
    const auto add = [&](auto one) { records.emplace_back(std::move(one)); };
    shares_->keep_all({add, add, add, {}});
    records.emplace_back(NumbersRecord{exchange_.last_order_number(),
                                       exchange_.last_execution_number(), last_session_});
    return records;
}

void Venue::record(const Record& record) {
    if (failure_)
        return;
    if (auto added = book_->add(record); !added)
        failure_ = std::move(added).error().wrap("the book of the venue");
}

// The log is a promise like the book: without it nothing is told.
void Venue::noted(const Result<void>& written) {
    if (!written && !failure_)
        failure_ = written.error().wrap("the log of the venue");
}

Session* Venue::find(std::uint64_t number) {
    const auto found = sessions_.find(number);
    return found == sessions_.end() ? nullptr : &found->second;
}

std::uint64_t Venue::connected(const Peer& peer, Instant now) {
    Session session;
    session.number = ++last_session_;
    session.peer = peer;
    session.connected = now.mono;
    const auto number = session.number;
    sessions_.emplace(number, std::move(session));
    record(NumbersRecord{0, 0, last_session_});
    noted(own_log_->note(now, "connected", number, "", ""));
    return number;
}

void Venue::gone(std::uint64_t number, std::string_view why, Instant now) {
    const auto* session = find(number);
    if (session == nullptr)
        return;
    noted(own_log_->note(now, "disconnected", number, session->account, why));
    log_.info("session_ended", {{"session", number}, {"account", session->account}, {"why", why}});
    sessions_.erase(number);
}

void Venue::say(Session& session, ipc::VenueReply reply, Instant now, Nanos delay, bool spare) {
    if (session.stage == Session::Stage::ended || session.black_hole)
        return;
    reply.account = session.account;
    session.owe(now.mono + delay, encode(reply), spare);
}

// With the number of a command that was not looked at, if that is why.
void Venue::end(Session& session, bool final, std::string_view text, Instant now,
                std::uint64_t not_looked_at) {
    ipc::VenueReply reply;
    reply.kind = ipc::VenueReplyKind::refused;
    reply.id = not_looked_at;
    reply.final = final;
    reply.text = text;
    say(session, std::move(reply), now);
    session.stage = Session::Stage::ended;
    session.waiting.clear();
    // What was to come later does not hold up the end.
    session.owed.erase(session.owed.upper_bound({now.mono, UINT64_MAX}), session.owed.end());
}

void Venue::break_off(Session& session, std::string_view why, Instant now) {
    noted(own_log_->note(now, "broken_off", session.number, session.account, why));
    session.stage = Session::Stage::ended;
    session.broken = true;
    session.waiting.clear();
    session.owed.clear();
}

Result<void> Venue::work(Instant now) {
    // By number: commands of several sessions that are due are executed in the order of sessions,
    // each session's in the order of its sending.
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, session] : sessions_)
        numbers.push_back(number);
    for (const auto number : numbers) {
        if (auto* fresh = find(number); fresh != nullptr && fresh->stage == Session::Stage::fresh &&
                                        now.mono - fresh->connected >= Session::k_greeting_wait)
            break_off(*fresh, "said nothing", now);
        for (auto* session = find(number);
             session != nullptr && !session->waiting.empty() &&
             session->waiting.front().due <= now.mono && !session->black_hole;
             session = find(number)) {
            const auto request = std::move(session->waiting.front().request);
            session->waiting.pop_front();
            execute(*session, request, now);
        }
    }
    while (!later_.empty() && later_.begin()->first <= now.mono) {
        const auto later = later_.begin()->second;
        later_.erase(later_.begin());
        if (later.execution != 0)
            void_execution(later.execution, later.order, now);
        else
            (void)exchange_.end(later.order, matching::Status::rejected,
                                matching::Refusal::by_rule);
        flush_events(now);
    }
    for (auto& market : markets_) {
        for (int i = 0; i < k_steps_a_turn && may_step(market, now) && !failure_; ++i)
            step(market, now);
    }
    step_shares(now);
    if (!failure_ && book_->unsynced() &&
        (settings_.sync == Sync::always || (sync_due_ && *sync_due_ <= now.mono))) {
        if (auto synced = book_->sync(); !synced)
            failure_ = std::move(synced).error().wrap("the book of the venue");
        sync_due_.reset();
    }
    if (settings_.sync == Sync::interval && book_->unsynced() && !sync_due_)
        sync_due_ = now.mono + settings_.sync_interval;
    if (!failure_ && book_->wants_snapshot()) {
        if (auto done = close(now); !done)
            failure_ = std::move(done).error();
    }
    if (failure_)
        return fail(*failure_);
    return {};
}

std::optional<MonoTime> Venue::next_due() const {
    std::optional<MonoTime> next;
    const auto sooner = [&](std::optional<MonoTime> one) {
        if (one && (!next || *one < *next))
            next = one;
    };
    for (const auto& [number, session] : sessions_) {
        if (!session.black_hole)
            sooner(session.next_due());
    }
    if (!later_.empty())
        sooner(later_.begin()->first);
    for (const auto& market : markets_)
        sooner(market_due(market));
    sooner(sync_due_);
    sooner(shares_due_);
    return next;
}

std::vector<Output> Venue::take_outputs(Instant now) {
    std::vector<std::uint64_t> ended;
    for (auto& [number, session] : sessions_) {
        if (session.black_hole)
            continue;
        if (session.owed.size() > Session::k_owed_max)
            break_off(session, "does not read what it is told", now);
        while (!session.owed.empty() && session.owed.begin()->first.first <= now.mono) {
            auto [line, spare] = std::move(session.owed.begin()->second);
            session.owed.erase(session.owed.begin());
            const std::string_view text(line.data(), line.size() - 1);
            noted(own_log_->message(now, "sent", number, session.account, text));
            outputs_.push_back({number, Output::Kind::line, std::move(line), spare});
        }
        if (session.stage == Session::Stage::ended && session.owed.empty()) {
            outputs_.push_back({number,
                                session.broken ? Output::Kind::break_off : Output::Kind::close,
                                {},
                                false});
            ended.push_back(number);
        }
    }
    for (const auto number : ended)
        gone(number, "ended by the venue", now);
    return std::exchange(outputs_, {});
}

Result<void> Venue::close(Instant now) {
    // Orders that ended long ago are not told any more; their ids stay used.
    const auto until = now.utc - std::chrono::hours(24) * settings_.order_days;
    std::vector<std::uint64_t> old;
    for (const auto& [number, order] : exchange_.orders()) {
        const auto facts = facts_.find(number);
        if (is_final(order.status) && facts != facts_.end() && facts->second.wall < until)
            old.push_back(number);
    }
    for (const auto number : old) {
        exchange_.forget(number);
        facts_.erase(number);
    }
    if (!old.empty()) {
        auto walls = std::exchange(execution_wall_, {});
        for (std::uint32_t i = 0; i < exchange_.accounts(); ++i) {
            for (const auto& execution : exchange_.executions({i}))
                execution_wall_[execution.number] = walls[execution.number];
        }
    }
    return book_->snapshot(everything());
}

}  // namespace bullpen::venue
