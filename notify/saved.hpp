// Saved: all that bullpen-notify knows, in HOME/alerts/state: how far each log was read, what waits
// for its target, what was sent when. Replaced as a whole, so that after any crash a line that was
// read and the alert that came of it are both there, or neither.
//
// The text and back are pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "notify/board_watch.hpp"
#include "notify/gate.hpp"
#include "notify/outbox.hpp"
#include "notify/tail.hpp"

namespace bullpen::notify {

inline constexpr std::size_t k_saved_max = 32 * 1024 * 1024;  // bytes

struct Saved {
    std::map<std::string, Cursor> cursors;  // by the log's path
    GateState gate;
    OutboxState outbox;
    BoardState board;
    friend bool operator==(const Saved&, const Saved&) = default;
};

std::string to_text(const Saved& saved);
// Errc::corrupt, or newer_version.
Result<Saved> parse_saved(std::string_view text);

struct Loaded {
    Saved saved;
    bool restored = false;  // otherwise there was none, or none that could be used
    std::string trouble;    // why the newest could not be used
};
// A damaged one gives way to the one before it, and that to none.
Loaded load_saved(storage::FileSystem& files, const std::string& path);
// Durable when it returns.
Result<void> store_saved(storage::FileSystem& files, const std::string& path, const Saved& saved);

}  // namespace bullpen::notify
