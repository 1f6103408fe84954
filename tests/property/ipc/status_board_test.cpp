// One thread writes the board as fast as it can while another reads it: no reader may ever see half
// of a write. Runs clean under the thread sanitizer.
#include "ipc/status_board.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "ipc/identity.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

constexpr int k_accounts = 8;
constexpr int k_reads = 300;

// All fields follow from one number, so that a mixture is found.
BoardSlot slot_of(int account, std::uint64_t number) {
    BoardSlot slot;
    slot.account = "a" + std::to_string(account);
    slot.last_error = std::string(90, static_cast<char>('a' + number % 26));
    slot.label = slot.last_error.view().substr(0, 60);
    slot.bars = number;
    slot.restarts = number;
    slot.fence = number;
    slot.quantity = static_cast<std::int64_t>(number);
    slot.since = UtcTime(Nanos(static_cast<std::int64_t>(number)));
    slot.pid = static_cast<std::int32_t>(number % 100'000);
    return slot;
}

BoardDaemon daemon_of(std::uint64_t number) {
    BoardDaemon daemon;
    daemon.boot_id = boot_id();
    daemon.pid = ::getpid();
    daemon.start_time = start_time_of(::getpid()).value();
    daemon.loop_p50_us = number;
    daemon.loop_p99_us = number;
    daemon.alarms = number;
    return daemon;
}

}  // namespace

TEST_CASE("a reader never sees half of a write, also while the board grows") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    auto writer = BoardWriter::create(path, daemon_of(0), k_accounts).value();
    for (int account = 0; account < k_accounts; ++account)
        REQUIRE(writer.put(slot_of(account, 0)));
    std::atomic<bool> done = false;
    std::thread thread([&] {
        for (std::uint64_t number = 1; !done.load(); ++number) {
            for (int account = 0; account < k_accounts; ++account)
                (void)writer.put(slot_of(account, number));
            writer.put_daemon(daemon_of(number));
            if (number % 1'000 == 0 && number < 20'000)
                (void)writer.put(slot_of(k_accounts + static_cast<int>(number), number));
        }
    });
    std::uint64_t last = 0;
    std::size_t slots = 0;
    for (int i = 0; i < k_reads; ++i) {
        const auto board = BoardReader::read(path);
        REQUIRE(board);
        CHECK(board->daemon.loop_p50_us == board->daemon.loop_p99_us);
        CHECK(board->daemon.loop_p50_us == board->daemon.alarms);
        CHECK(board->daemon.alarms >= last);
        last = board->daemon.alarms;
        for (const auto& slot : board->slots) {
            const int account = std::stoi(slot.account.str().substr(1));
            REQUIRE((slot == slot_of(account, slot.bars)));
        }
        slots += board->slots.size();
    }
    done = true;
    thread.join();
    CHECK(last > 0);
    // A slot that changes all the time may be left out now and then, not as a rule.
    CHECK(slots > static_cast<std::size_t>(k_reads) * k_accounts / 2);
}
