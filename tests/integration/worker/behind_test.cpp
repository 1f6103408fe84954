// What a worker does first when all comes at once: it was away, the market went on without it, and
// meanwhile its broker and its operator had something to say.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "tests/integration/worker/paper_scene.hpp"
#include "worker/engine.hpp"
#include "worker/execution/record.hpp"

namespace bullpen {

namespace {

using execution::RecordKind;

// How long it stands still, and how many bars of the market that is at the least; not so many that
// what the exchange says meanwhile has no room in the connection.
constexpr auto k_still = std::chrono::seconds(8);
constexpr std::ptrdiff_t k_bars = 20;

struct Behind : test::PaperScene {
    storage::SystemFileSystem files;
    std::unique_ptr<test::WorkerProcess> worker = daemon->launch();

    // The kinds of the journal's records, oldest first.
    std::vector<std::uint16_t> journal() {
        std::vector<std::uint16_t> kinds;
        const auto path = venue.home().home().account(test::account_id("alpha")).journal;
        (void)storage::Journal::look(files, path, test::account_id("alpha"),
                                     [&](const storage::JournalRecord& record) -> Result<void> {
                                         kinds.push_back(record.kind);
                                         return {};
                                     });
        return kinds;
    }
    std::ptrdiff_t bars() {
        return std::ranges::count(journal(), static_cast<std::uint16_t>(worker::JournalKind::bar));
    }
    // What the exchange calls the account's stop.
    std::string stop() {
        std::string found;
        std::istringstream lines(venue.own_log());
        for (std::string line; std::getline(lines, line);) {
            const auto told = nlohmann::json::parse(line);
            if (told.value("purpose", "") == "protective_stop")
                found = told.value("order", "");
        }
        return found;
    }
    void stand_still() {
        worker->send(SIGSTOP);
        REQUIRE(test::eventually([&] {
            const auto path = "/proc/" + std::to_string(worker->pid()) + "/stat";
            return test::read_text(path).find(") T ") != std::string::npos;
        }));
    }
    // The account's stop is filled or cancelled there.
    void happens(const std::string& command) {
        const auto done = venue.admin(command, R"({"account":"alpha","order":")" + stop() + "\"}");
        REQUIRE_MESSAGE(done.ok, done.text);
    }
};

std::ptrdiff_t first(const std::vector<std::uint16_t>& kinds, std::ptrdiff_t from,
                     std::uint16_t kind) {
    return std::find(kinds.begin() + from, kinds.end(), kind) - kinds.begin();
}

// `answer`: the first record that shows what the worker made of it.
void all_at_once(const std::string& command, RecordKind answer) {
    CAPTURE(command);
    Behind scene;
    REQUIRE(scene.holds());
    scene.stand_still();
    const auto known = std::ssize(scene.journal());
    const auto bars = scene.bars();
    std::this_thread::sleep_for(k_still);
    scene.happens(command);
    scene.daemon->send(ipc::Halt{});
    scene.worker->send(SIGCONT);
    const auto rests = scene.beat([](const ipc::Heartbeat& said) {
        return said.mode == model::TradingMode::halted && said.flat && said.quantity == 0;
    });
    REQUIRE(rests);
    CHECK(rests->reason == "operator_halt");
    CHECK(scene.at_exchange().value("position", -1) == 0);
    CHECK(scene.at_exchange().value("working", -1) == 0);
    // Every bar is taken as well.
    REQUIRE(test::eventually([&] { return scene.bars() - bars >= k_bars; }));
    const auto journal = scene.journal();
    const auto bar = first(journal, known, static_cast<std::uint16_t>(worker::JournalKind::bar));
    CHECK(first(journal, known, static_cast<std::uint16_t>(answer)) < bar);
    CHECK(bar < std::ssize(journal));
}

}  // namespace

TEST_CASE("many bars behind, a worker takes its broker's events and a halt first, and loses none") {
    all_at_once("fill", RecordKind::filled);
    // What has lost its stop is closed before a bar is looked at.
    all_at_once("cancel", RecordKind::intended);
}

}  // namespace bullpen
