#include "supervisor/daemon/lease_desk.hpp"

#include <unistd.h>

#include <utility>

#include "ipc/codec.hpp"
#include "ipc/error_text.hpp"

namespace bullpen::daemon {

namespace {

// Whether the peer is the launched process, or one of its session.
bool is_of_launch(pid_t peer, const Launch& launch) {
    if (launch.pid <= 0 || peer <= 0)
        return false;
    return peer == launch.pid || ::getsid(peer) == launch.pid;
}

}  // namespace

LeaseDesk::LeaseDesk(ipc::LeaseRouter router, Accounts& accounts, fleet::Fleet& fleet,
                     BoardKeeper& board, log::Logger& log, const Clock& clock)
    : router_(std::move(router)),
      accounts_(accounts),
      fleet_(fleet),
      board_(board),
      log_(log),
      clock_(clock) {}

bool LeaseDesk::serve() {
    const auto served = beats_;
    std::size_t taken = 0;
    const bool more = router_.drain(k_turn_max, [&](ipc::Received&& received) {
        ++taken;
        handle(std::move(received));
    });
    calm_ = taken > 0 && beats_ - served == taken;
    return more;
}

void LeaseDesk::refuse(const ipc::Received& received, std::string_view why) {
    ++refused_;
    log_.warn("lease_message_refused", {{"peer_pid", static_cast<std::int64_t>(received.peer_pid)},
                                        {"routing_id", received.routing_id},
                                        {"why", why}});
}

void LeaseDesk::handle(ipc::Received&& received) {
    auto message = ipc::decode(received.body);
    if (!message)
        return refuse(received, message.error().message());
    if (const auto* hello = std::get_if<ipc::Hello>(&*message))
        return on_hello(received, *hello);

    const auto found = peers_.find(received.routing_id);
    if (found == peers_.end()) {
        // Not welcomed by this daemon: it may have been by an earlier one.
        ipc::Ping ping{.seq = ++pings_, .utc = clock_.utc(), .market = {}, .hello = true};
        static_cast<void>(router_.send(received.routing_id, ipc::encode(ping)));
        return;
    }
    auto& account = *found->second;
    if (received.peer_pid != account.launch->peer)
        return refuse(received, "not its process");
    const auto now = clock_.now();
    fleet_.traffic(now, account.id, account.launch->number);
    if (auto* beat = std::get_if<ipc::Heartbeat>(&*message)) {
        on_beat(account, std::move(*beat));
    } else if (std::holds_alternative<ipc::Ready>(*message)) {
        fleet_.ready(now, account.id, account.launch->number);
    } else if (auto* words = std::get_if<ipc::Goodbye>(&*message)) {
        on_last_words(account, std::move(*words));
    } else {
        refuse(received, "a worker does not send this message");
    }
}

void LeaseDesk::set_terms(LeaseTerms terms) {
    if (std::exchange(terms_, terms) == terms)
        return;
    for (const auto& [routing_id, account] : peers_)
        welcome(*account);
}

void LeaseDesk::welcome(const Account& account) {
    const auto& launch = *account.launch;
    ipc::Welcome welcome;
    welcome.fence = launch.fence;
    welcome.protocol = launch.protocol;
    welcome.utc = clock_.utc();
    if (account.settings)
        welcome.beat_interval = account.settings->beat_interval;
    welcome.ping_interval = terms_.ping_interval;
    welcome.clock_skew_max = terms_.clock_skew_max;
    static_cast<void>(router_.send(launch.routing_id, ipc::encode(welcome)));
}

void LeaseDesk::on_hello(const ipc::Received& received, const ipc::Hello& hello) {
    auto* account = accounts_.find(hello.account);
    if (account == nullptr || !account->launch)
        return refuse(received, "no such launch");
    auto& launch = *account->launch;
    if (hello.launch.number != launch.number)
        return refuse(received, "another launch");
    if (launch.nonce && hello.launch.nonce != *launch.nonce)
        return refuse(received, "wrong nonce");
    if (!is_of_launch(received.peer_pid, launch)) {
        return refuse(received, "not the launched process");
    }
    const auto now = clock_.now();
    const auto agreed = ipc::agree_protocol(hello.protocol_min, hello.protocol_max);
    if (!agreed) {
        refuse(received, "no protocol version in common");
        return fleet_.protocol_refused(now, account->id, launch.number);
    }
    forget(launch);
    launch.routing_id = received.routing_id;
    launch.peer = received.peer_pid;
    launch.protocol = *agreed;
    launch.version = hello.version;
    launch.pinged = now.mono;
    peers_[launch.routing_id] = account;
    welcome(*account);
    const bool ready_before = hello.running && hello.running->ready;
    send_order(*account);
    fleet_.hello(now, account->id, launch.number, ready_before);
    board_.reported(*account);
}

void LeaseDesk::on_beat(Account& account, ipc::Heartbeat&& beat) {
    ++beats_;
    auto& launch = *account.launch;
    const auto now = clock_.now();
    if (!beat.last_error.empty())
        take_error(account, beat.last_error);
    if (beat.bar_age)
        launch.bar_at = now.mono - *beat.bar_age;
    launch.obligations.on_beat(now.mono, beat.obligations);
    launch.beat_at = now;
    launch.beat = std::move(beat);
    account.holding = {launch.beat->position, launch.beat->quantity, now.utc};
    fleet_.position(now, account.id, launch.number, launch.beat->flat,
                    launch.beat->at_rest.value_or(launch.beat->flat));
    if (account.order && (is_done(account.order->order, *launch.beat) ||
                          is_overtaken(*account.order, *launch.beat))) {
        account.order.reset();
        orders_done_ = true;
    }
    check_obligations(account, now.mono);
    judge_entries(account);
    board_.reported(account);
    ping_if_due(account, now.mono);
}

// A worker of another make may not say when it was: then it was when it was heard first.
void LeaseDesk::take_error(Account& account, const std::string& error) {
    if (ipc::unstamped(error).at)
        account.last_error = error;
    else if (ipc::unstamped(account.last_error).text != error)
        account.last_error = ipc::stamped(error, clock_.utc());
}

void LeaseDesk::judge_entries(const Account& account) {
    const auto& launch = *account.launch;
    const auto heard = guard_.hear(account.id, launch.number, *launch.beat);
    if (!heard.opposed.empty())
        log_.warn("opposite_positions", {{"worker", account.id}, {"against", heard.opposed}});
    if (!heard.answer)
        return;
    log_.info("entry_judged", {{"worker", account.id},
                               {"granted", heard.answer->granted},
                               {"against", heard.answer->text}});
    static_cast<void>(router_.send(launch.routing_id, ipc::encode(*heard.answer)));
}

void LeaseDesk::check_obligations(const Account& account, MonoTime now) {
    const auto& launch = *account.launch;
    if (const auto missed = launch.obligations.overdue(now, listening_since_))
        return fleet_.obligation_overdue(clock_.now(), account.id, launch.number, *missed);
    const auto due = launch.obligations.next_change(listening_since_);
    if (due && (!next_duty_ || *due < *next_duty_))
        next_duty_ = due;
}

void LeaseDesk::judge_duties(MonoTime now) {
    if (!next_duty_ || now < *next_duty_)
        return;
    next_duty_.reset();
    for (const auto& [routing_id, account] : peers_)
        check_obligations(*account, now);
}

void LeaseDesk::on_last_words(Account& account, ipc::Goodbye&& words) {
    if (words.exit_code != 0)
        account.last_error = ipc::stamped(words.sentence, clock_.utc());
    account.launch->last_words = std::move(words);
}

// Pings ride on beats: they spread out by themselves, and a silent worker needs none.
void LeaseDesk::ping_if_due(Account& account, MonoTime now) {
    auto& launch = *account.launch;
    if (now - launch.pinged < terms_.ping_interval)
        return;
    launch.pinged = now;
    ipc::Ping ping{.seq = ++pings_, .utc = clock_.utc(), .market = {}, .hello = false};
    static_cast<void>(router_.send(launch.routing_id, ipc::encode(ping)));
}

bool LeaseDesk::tell(const Account& account, const ipc::Message& message) {
    return account.launch && !account.launch->routing_id.empty() &&
           router_.send(account.launch->routing_id, ipc::encode(message)).has_value();
}

void LeaseDesk::send_order(const Account& account) {
    if (account.order && account.order->stands(clock_.mono()))
        static_cast<void>(tell(account, message_of(account.order->order)));
}

void LeaseDesk::send_drain(const Account& account, model::Reason reason, Nanos until_kill) {
    if (!account.launch || account.launch->routing_id.empty())
        return;
    ipc::Drain drain{.reason = std::string(model::code(reason)), .deadline = until_kill};
    // SIGTERM follows and says the same, so a lost message costs only the particulars.
    static_cast<void>(router_.send(account.launch->routing_id, ipc::encode(drain)));
}

void LeaseDesk::forget(const Launch& launch) {
    if (!launch.routing_id.empty())
        peers_.erase(launch.routing_id);
}

}  // namespace bullpen::daemon
