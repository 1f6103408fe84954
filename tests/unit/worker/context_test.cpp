#include <dirent.h>
#include <doctest/doctest.h>
#include <malloc.h>

#include <thread>
#include <type_traits>

#include "common/base/errc.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/support/worker_home.hpp"
#include "worker/account_ports.hpp"
#include "worker/market_data.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

int open_descriptors() {
    int count = 0;
    DIR* stream = ::opendir("/proc/self/fd");
    while (::readdir(stream) != nullptr)
        ++count;
    ::closedir(stream);
    return count;
}

// Runs an account's whole life; returns the hash of its bars.
std::string live(const Home& home, std::string_view name, std::uint64_t seed, int turns,
                 storage::FileSystem& files) {
    const FakeClock clock;
    const auto context =
        test::open_context(home, test::synthetic_account(name, seed), files, clock);
    WorkerOptions options;
    options.unpaced = true;
    options.bars_per_turn = 100;
    Worker worker(*context, nullptr, options);
    for (int i = 0; i < turns; ++i)
        (void)worker.turn();
    worker.request_drain(model::Reason::operator_stop, "");
    (void)worker.turn();
    return worker.engine()->observer().hash_text();
}

std::string live(const Home& home, std::string_view name, std::uint64_t seed, int turns) {
    storage::SystemFileSystem files;
    return live(home, name, seed, turns, files);
}

}  // namespace

// Nothing of an account exists for nobody. That this does not even compile is shown by the tests
// named "negative compile".
static_assert(!std::is_default_constructible_v<AccountContext>);
static_assert(!std::is_default_constructible_v<MarketData>);
static_assert(!std::is_default_constructible_v<Engine>);
static_assert(!std::is_default_constructible_v<Worker>);
static_assert(!std::is_copy_constructible_v<AccountContext>);
static_assert(std::is_constructible_v<MarketData, AccountContext&>);
static_assert(!std::is_constructible_v<MarketData, AccountId>);
static_assert(!std::is_default_constructible_v<TradingDesk>);
static_assert(!std::is_default_constructible_v<ShareMinder>);
static_assert(!std::is_default_constructible_v<broker::VenuePort>);
static_assert(!std::is_default_constructible_v<broker::SharePort>);
static_assert(!std::is_default_constructible_v<broker::ShadowPort>);

TEST_SUITE("critical") {
    TEST_CASE("two accounts live in two threads of one process and do not touch") {
        const test::TemporaryHome home;
        const auto alone_alpha = live(home.home(), "alone-alpha", 1, 20);
        const auto alone_beta = live(home.home(), "alone-beta", 2, 20);
        std::string alpha;
        std::string beta;
        std::thread first([&] { alpha = live(home.home(), "alpha", 1, 20); });
        std::thread second([&] { beta = live(home.home(), "beta", 2, 20); });
        first.join();
        second.join();
        CHECK(alpha == alone_alpha);
        CHECK(beta == alone_beta);
        CHECK(alpha != beta);
        for (const auto& [name, other] : {std::pair{"alpha", "beta"}, std::pair{"beta", "alpha"}}) {
            const auto log =
                test::read_text(home.home().account(test::account_id(name)).worker_log);
            CHECK(log.find("\"account\":\"" + std::string(name) + "\"") != std::string::npos);
            CHECK(log.find("\"account\":\"" + std::string(other) + "\"") == std::string::npos);
        }
    }

    TEST_CASE("a context cannot be made with the lock of another account") {
        const test::TemporaryHome home;
        storage::SystemFileSystem files;
        const SystemClock clock;
        (void)make_directories(home.home().locks(), 0700);
        auto lock = ipc::AccountLock::acquire(home.home().account(test::account_id("beta")).lock,
                                              ipc::facts_of_this_process(clock));
        AccountLocks locks{std::move(lock).value(), std::nullopt};
        const auto context = AccountContext::open(home.home(), test::synthetic_account("alpha"),
                                                  std::move(locks), std::nullopt, files, clock);
        REQUIRE(!context);
        CHECK(context.error().code() == make_error_code(Errc::wrong_account));
    }
}

#if defined(__SANITIZE_THREAD__)
// The thread sanitizer looks for races, of which this has none, and would take minutes for more.
constexpr int k_quick = 50;
TEST_CASE("a hundred contexts come and go without a trace") {
#else
constexpr int k_quick = 950;
TEST_CASE("a thousand contexts come and go without a trace") {
#endif
    const test::TemporaryHome home;
    for (int i = 0; i < 20; ++i)
        (void)live(home.home(), "warm", 1, 1);
    const auto descriptors = open_descriptors();
    const auto memory = ::mallinfo2().uordblks;
    // Most of them on a disk in memory, because a real one takes its time for every sync.
    for (int i = 0; i < k_quick; ++i) {
        test::SimulatedDisk disk;
        (void)live(home.home(), "leak", 1, 1, disk);
    }
    for (int i = 0; i < 50; ++i)
        (void)live(home.home(), "leak", 1, 1);
    CHECK(open_descriptors() == descriptors);
    // Sanitizers bring their own allocator, which counts nothing here and finds leaks by itself.
    CHECK(::mallinfo2().uordblks <= memory + 64 * 1024);
}

}  // namespace bullpen::worker
