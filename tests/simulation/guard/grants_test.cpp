// Owners' accounts that ask a daemon for leave to enter, over connections that lose and delay, with
// workers that stall and die and daemons that die too: whatever happens, no two accounts of one
// owner are ever in the market against each other.
#include <doctest/doctest.h>

#include <deque>
#include <vector>

#include "common/base/random.hpp"
#include "supervisor/guard/owner_guard.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temporary.hpp"
#include "worker/entry_asker.hpp"

using namespace bullpen;
using worker::EntryAsker;

namespace {

constexpr Nanos k_step = Millis(50);
constexpr std::size_t k_accounts = 4;
constexpr int k_steps = 4000;

struct Account;
struct ToDaemon {
    Account* account = nullptr;
    std::uint64_t connection = 0;
    LaunchNumber launch;
    ipc::Heartbeat beat;
};
struct ToWorker {
    std::uint64_t connection = 0;
    ipc::Grant grant;
};

// One account: its process, if it lives, and what it has in the market, which outlives it.
struct Account {
    AccountId id;
    std::optional<EntryAsker> asker;  // none: no process
    LaunchNumber launch{1};
    std::optional<std::int64_t> question;
    std::int64_t held = 0;
    std::int64_t ordered = 0;      // entered and not filled yet
    bool reconciled = false;       // it knows what it holds
    std::uint64_t connection = 1;  // that the daemon knows it by
    std::uint64_t believed = 0;    // that it said hello on; it may not know yet that it is gone
    MonoTime next_beat{};
    MonoTime stalled_until{};
    std::deque<ToWorker> inbox;
};

class World {
  public:
    explicit World(std::uint64_t seed) : random_(seed) {
        accounts_.reserve(k_accounts);
        for (std::size_t i = 0; i < k_accounts; ++i) {
            auto& account =
                accounts_.emplace_back(Account{test::account_id("a" + std::to_string(i))});
            account.asker.emplace();
            account.reconciled = true;
        }
        start_daemon();
    }

    void step() {
        now_ += k_step;
        if (random_.chance(0.002))
            start_daemon();
        for (auto& account : accounts_)
            live(account);
        serve();
        check();
    }

    int granted = 0;
    int refused = 0;
    int entered = 0;

  private:
    // It knows nothing of what an earlier one granted, and every connection begins anew.
    void start_daemon() {
        guard_ = {};
        for (auto& account : accounts_) {
            config::AccountSettings settings(account.id);
            settings.owner = "jane";
            settings.opposite = config::Opposite::refuse;
            settings.trading = config::TradingKind::on;
            guard_.put(settings);
            guard_.doubt(account.id);
            disconnect(account);
        }
        outbox_.clear();
    }

    // What was on its way to the worker may still arrive.
    static void disconnect(Account& account) { ++account.connection; }

    void die(Account& account) {
        account.asker.reset();
        account.question.reset();
        account.inbox.clear();
        account.reconciled = false;
        disconnect(account);
    }

    void live(Account& account) {
        // The market goes on without the process.
        if (account.ordered != 0 && random_.chance(0.2))
            account.held += std::exchange(account.ordered, 0);
        if (account.held != 0 && account.ordered == 0 && random_.chance(0.03))
            account.held = 0;
        if (!account.asker) {
            if (random_.chance(0.05)) {
                account.asker.emplace();
                account.launch = LaunchNumber{account.launch.value + 1};
            }
            return;
        }
        if (random_.chance(0.003))
            return die(account);
        if (random_.chance(0.01))
            disconnect(account);
        if (random_.chance(0.01))
            account.stalled_until = now_ + Millis(random_.between(100, 4000));
        if (now_ < account.stalled_until)
            return;
        act(account);
    }

    void act(Account& account) {
        auto& asker = *account.asker;
        if (!account.reconciled && random_.chance(0.2))
            account.reconciled = true;
        while (!account.inbox.empty() && random_.chance(0.7)) {
            asker.on_grant(account.inbox.front().grant);
            account.inbox.pop_front();
        }
        if (account.believed != account.connection && random_.chance(0.2)) {
            asker.on_new_connection();
            account.believed = account.connection;
            account.next_beat = now_;
        }
        if (account.reconciled && !account.question && account.held == 0 && account.ordered == 0 &&
            random_.chance(0.1))
            account.question = random_.chance(0.5) ? 2 : -2;
        ask(account);
        if (now_ >= account.next_beat || asker.beat_due(now_))
            beat(account);
    }

    void ask(Account& account) {
        auto& asker = *account.asker;
        asker.follow(account.question, now_);
        if (!account.question)
            return;
        const auto verdict = asker.verdict(true, now_);
        if (verdict == EntryAsker::Verdict::waiting)
            return;
        if (verdict == EntryAsker::Verdict::granted) {
            account.ordered = *account.question;
            ++entered;
        }
        account.question.reset();
        asker.follow(account.question, now_);
    }

    void beat(Account& account) {
        auto& asker = *account.asker;
        ipc::Heartbeat beat;
        if (account.reconciled) {
            beat.stake = ipc::Stake{"ES", account.held + std::min<std::int64_t>(account.ordered, 0),
                                    account.held + std::max<std::int64_t>(account.ordered, 0), 10};
        }
        beat.wish = asker.wish("ES");
        asker.on_beat_sent(now_);
        account.next_beat = now_ + Millis(1000);
        if (!random_.chance(0.1))
            outbox_.push_back({&account, account.believed, account.launch, std::move(beat)});
    }

    // In their order, as far as it comes.
    void serve() {
        while (!outbox_.empty() && random_.chance(0.8)) {
            const auto message = std::move(outbox_.front());
            outbox_.pop_front();
            auto& account = *message.account;
            if (message.connection != account.connection)
                continue;
            const auto heard = guard_.hear(account.id, message.launch, message.beat);
            if (!heard.answer)
                continue;
            ++(heard.answer->granted ? granted : refused);
            if (!random_.chance(0.1))
                account.inbox.push_back({message.connection, *heard.answer});
        }
    }

    void check() const {
        bool bought = false;
        bool sold = false;
        for (const auto& account : accounts_) {
            bought = bought || account.held > 0 || account.ordered > 0;
            sold = sold || account.held < 0 || account.ordered < 0;
        }
        REQUIRE_FALSE((bought && sold));
    }

    SeededRandom random_;
    MonoTime now_{Nanos(1)};
    guard::OwnerGuard guard_;
    std::vector<Account> accounts_;
    std::deque<ToDaemon> outbox_;
};

}  // namespace

TEST_CASE("no two accounts of an owner are ever in the market against each other") {
    SeededRandom seeds(test::seed("grants"));
    int granted = 0;
    int refused = 0;
    int entered = 0;
    for (int run = 0; run < 40; ++run) {
        const auto seed = seeds.next();
        CAPTURE(seed);
        World world(seed);
        for (int i = 0; i < k_steps; ++i)
            world.step();
        granted += world.granted;
        refused += world.refused;
        entered += world.entered;
    }
    // It was tried, in both ways.
    CHECK(granted > 1000);
    CHECK(refused > 1000);
    CHECK(entered > 1000);
}
