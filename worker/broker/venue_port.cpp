#include "worker/broker/venue_port.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/errc.hpp"
#include "common/time/recurrence.hpp"

namespace bullpen::broker {

namespace {

constexpr std::size_t k_read_size = 64 * 1024;
// In one poll(), so that a venue that never stops talking does not keep the worker from trading.
constexpr int k_reads_max = 64;
// Pings and step_done wait in our queue up to this; a venue that takes nothing is lost by then.
constexpr std::size_t k_unsent_max = 64 * 1024;

OrderCommand command_of(ipc::VenueRequestKind kind) {
    switch (kind) {
        case ipc::VenueRequestKind::cancel: return OrderCommand::cancel;
        case ipc::VenueRequestKind::replace: return OrderCommand::replace;
        default: return OrderCommand::submit;
    }
}

Result<Descriptor> connect_to(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path)
        return fail(Errc::too_large, "a socket's path has at most 107 bytes: " + path);
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid())
        return fail_errno("cannot make a socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("cannot connect to " + path);
    return socket;
}

}  // namespace

Result<std::unique_ptr<VenuePort>> VenuePort::make(
    VenuePortSettings settings, std::span<const model::Instrument* const> instruments) {
    const bool watches = !settings.watch.empty();
    if (settings.account.empty() != watches || settings.account.size() > ipc::k_venue_account_max)
        return fail(Errc::invalid, "an account at the venue has 1 to 63 characters");
    if (settings.reconnect.empty())
        return fail(Errc::invalid, "the schedule of attempts is empty");
    Descriptor poller(::epoll_create1(EPOLL_CLOEXEC));
    if (!poller.valid())
        return fail_errno("cannot make an epoll descriptor");
    return std::unique_ptr<VenuePort>(
        new VenuePort(std::move(settings), instruments, std::move(poller)));
}

VenuePort::VenuePort(VenuePortSettings settings,
                     std::span<const model::Instrument* const> instruments, Descriptor poller)
    : settings_(std::move(settings)),
      instruments_(instruments.begin(), instruments.end()),
      poller_(std::move(poller)) {}

void VenuePort::connect(Instant now) {
    if (stage_ == Stage::greeting || stage_ == Stage::up)
        return;
    attempt_ = 0;
    may_relogin_ = true;
    stage_ = Stage::waiting;
    next_attempt_ = now.mono + wait_before(0);
    if (next_attempt_ <= now.mono)
        open_connection(now);
}

void VenuePort::hurry(bool hurries, Instant now) {
    const bool begins = hurries && !hurries_;
    hurries_ = hurries;
    if (hurries && stage_ == Stage::waiting)
        next_attempt_ = std::min(next_attempt_, now.mono + settings_.hurried_wait);
    if (!begins)
        return;
    hurries_since_ = now.mono;
    if (stage_ == Stage::up)
        ping(now);
}

// When a connection that stands counts as lost, if nothing comes.
MonoTime VenuePort::lost_at() const {
    const MonoTime usual = last_heard_ + settings_.silence_max;
    if (!hurries_)
        return usual;
    return std::min(usual, std::max(last_heard_, hurries_since_) + settings_.hurried_silence);
}

void VenuePort::ping(Instant now) {
    ipc::VenueRequest ping;
    ping.kind = ipc::VenueRequestKind::ping;
    ping.id = ++last_id_;
    ping.account = settings_.account;
    (void)put(ping, false, now);
}

Nanos VenuePort::wait_before(std::size_t attempt) {
    const Nanos wait = settings_.reconnect.at(attempt);
    const Nanos most = wait / 100 * settings_.jitter_percent;
    const std::string seed =
        settings_.account + settings_.watch + " " + std::to_string(++attempts_);
    return wait + time::share_of(most, seed);
}

void VenuePort::reconnect(std::string_view why, Instant now) {
    if (stage_ == Stage::greeting || stage_ == Stage::up)
        lose(why, false, now);
    connect(now);
}

void VenuePort::subscribe(Instant now) {
    if (stage_ != Stage::up || !settings_.follows_market)
        return;
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::follow;
    request.id = ++last_id_;
    request.account = settings_.account;
    (void)put(request, false, now);
}

void VenuePort::open_connection(Instant now) {
    lines_.clear();
    unsent_.clear();
    written_ = appended_ = 0;
    watches_writing_ = false;
    since_ = last_heard_ = last_said_ = now.mono;
    auto socket = connect_to(settings_.socket);
    if (!socket)
        return lose(socket.error().message(), false, now);
    socket_ = std::move(*socket);
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, socket_.get(), &event) != 0)
        return lose("the socket cannot be watched", false, now);
    stage_ = Stage::greeting;
    ipc::VenueRequest hello;
    hello.kind = ipc::VenueRequestKind::hello;
    hello.id = ++last_id_;
    hello.account = settings_.account;
    hello.client = settings_.client;
    hello.session = settings_.session;
    hello.follows_market = settings_.follows_market;
    hello.lockstep = settings_.lockstep;
    hello.ticks = settings_.ticks;
    hello.watch = settings_.watch;
    hello.cookie = settings_.cookie;
    (void)put(hello, false, now);
}

// The connection is over, or could not be made: what was sent and not answered is unknown.
void VenuePort::lose(std::string_view why, bool final, Instant now) {
    const bool was_up = stage_ == Stage::up;
    socket_.reset();
    for (const auto& [id, sent] : std::exchange(sent_, {}))
        give_up(id, sent, why);
    unsent_.clear();
    const bool was_stable = was_up && now.mono - since_ >= settings_.stable_after;
    attempt_ = was_stable ? 0 : std::min(attempt_ + 1, settings_.reconnect.size() - 1);
    const bool relogin = final && was_up && std::exchange(may_relogin_, false);
    stage_ = final && !relogin ? Stage::refused : Stage::waiting;
    next_attempt_ = now.mono + (relogin ? settings_.relogin_wait : wait_before(attempt_));
    if (!relogin)
        hurry(hurries_, now);
    trouble_ = {std::string(why), final, final && !relogin};
    told_.emplace_back(Disconnected{std::string(why), final && !relogin});
}

// The end of a wait for an answer that will not be told any more.
void VenuePort::give_up(std::uint64_t id, const Sent& sent, std::string_view why) {
    const std::string text(why);
    switch (sent.kind) {
        case ipc::VenueRequestKind::orders:
            told_.emplace_back(OrdersAnswer{id, std::nullopt, text});
            break;
        case ipc::VenueRequestKind::fills:
            told_.emplace_back(FillsAnswer{id, std::nullopt, text});
            break;
        case ipc::VenueRequestKind::positions:
            told_.emplace_back(PositionsAnswer{id, std::nullopt, text});
            break;
        case ipc::VenueRequestKind::balance:
            told_.emplace_back(BalanceAnswer{id, std::nullopt, true, text});
            break;
        case ipc::VenueRequestKind::instrument:
            told_.emplace_back(InstrumentAnswer{id, sent.symbol, {}, text});
            break;
        case ipc::VenueRequestKind::shares:
            share_answers_.emplace_back(
                id, ShareAnswer{
                        sent.begin >= written_ ? Outcome::not_sent : Outcome::unknown, {}, text});
            break;
        default:
            answer(sent.kind, sent.begin >= written_ ? Outcome::not_sent : Outcome::unknown,
                   sent.order, why);
            break;
    }
}

void VenuePort::answer(ipc::VenueRequestKind kind, Outcome outcome,
                       const model::ClientOrderId& order, std::string_view text) {
    Answer made;
    made.command = command_of(kind);
    made.outcome = outcome;
    made.order = order;
    made.text = text;
    told_.emplace_back(std::move(made));
}

// Appends a message and writes what the socket takes. With `whole_or_nothing` the message is taken
// back when none of it left at once, and the result is false.
bool VenuePort::put(const ipc::VenueRequest& request, bool whole_or_nothing, Instant now) {
    const auto line = encode(request);
    const auto begin = appended_;
    if (unsent_.size() + line.size() > k_unsent_max)
        return false;
    unsent_ += line;
    appended_ += line.size();
    last_said_ = now.mono;
    write_all(now);
    if (!whole_or_nothing || written_ > begin || !socket_.valid())
        return true;
    unsent_.resize(unsent_.size() - line.size());
    appended_ = begin;
    return false;
}

void VenuePort::write_all(Instant now) {
    while (!unsent_.empty()) {
        const auto sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0) {
            // The venue's last words may lie there unread, and say that it ended the session.
            const std::string why = std::strerror(errno);
            unsent_.clear();
            read_all(now);
            return socket_.valid() ? lose(why, false, now) : void();
        }
        written_ += static_cast<std::uint64_t>(sent);
        unsent_.erase(0, static_cast<std::size_t>(sent));
    }
    watch();
}

void VenuePort::watch() {
    const bool writing = !unsent_.empty();
    if (writing == watches_writing_ || !socket_.valid())
        return;
    watches_writing_ = writing;
    epoll_event event{};
    event.events = EPOLLIN | (writing ? EPOLLOUT : 0U);
    (void)::epoll_ctl(poller_.get(), EPOLL_CTL_MOD, socket_.get(), &event);
}

void VenuePort::read_all(Instant now) {
    std::array<char, k_read_size> buffer{};
    for (int i = 0; i < k_reads_max && socket_.valid(); ++i) {
        const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got < 0)
            return lose(std::strerror(errno), false, now);
        if (got == 0)
            return lose("the venue closed the connection", false, now);
        last_heard_ = now.mono;
        lines_.add({buffer.data(), static_cast<std::size_t>(got)});
        while (socket_.valid()) {
            const auto line = lines_.next();
            if (!line)
                break;
            if (auto taken = take(*line, now); !taken)
                return lose("not understood: " + taken.error().context(), false, now);
        }
        if (socket_.valid() && lines_.overflown())
            return lose("a line longer than any may be", false, now);
    }
}

void VenuePort::look_at_times(Instant now) {
    if (stage_ == Stage::waiting && next_attempt_ <= now.mono)
        open_connection(now);
    if (stage_ == Stage::greeting && now.mono - since_ >= settings_.greeting_wait)
        lose("no welcome in time", false, now);
    if (stage_ == Stage::up && now.mono >= lost_at())
        lose("the venue has fallen silent", false, now);
    for (auto it = sent_.begin(); it != sent_.end();) {
        if (it->second.due > now.mono) {
            ++it;
            continue;
        }
        const auto id = it->first;
        const auto sent = std::move(it->second);
        it = sent_.erase(it);
        give_up(id, sent, "no answer in time");
    }
    if (stage_ == Stage::up && now.mono - last_said_ >= settings_.ping_interval)
        ping(now);
}

std::optional<MonoTime> VenuePort::answer_due() const {
    const auto sooner = [](const auto& a, const auto& b) { return a.second.due < b.second.due; };
    const auto first = std::min_element(sent_.begin(), sent_.end(), sooner);
    return first == sent_.end() ? std::nullopt : std::optional(first->second.due);
}

std::optional<MonoTime> VenuePort::next_time() const {
    std::optional<MonoTime> next;
    const auto sooner = [&](MonoTime one) { next = next ? std::min(*next, one) : one; };
    if (!told_.empty() || !share_answers_.empty())
        sooner(MonoTime{});
    if (stage_ == Stage::waiting)
        sooner(next_attempt_);
    if (stage_ == Stage::greeting)
        sooner(since_ + settings_.greeting_wait);
    if (stage_ == Stage::up) {
        sooner(lost_at());
        sooner(last_said_ + settings_.ping_interval);
    }
    if (const auto due = answer_due())
        sooner(*due);
    return next;
}

std::optional<MonoTime> VenuePort::poll(Instant now, std::vector<Event>& events) {
    if (socket_.valid()) {
        if (!unsent_.empty())
            write_all(now);
        read_all(now);
    }
    look_at_times(now);
    for (auto& event : told_)
        events.push_back(std::move(event));
    told_.clear();
    return next_time();
}

// --- commands and queries ------------------------------------------------------------------------

void VenuePort::command(ipc::VenueRequest request, Instant now) {
    request.account = settings_.account;
    request.id = ++last_id_;
    if (stage_ != Stage::up)
        return answer(request.kind, Outcome::not_sent, request.order, "not connected");
    Sent sent;
    sent.kind = request.kind;
    sent.order = request.order;
    sent.begin = appended_;
    sent.due = now.mono + settings_.answer_wait;
    // Kept before it is written: a connection that breaks in the writing answers for it.
    sent_.emplace(request.id, std::move(sent));
    if (put(request, true, now))
        return;
    sent_.erase(request.id);
    answer(request.kind, Outcome::not_sent, request.order, "the venue does not read");
}

void VenuePort::submit(const risk::Approved<model::OrderTerms>& terms, Instant now) {
    const auto* const found = instrument(terms->symbol.view());
    if (found == nullptr) {
        return answer(ipc::VenueRequestKind::submit, Outcome::not_sent, terms->id,
                      "the instrument is not known here");
    }
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::submit;
    request.order = terms->id;
    request.intent = text(terms->key);
    request.symbol = terms->symbol;
    request.side = terms->side;
    request.type = terms->type;
    request.time_in_force = terms->time_in_force;
    request.purpose = terms->purpose;
    request.quantity = terms->quantity;
    if (terms->type == model::OrderType::limit)
        request.price = text(terms->limit, found->tick);
    if (terms->type == model::OrderType::stop)
        request.price = text(terms->stop, found->tick);
    symbols_.insert_or_assign(terms->id.str(), terms->symbol);
    command(std::move(request), now);
}

void VenuePort::cancel(const model::ClientOrderId& order, Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::cancel;
    request.order = order;
    command(std::move(request), now);
}

void VenuePort::replace(const model::ClientOrderId& order, std::int64_t quantity,
                        model::Price price, Instant now) {
    const auto symbol = symbols_.find(order.str());
    const auto* const found =
        symbol == symbols_.end() ? nullptr : instrument(symbol->second.view());
    if (found == nullptr) {
        return answer(ipc::VenueRequestKind::replace, Outcome::not_sent, order,
                      "the order is not known here");
    }
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::replace;
    request.order = order;
    request.quantity = quantity;
    request.price = text(price, found->tick);
    command(std::move(request), now);
}

std::uint64_t VenuePort::query(ipc::VenueRequest request, Instant now) {
    request.account = settings_.account;
    request.id = ++last_id_;
    const auto id = request.id;
    Sent sent;
    sent.kind = request.kind;
    sent.symbol = request.symbol;
    sent.begin = appended_;
    sent.due = now.mono + settings_.query_wait;
    if (stage_ != Stage::up) {
        give_up(id, sent, "not connected");
        return id;
    }
    sent_.emplace(id, sent);
    if (!put(request, true, now)) {
        sent_.erase(id);
        give_up(id, sent, "the venue does not read");
    }
    return id;
}

std::uint64_t VenuePort::query_orders(UtcTime since, Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::orders;
    request.since = since;
    return query(std::move(request), now);
}

std::uint64_t VenuePort::query_fills(UtcTime since, Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::fills;
    request.since = since;
    return query(std::move(request), now);
}

std::uint64_t VenuePort::query_positions(Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::positions;
    return query(std::move(request), now);
}

std::uint64_t VenuePort::query_balance(Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::balance;
    return query(std::move(request), now);
}

std::uint64_t VenuePort::query_instrument(const model::Symbol& symbol, Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::instrument;
    request.symbol = symbol;
    return query(std::move(request), now);
}

std::uint64_t VenuePort::ask_shares(const ipc::ShareRequest& asked, Instant now) {
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::shares;
    request.arguments = encode(asked);
    return query(std::move(request), now);
}

std::vector<std::pair<std::uint64_t, ShareAnswer>> VenuePort::take_share_answers() {
    return std::exchange(share_answers_, {});
}

std::vector<ipc::VenueStep> VenuePort::take_steps() {
    std::vector<ipc::VenueStep> taken(std::make_move_iterator(steps_.begin()),
                                      std::make_move_iterator(steps_.end()));
    steps_.clear();
    return taken;
}

void VenuePort::step_done(std::uint64_t step, Instant now) {
    if (stage_ != Stage::up)
        return;
    ipc::VenueRequest request;
    request.kind = ipc::VenueRequestKind::step_done;
    request.id = ++last_id_;
    request.account = settings_.account;
    request.step = step;
    (void)put(request, false, now);
}

}  // namespace bullpen::broker
