// The mode that bars are taken in stands in the journal before them, whatever became of the
// process in between: a replay knows nothing else of it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/worker_home.hpp"
#include "worker/engine.hpp"

namespace bullpen::worker {
namespace {

using model::TradingMode;
using namespace std::chrono_literals;

struct Fixture {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;

    std::unique_ptr<AccountContext> context() {
        auto settings = test::synthetic_account("alpha");
        settings.trading = config::TradingKind::shadow;
        settings.feed.speed = 60;  // a bar a second
        return test::open_context(home.home(), std::move(settings), files, clock);
    }
    // For each bar of the journal, the mode that stands before it.
    [[nodiscard]] std::vector<std::string> modes_of_bars() {
        const auto id = test::account_id("alpha");
        std::vector<std::string> modes;
        std::string mode;
        REQUIRE(storage::Journal::look(files, home.home().account(id).journal, id,
                                       [&](const storage::JournalRecord& record) -> Result<void> {
                                           const auto kind = static_cast<JournalKind>(record.kind);
                                           if (kind == JournalKind::mode)
                                               mode = record.body;
                                           else if (kind == JournalKind::bar)
                                               modes.push_back(mode);
                                           return {};
                                       }));
        return modes;
    }
};

// An engine of a process, as a worker drives it.
class Process {
  public:
    explicit Process(Fixture& fixture)
        : clock_(fixture.clock),
          context_(fixture.context()),
          engine_(Engine::create(*context_).value()),
          data_(*context_) {
        REQUIRE(engine_.recover());
        REQUIRE(data_.open());
        REQUIRE(engine_.attach(data_, clock_.now()));
    }
    void start() { REQUIRE(engine_.start_desk(Fence{1}, clock_.now())); }
    void set(TradingMode mode) { engine_.desk()->set_mode(mode, clock_.now()); }
    void bars(int count) {
        for (int i = 0; i < count; ++i) {
            clock_.advance(1s);
            REQUIRE(engine_.turn(clock_.now(), 100).value().bars == 1);
        }
    }
    void checkpoint() { REQUIRE(engine_.checkpoint(clock_.utc(), std::nullopt, false)); }
    [[nodiscard]] TradingMode mode() { return engine_.desk()->trader().mode(); }

  private:
    FakeClock& clock_;
    std::unique_ptr<AccountContext> context_;
    Engine engine_;
    MarketData data_;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a mode that was lifted within a bar of a restart is in the journal") {
    {
        Process process(*this);
        process.start();
        process.set(TradingMode::reducing);
        process.bars(20);
        process.set(TradingMode::active);
        process.checkpoint();
    }
    {
        Process process(*this);
        process.start();
        process.set(TradingMode::active);
        process.bars(1);
    }
    const auto modes = modes_of_bars();
    REQUIRE(modes.size() == 21);
    CHECK(modes[19] == "reducing");
    CHECK(modes[20] == "active");
}

TEST_CASE_FIXTURE(Fixture, "bars after a checkpoint are taken again in the mode that they had") {
    {
        Process process(*this);
        process.start();
        process.set(TradingMode::active);
        process.bars(20);
        // A mode that came and went while no bar did.
        process.set(TradingMode::reducing);
        process.checkpoint();
        process.set(TradingMode::active);
        process.bars(2);
    }
    CHECK(modes_of_bars().back() == "active");
    CHECK(Process(*this).mode() == TradingMode::active);
}

}  // namespace bullpen::worker
