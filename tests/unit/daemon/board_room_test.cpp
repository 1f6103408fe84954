#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "common/config/keys.hpp"
#include "ipc/status_board.hpp"

using namespace bullpen;

namespace {

TEST_CASE("what accounts are called has room on the status board") {
    using Slot = ipc::BoardSlot;
    const std::pair<const char*, std::size_t> rooms[] = {
        {"label", decltype(Slot::label)::k_bytes_max},
        {"group", decltype(Slot::group)::k_bytes_max},
        {"owner", decltype(Slot::owner)::k_bytes_max}};
    for (const auto& [key, room] : rooms) {
        CAPTURE(key);
        config::AccountSettings settings(*AccountId::parse("alpha"));
        CHECK(config::set_value(settings, key, "\"" + std::string(room, 'x') + "\""));
        CHECK_FALSE(config::set_value(settings, key, "\"" + std::string(room + 1, 'x') + "\""));
    }
}

}  // namespace
