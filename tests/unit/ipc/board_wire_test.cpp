#include "ipc/board_wire.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

FarBoard some_board() {
    FarBoard far;
    far.home = "/var/lib/bullpen";
    far.taken = {UtcTime(std::chrono::hours(400'000)), MonoTime(std::chrono::hours(7))};
    far.board.daemon.pid = 4711;
    far.board.daemon_alive = true;
    for (const auto* name : {"alpha", "beta"}) {
        auto& slot = far.board.slots.emplace_back();
        slot.account = name;
        slot.state = model::WorkerState::running;
    }
    return far;
}

}  // namespace

TEST_CASE("a board that was sent is the board that was taken") {
    const auto far = some_board();
    const auto read = board_from(board_bytes(far));
    REQUIRE(read.has_value());
    CHECK(read->home == far.home);
    CHECK(read->taken.utc == far.taken.utc);
    CHECK(read->taken.mono == far.taken.mono);
    CHECK(read->board.daemon == far.board.daemon);
    CHECK(read->board.slots == far.board.slots);
    CHECK(read->board.daemon_alive);
}

TEST_CASE("a board that is cut, longer, or of another kind is refused, and an unknown word torn") {
    const auto bytes = board_bytes(some_board());
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{55}, std::size_t{60}, bytes.size() - 1})
        CHECK_FALSE(board_from(std::string_view(bytes).substr(0, size)).has_value());
    CHECK_FALSE(board_from(bytes + "x").has_value());
    auto other = bytes;
    other[0] = 'X';
    CHECK_FALSE(board_from(other).has_value());
    other = bytes;
    other[20] = '\xFF';  // more slots than came
    CHECK_FALSE(board_from(other).has_value());
    auto far = some_board();
    far.board.slots[0].state = static_cast<model::WorkerState>(200);
    const auto read = board_from(board_bytes(far));
    REQUIRE(read.has_value());
    CHECK(read->board.torn == 1);
    CHECK(read->board.slots.size() == 1);
}
