// Who is connected, and what becomes of a line.
#include <algorithm>
#include <utility>

#include "common/base/errc.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

namespace {

constexpr std::size_t k_accounts_max = 10'000;

bool good_name(std::string_view name) {
    return !name.empty() && name.size() <= ipc::k_venue_account_max &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

void Venue::received(std::uint64_t number, std::string_view line, Instant now) {
    auto* session = find(number);
    if (session == nullptr || session->stage == Session::Stage::ended || session->black_hole)
        return;
    const auto request = ipc::decode_venue_request(line);
    note_received(*session, line, request, now);
    if (!request)
        return end(*session, false, "what came is no message: " + request.error().context(), now);
    using Kind = ipc::VenueRequestKind;
    if (request->kind == Kind::hello)
        return hello(*session, *request, now);
    if (session->stage == Session::Stage::fresh)
        return end(*session, false, "a session begins with hello", now);
    if (request->account != session->account) {
        return end(*session, true,
                   "this session is for account '" + session->account + "', not for '" +
                       request->account + "'",
                   now);
    }
    switch (request->kind) {
        case Kind::ping: {
            ipc::VenueReply reply;
            reply.kind = ipc::VenueReplyKind::pong;
            reply.id = request->id;
            return say(*session, std::move(reply), now);
        }
        case Kind::admin:
            if (session->stage != Session::Stage::admin)
                return end(*session, true, "only an administrator may do that", now);
            return admin(*session, *request, now);
        case Kind::step_done:
            session->step_done = std::max(session->step_done, request->step);
            return;
        case Kind::follow:
            if (session->stage == Session::Stage::admin)
                break;
            session->follows_market = true;
            return tell_place(*session, now);
        default: break;
    }
    if (session->stage == Session::Stage::admin)
        return end(*session, true, "an administrator's session does not trade", now);
    if (session->stage == Session::Stage::watcher)
        return end(*session, true, "a watcher's session does not trade", now);
    command_came(*session, *request, now);
}

// As it came, but for a cookie: the log is no place for it.
void Venue::note_received(const Session& session, std::string_view line,
                          const Result<ipc::VenueRequest>& request, Instant now) {
    std::string shown;
    if (request && !request->cookie.empty()) {
        auto without = *request;
        without.cookie.clear();
        shown = encode(without);
        shown.pop_back();
        line = shown;
    } else if (!request && line.find("cookie") != std::string_view::npos) {
        line = "a line that is no message and names a cookie";
    }
    noted(own_log_->message(now, "received", session.number, session.account, line));
}

bool Venue::admit(const Session& session, const std::string& account, Instant now,
                  std::string* why) {
    if (!good_name(account)) {
        *why = "an account has 1 to 63 printable characters";
        return false;
    }
    std::int64_t open = 0;
    for (const auto& [number, other] : sessions_)
        open += other.stage == Session::Stage::trader && number != session.number ? 1 : 0;
    for (auto& [number, other] : sessions_) {
        if (other.stage != Session::Stage::trader || other.account != account ||
            number == session.number)
            continue;
        if (personality_.rules().second_session == SecondSession::refuse) {
            *why = "the account has a session already";
            return false;
        }
        --open;
        noted(own_log_->note(now, "kicked", number, account, "by a newer session"));
        end(other, true, "another session of the account took over", now);
    }
    if (open >= personality_.rules().sessions_max) {
        *why = "there are as many sessions as there may be";
        return false;
    }
    return true;
}

void Venue::hello(Session& session, const ipc::VenueRequest& request, Instant now) {
    if (session.stage != Session::Stage::fresh)
        return end(session, true, "a session says hello once", now);
    ipc::VenueReply welcome;
    welcome.kind = ipc::VenueReplyKind::welcome;
    welcome.id = request.id;
    welcome.session = session.number;
    session.client = request.client;
    if (!request.watch.empty())
        return watch(session, request, std::move(welcome), now);
    const bool is_operator = admission_->is_operator(request.cookie);
    if (request.account.empty()) {
        if (!is_operator) {
            noted(own_log_->note(now, "refused", session.number, "", "no cookie was shown"));
            return end(session, true, "an administrator shows the home's cookie", now);
        }
        session.stage = Session::Stage::admin;
        noted(own_log_->note(now, "administrator", session.number, "", request.client));
        return say(session, std::move(welcome), now);
    }
    if (const auto why = is_operator
                             ? std::nullopt
                             : admission_->objection_to(session.peer, request.account, now)) {
        noted(own_log_->note(now, "refused", session.number, request.account, *why));
        log_.warn("stranger_refused",
                  {{"account", request.account}, {"peer", session.peer.pid}, {"why", *why}});
        // Not for good: the lock of a worker that has just been launched may not name it yet.
        return end(session, false, "not for account '" + request.account + "': " + *why, now);
    }
    std::string why;
    if (!admit(session, request.account, now, &why)) {
        noted(own_log_->note(now, "refused", session.number, request.account, why));
        return end(session, true, why, now);
    }
    take_roster(request.account, now);
    session.account = request.account;
    session.ref = account_of(request.account, now);
    session.stage = Session::Stage::trader;
    session.follows_market = request.follows_market || request.lockstep;
    session.lockstep = request.lockstep;
    session.ticks = request.ticks;
    // It is told how far the market is, and the market waits until it has taken that: the session
    // before it may have died with the step.
    session.step_done = 0;
    welcome.can_replace = personality_.rules().can_replace;
    noted(own_log_->note(now, "session", session.number, session.account, request.session));
    log_.info(
        "session_opened",
        {{"session", session.number}, {"account", session.account}, {"client", request.client}});
    say(session, std::move(welcome), now);
    if (session.follows_market)
        tell_place(session, now);
}

// Follows a market for others, who trade in it by themselves. A market that is not there may come
// with an account.
void Venue::watch(Session& session, const ipc::VenueRequest& request, ipc::VenueReply welcome,
                  Instant now) {
    const auto known = [&] {
        return std::any_of(markets_.begin(), markets_.end(),
                           [&](const Market& market) { return market.name == request.watch; });
    };
    if (!known() && settings_.markets_from_roster) {
        add_roster(&settings_, roster_in_force(home_, now.utc));
        add_markets(now);
    }
    if (!request.account.empty() || !known())
        return end(session, false, "there is no market '" + request.watch + "' to watch", now);
    session.stage = Session::Stage::watcher;
    session.follows_market = true;
    session.watch = request.watch;
    noted(own_log_->note(now, "watches", session.number, "", request.watch));
    say(session, std::move(welcome), now);
    tell_place(session, now);
}

// An account is opened when somebody comes for it.
matching::AccountRef Venue::account_of(const std::string& name, Instant now) {
    if (const auto found = exchange_.find_account(name))
        return *found;
    const auto rules = settings_.accounts.find(name);
    const auto cash = rules == settings_.accounts.end()
                          ? settings_.cash
                          : rules->second.cash.value_or(settings_.cash);
    record(AccountRecord{name, cash});
    noted(own_log_->note(now, "account_opened", 0, name, text(cash)));
    return exchange_.add_account(name, cash);
}

// An account that came into the roster after the start, or whose feed was changed, may bring a
// market with it.
void Venue::take_roster(const std::string& account, Instant now) {
    if (settings_.accounts.size() >= k_accounts_max)
        return;
    const auto recorded = roster_time(home_);
    if (recorded != roster_seen_ || !settings_.accounts.contains(account)) {
        roster_seen_ = recorded;
        add_roster(&settings_, roster_in_force(home_, now.utc));
        add_markets(now);
    }
    // Others stay where they are: what they hold may be closed there first.
    const auto rules = settings_.accounts.find(account);
    if (rules != settings_.accounts.end() && !rules->second.next_market.empty())
        rules->second.markets = {std::exchange(rules->second.next_market, {})};
}

// Counts a command, and says whether the broker looks at it no more.
bool Venue::too_fast(Session& session, Instant now) {
    const auto rate_max = personality_.rules().rate_max;
    if (now.mono - session.second >= std::chrono::seconds(1)) {
        session.second = now.mono;
        session.commands = 0;
    }
    if (rate_max <= 0 || ++session.commands <= rate_max)
        return false;
    noted(own_log_->note(now, "rate_limited", session.number, session.account, ""));
    return true;
}

void Venue::command_came(Session& session, const ipc::VenueRequest& request, Instant now) {
    using Kind = ipc::VenueRequestKind;
    const bool changes = request.kind == Kind::submit || request.kind == Kind::cancel ||
                         request.kind == Kind::replace;
    if (changes && too_fast(session, now)) {
        return answer(session, request, matching::Refusal::by_rule, 0, ipc::k_venue_too_fast, now);
    }
    if (session.waiting.size() >= Session::k_waiting_max)
        return break_off(session, "too many commands wait", now);
    auto due = now.mono + personality_.next_latency();
    if (!session.waiting.empty())
        due = std::max(due, session.waiting.back().due);
    if (due <= now.mono)
        return execute(session, request, now);
    session.waiting.push_back({due, request});
}

void Venue::execute(Session& session, const ipc::VenueRequest& request, Instant now) {
    using Kind = ipc::VenueRequestKind;
    switch (request.kind) {
        case Kind::submit: return submit(session, request, now);
        case Kind::cancel: return cancel(session, request, now);
        case Kind::replace: return replace(session, request, now);
        case Kind::shares: return serve_shares(session, request, now);
        default: return query(session, request, now);
    }
}

}  // namespace bullpen::venue
