#include "tests/integration/ctl/fake_daemon.hpp"

#include <poll.h>
#include <unistd.h>
#include <cstdio>

#include "ipc/identity.hpp"
#include "ipc/router.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

namespace {

template <class T>
T take(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message().c_str());
        std::abort();
    }
    return std::move(*result);
}

ipc::AccountLock daemon_lock(const Home& home) {
    const SystemClock clock;
    auto facts = ipc::facts_of_this_process(clock);
    facts.program = "bullpend";
    facts.version = "9.9.9";
    return take(ipc::AccountLock::acquire(home.daemon_lock(), facts));
}

}  // namespace

ipc::BoardSlot slot_in(const std::string& account, model::WorkerState state,
                       const std::string& reason) {
    ipc::BoardSlot slot;
    slot.account = account;
    slot.state = state;
    slot.reason = reason;
    slot.since = SystemClock().utc() - std::chrono::seconds(12);
    return slot;
}

ipc::BoardSlot running_slot(const std::string& account, const std::string& group) {
    const auto now = SystemClock().now();
    auto slot = slot_in(account, model::WorkerState::running, "none");
    slot.group = group;
    slot.pid = ::getpid();
    slot.start_time = take(ipc::start_time_of(::getpid()));
    slot.started = now.utc - std::chrono::seconds(90);
    slot.last_beat = now.utc;
    slot.last_beat_mono = now.mono;
    slot.last_bar_mono = now.mono;
    slot.mode = model::TradingMode::idle;
    slot.mode_reason = "observing";
    slot.session = model::SessionState::trading;
    slot.reports = 1;
    slot.beats = 1;
    slot.wanted = 1;
    slot.fence = 7;
    slot.launch = 3;
    slot.restarts = 2;
    slot.rss_bytes = 3'500'000;
    slot.position = "flat";
    slot.flat = 1;
    slot.day_pnl = "-12.50";
    return slot;
}

ipc::BoardSlot gone_slot(const std::string& account, const std::string& group) {
    auto slot = running_slot(account, group);
    // Our pid, but the start time of another process.
    slot.start_time += 1;
    return slot;
}

ipc::BoardDaemon daemon_of_this_process() {
    const auto now = SystemClock().now();
    ipc::BoardDaemon daemon;
    daemon.pid = ::getpid();
    daemon.start_time = take(ipc::start_time_of(::getpid()));
    daemon.boot_id = ipc::boot_id();
    daemon.version = "9.9.9";
    daemon.started = now.utc;
    daemon.written = now.utc;
    // A test may take longer than a daemon may be silent.
    daemon.written_mono = now.mono + std::chrono::hours(1);
    return daemon;
}

ipc::BoardDaemon dead_daemon() {
    auto daemon = daemon_of_this_process();
    // Our pid, but the start time of another process.
    daemon.start_time += 1;
    return daemon;
}

void write_board(const Home& home, const ipc::BoardDaemon& daemon,
                 const std::vector<ipc::BoardSlot>& slots) {
    auto writer = take(ipc::BoardWriter::create(home.board(), daemon, slots.size()));
    for (const auto& account : writer.accounts())
        writer.remove(account);
    for (const auto& slot : slots) {
        if (!writer.put(slot))
            std::abort();
    }
}

FakeDaemon::FakeDaemon(const Home& home, const std::vector<ipc::BoardSlot>& slots, Answer answer)
    : lock_(daemon_lock(home)) {
    write_board(home, daemon_of_this_process(), slots);
    thread_ = std::thread([this, home, answer = std::move(answer)] { serve(home, answer); });
    if (!eventually([this] { return listening_.load(); }))
        std::abort();
}

FakeDaemon::~FakeDaemon() {
    ending_ = true;
    thread_.join();
}

std::vector<ipc::Request> FakeDaemon::asked() const {
    const std::lock_guard hold(guard_);
    return asked_;
}

void FakeDaemon::serve(const Home& home, const Answer& answer) {
    ipc::Context context;
    auto router = take(ipc::ControlRouter::bind(context, home.control_socket()));
    listening_ = true;
    while (!ending_) {
        while (const auto received = router.receive()) {
            const auto request = take(ipc::decode_request(received->body));
            {
                const std::lock_guard hold(guard_);
                asked_.push_back(request);
            }
            for (auto reply : answer(request)) {
                reply.id = request.id;
                static_cast<void>(router.send(received->routing_id, ipc::encode(reply)));
            }
        }
        pollfd waiting{router.fd(), POLLIN, 0};
        ::poll(&waiting, 1, 10);
    }
}

ipc::Reply verdict(const std::string& account, bool ok, const std::string& code,
                   const std::string& message) {
    ipc::Reply reply;
    reply.kind = ipc::ReplyKind::verdict;
    reply.account = take(AccountId::parse(account));
    reply.ok = ok;
    reply.code = code;
    reply.message = message;
    return reply;
}

ipc::Reply result(bool ok, const std::string& message, const std::string& data) {
    ipc::Reply reply;
    reply.kind = ipc::ReplyKind::result;
    reply.ok = ok;
    reply.code = ok ? "done" : "failed";
    reply.message = message;
    reply.data = data;
    return reply;
}

Outcome bullpenctl(const Home& home, std::vector<std::string> words) {
    words.insert(words.begin(), {program("bullpenctl"), "--home", home.root()});
    return run(std::move(words));
}

}  // namespace bullpen::test
