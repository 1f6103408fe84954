#include "ipc/board_wire.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "common/base/errc.hpp"
#include "common/base/ids.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::array<char, 8> k_magic = {'B', 'U', 'L', 'L', 'F', 'A', 'R', '\n'};
constexpr std::uint32_t k_record_max = 64 * 1024;
constexpr std::uint32_t k_home_max = 4096;

struct Head {
    std::array<char, 8> magic = k_magic;
    std::uint32_t version = k_board_version;
    std::uint32_t daemon_size = sizeof(BoardDaemon);
    std::uint32_t slot_size = sizeof(BoardSlot);
    std::uint32_t slots = 0;
    std::int64_t utc = 0;   // nanoseconds
    std::int64_t mono = 0;  // likewise
    std::uint32_t home_size = 0;
    std::uint32_t torn = 0;
    std::uint8_t this_boot = 0;
    std::uint8_t daemon_alive = 0;
    std::array<std::uint8_t, 6> reserved{};
};
static_assert(sizeof(Head) == 56);

template <class Record>
void append(std::string& out, const Record& record) {
    out.append(reinterpret_cast<const char*>(&record), sizeof record);
}

// Takes `size` bytes from the front of what is left.
template <class Record>
bool take(std::string_view* bytes, std::size_t size, Record* record) {
    if (bytes->size() < size)
        return false;
    std::memcpy(static_cast<void*>(record), bytes->data(), std::min(size, sizeof *record));
    bytes->remove_prefix(size);
    return true;
}

bool words_known(const BoardSlot& slot) {
    return AccountId::valid(slot.account.view()) &&
           static_cast<std::size_t>(slot.state) < model::k_worker_states &&
           static_cast<std::size_t>(slot.session) < model::k_session_states &&
           static_cast<std::size_t>(slot.mode) < model::k_trading_modes;
}

}  // namespace

std::string board_bytes(const FarBoard& far) {
    Head head;
    head.slots = static_cast<std::uint32_t>(far.board.slots.size());
    head.utc = unix_nanos(far.taken.utc);
    head.mono = far.taken.mono.time_since_epoch().count();
    const auto home = std::string_view(far.home).substr(0, k_home_max);
    head.home_size = static_cast<std::uint32_t>(home.size());
    head.torn = static_cast<std::uint32_t>(far.board.torn);
    head.this_boot = far.board.this_boot ? 1 : 0;
    head.daemon_alive = far.board.daemon_alive ? 1 : 0;
    std::string out;
    out.reserve(sizeof head + sizeof(BoardDaemon) + home.size() +
                far.board.slots.size() * sizeof(BoardSlot));
    append(out, head);
    out += home;
    append(out, far.board.daemon);
    for (const auto& slot : far.board.slots)
        append(out, slot);
    return out;
}

Result<FarBoard> board_from(std::string_view bytes) {
    const auto bad = [] { return fail(Errc::corrupt, "what came is no copy of a status board"); };
    Head head;
    if (!take(&bytes, sizeof head, &head) || head.magic != k_magic)
        return bad();
    if (head.version != k_board_version)
        return fail(Errc::newer_version,
                    "the other host's board has layout version " + std::to_string(head.version));
    if (head.daemon_size == 0 || head.daemon_size > k_record_max || head.slot_size == 0 ||
        head.slot_size > k_record_max || head.slots > k_board_slots_max ||
        head.home_size > k_home_max || bytes.size() < head.home_size)
        return bad();
    FarBoard far;
    far.home = bytes.substr(0, head.home_size);
    bytes.remove_prefix(head.home_size);
    far.taken = {utc_from_nanos(head.utc), MonoTime(Nanos(head.mono))};
    far.board.torn = head.torn;
    far.board.this_boot = head.this_boot != 0;
    far.board.daemon_alive = head.daemon_alive != 0;
    if (!take(&bytes, head.daemon_size, &far.board.daemon))
        return bad();
    far.board.slots.reserve(head.slots);
    for (std::uint32_t i = 0; i < head.slots; ++i) {
        auto& slot = far.board.slots.emplace_back();
        if (!take(&bytes, head.slot_size, &slot))
            return bad();
        if (!words_known(slot)) {
            far.board.slots.pop_back();
            far.board.torn += 1;
        }
    }
    if (!bytes.empty())
        return bad();
    return far;
}

}  // namespace bullpen::ipc
