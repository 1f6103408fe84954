#include "supervisor/daemon/undertaker.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "supervisor/daemon/events.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::daemon;

// The undertaker of a home in which nothing runs.
struct Rig {
    test::TemporaryHome home;
    SystemClock clock;
    ipc::Context context;
    std::unique_ptr<log::Logger> logger = log::Logger::to_nowhere(clock);
    log::Logger& log = *logger;
    Accounts accounts;
    fleet::Fleet fleet{{}, lease::FenceAllocator(Fence{1}, Fence{}), {}, 1};
    BoardKeeper board{ipc::BoardWriter::create(home.home().board(), {}, 1).value(), home.home(),
                      log};
    process::LaunchRecord record{process::LaunchRecord::open(home.home().launch_record()).value()};
    LeaseDesk leases{ipc::LeaseRouter::bind(context, home.home().lease_socket()).value(),
                     accounts,
                     fleet,
                     board,
                     log,
                     clock};
};

}  // namespace

TEST_CASE("a crash bundle that the daemon's last step has taken is written all the same") {
    Rig rig;
    const auto id = test::account_id("alpha");
    const auto paths = rig.home.home().account(id);
    REQUIRE(make_directories(paths.logs, 0700));
    test::write_text(paths.stdio_log, "the last line\n");
    auto& launch = rig.accounts.at(id).launch.emplace();
    launch.number = LaunchNumber{3};
    {
        loop::Loop loop(rig.clock);
        Undertaker undertaker(rig.home.home(), rig.clock, loop, rig.accounts, rig.fleet, rig.leases,
                              rig.record, rig.log);
        undertaker.bundle(id, LaunchNumber{3}, model::Reason::killed_by_signal, "signal 9");
        // The worker's successor, or a person, is quicker than the disk.
        std::filesystem::rename(paths.stdio_log, paths.stdio_log + ".old");
        loop.stop();
        loop.run();
        undertaker.write_bundles();
        loop.finish_offloaded();
    }
    std::vector<std::filesystem::path> bundles;
    for (const auto& entry : std::filesystem::directory_iterator(paths.crash))
        bundles.push_back(entry.path());
    REQUIRE(bundles.size() == 1);
    CHECK(test::read_text(bundles[0] / "stdio.log") == "the last line\n");
    CHECK(test::read_text(bundles[0] / "facts.json")
              .find(R"("reason":"killed_by_signal","why":"signal 9")") != std::string::npos);
}

TEST_CASE("what is said again of an account is no event, also of another try") {
    const test::TemporaryHome home;
    const SystemClock clock;
    ipc::Context context;
    Events events(ipc::EventPublisher::bind(context, home.home().events_socket(), 0).value(),
                  clock);
    const auto alpha = test::account_id("alpha");
    std::int64_t tries = 0;
    const auto say = [&](const AccountId& id, std::string_view state) {
        events.publish_change("state", id, {{"state", state}, {"launch", ++tries}});
        return events.recent().size();
    };
    CHECK(say(alpha, "backoff") == 1);
    CHECK(say(alpha, "backoff") == 1);
    CHECK(say(test::account_id("beta"), "backoff") == 2);
    CHECK(say(alpha, "running") == 3);
    CHECK(say(alpha, "backoff") == 4);
    events.forget(alpha);
    CHECK(say(alpha, "backoff") == 5);
}
