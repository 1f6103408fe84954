// The status board: a file that the daemon maps and anyone of the same user may read, so that
// `bullpenctl status` needs no socket and works when the daemon is down. Telemetry, never truth.
//
// BoardWriter: one in the daemon, used from its one thread; writing a slot is a copy of about one
// kilobyte between two counts (a sequence lock), no system call. BoardReader: copies the file with
// pread, so a truncated file is an error and never a SIGBUS, and a slot that changed while it was
// copied is copied again. Layout: docs/protocol.md.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/utf8.hpp"
#include "common/model/states.hpp"

namespace bullpen::ipc {

// Text in a fixed place, padded with zeros; cut at a character's border when too long, with a sign
// of it at the end.
template <std::size_t size>
class BoardText {
  public:
    static constexpr std::size_t k_bytes_max = size;

    BoardText() = default;
    BoardText(std::string_view text) { assign(text); }  // NOLINT: reads as the text it is
    BoardText& operator=(std::string_view text) {
        assign(text);
        return *this;
    }

    [[nodiscard]] std::string_view view() const {
        return {bytes_.data(), ::strnlen(bytes_.data(), size)};
    }
    [[nodiscard]] std::string str() const { return std::string(view()); }
    [[nodiscard]] bool empty() const { return bytes_[0] == '\0'; }
    friend bool operator==(const BoardText&, const BoardText&) = default;

  private:
    void assign(std::string_view text) {
        static_assert(size > k_cut_sign.size());
        const auto kept = cut_for_sign(text, size);
        bytes_ = {};
        std::memcpy(bytes_.data(), kept.data(), kept.size());
        if (kept.size() < text.size())
            std::memcpy(bytes_.data() + kept.size(), k_cut_sign.data(), k_cut_sign.size());
    }
    std::array<char, size> bytes_{};
};

// A time of 0 means none, a MonoTime of 0 never.
// How far an account is from one of its limits.
struct BoardLimit {
    BoardText<24> name;  // "daily_loss"; empty: none
    BoardText<16> unit;  // money (in millionths), contracts, trades, orders
    std::int64_t used = 0;
    std::int64_t limit = 0;
    friend bool operator==(const BoardLimit&, const BoardLimit&) = default;
};
// So many stand in the middle of a slot, and as many more behind it, where they were added.
inline constexpr std::size_t k_board_limits = 6;
inline constexpr std::size_t k_board_limits_more = 4;
inline constexpr std::size_t k_board_limits_all = k_board_limits + k_board_limits_more;

struct BoardSlot {
    BoardText<32> account;
    BoardText<64> label;
    BoardText<32> group;
    BoardText<32> owner;
    BoardText<48> reason;        // stable code of the worker's state
    BoardText<48> mode_reason;   // stable code of the trading mode; may be newer than the daemon
    BoardText<128> reason_text;  // the particulars: "held by pid 12 ..."
    BoardText<128> next;         // what happens next by itself
    BoardText<48> position;      // "long 2 MESZ6 @ 6012.25", "flat", "unknown"
    BoardText<24> day_pnl;       // decimal string, empty: not known
    BoardText<96> last_error;    // its beginning; see whole_error
    BoardText<24> worker_version;

    UtcTime since{};  // of the state
    UtcTime until{};
    UtcTime mode_since{};
    UtcTime mode_until{};
    UtcTime started{};  // of the process
    UtcTime last_beat{};
    MonoTime last_beat_mono{};
    UtcTime last_bar{};            // market time of the last bar
    MonoTime last_bar_mono{};      // when it arrived
    std::uint64_t start_time = 0;  // of the process, clock ticks since boot
    std::uint64_t restarts = 0;
    std::uint64_t launch = 0;
    std::uint64_t fence = 0;
    std::uint64_t bars = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t log_dropped = 0;
    std::int64_t quantity = 0;  // signed position; meaningful when quantity_known
    std::int32_t pid = 0;
    std::int32_t priority = 0;
    std::int32_t protocol = 0;  // agreed with the worker; 0: none

    model::WorkerState state = model::WorkerState::stopped;
    model::SessionState session = model::SessionState::closed;
    model::TradingMode mode = model::TradingMode::idle;
    std::uint8_t exited = 0;   // STOPPED reads EXITED
    std::uint8_t reports = 0;  // 1: session, mode and what follows come from a beat
    std::uint8_t quantity_known = 0;
    std::uint8_t flat = 0;   // 1: proven flat
    std::uint8_t beats = 0;  // 1: heartbeat = "zmq", 0: the process alone is supervised
    std::uint8_t enabled = 1;
    std::uint8_t wanted = 0;
    std::uint8_t service = 0;  // 1: one of the home's services, not an account
    // 1: its settings put credentials into its environment.
    std::uint8_t credentials_in_environment = 0;

    std::array<BoardLimit, k_board_limits> limits{};
    BoardText<128> refusal;  // why it did not enter lately; empty: nothing to tell
    UtcTime refused_at{};
    UtcTime refused_until{};
    BoardText<16> product;      // the big contract's symbol of what `quantity` counts; empty: none
    std::int64_t per_lot = 1;   // so many contracts are one of the big size
    std::uint8_t opposite = 0;  // config::Opposite: the policy of its owner
    // What the kernel keeps its process from; meaningful when isolation_known.
    std::uint8_t isolation_known = 0;
    std::uint8_t landlock = 0;        // the version in force; 0: none
    std::uint8_t calls_filtered = 0;  // 1: by seccomp
    std::uint8_t widened = 0;         // 1: its file lets it change, or do, more than its own
    std::uint8_t own_user = 0;        // 1: it is of a user of its own
    std::array<std::uint8_t, 2> reserved_behind{};
    std::uint64_t disk_bytes = 0;  // of its directory, when it was last counted; 0: not yet
    std::array<BoardLimit, k_board_limits_more> limits_more{};
    BoardText<512> whole_error;  // of `last_error`; empty from a daemon that did not know of it
    UtcTime position_at{};       // when a worker said `position` and `quantity`

    // Its limits, those of `limits` before those of `limits_more`.
    BoardLimit& limit(std::size_t i) {
        return i < k_board_limits ? limits.at(i) : limits_more.at(i - k_board_limits);
    }
    [[nodiscard]] std::array<BoardLimit, k_board_limits_all> all_limits() const {
        std::array<BoardLimit, k_board_limits_all> all{};
        std::copy(limits_more.begin(), limits_more.end(),
                  std::copy(limits.begin(), limits.end(), all.begin()));
        return all;
    }

    friend bool operator==(const BoardSlot&, const BoardSlot&) = default;
};
static_assert(std::is_trivially_copyable_v<BoardSlot>);
static_assert(sizeof(BoardSlot) % sizeof(std::uint64_t) == 0);

// What BoardDaemon's `cgroups` and `users` say.
enum class MeansUse : std::uint8_t {
    not_wanted,
    in_force,
    unusable,  // the settings ask for what the daemon cannot have
};

// What the daemon says of itself.
struct BoardDaemon {
    BoardText<24> version;
    BoardText<40> boot_id;
    BoardText<64> name;
    UtcTime started{};
    UtcTime written{};  // the last time the daemon said it was well; at least once a second
    MonoTime written_mono{};
    std::uint64_t start_time = 0;  // of the process, clock ticks since boot
    std::uint64_t generation = 0;  // counts the boards made in this home
    std::uint64_t log_dropped = 0;
    std::uint64_t loop_p50_us = 0;
    std::uint64_t loop_p99_us = 0;
    std::uint64_t loop_max_us = 0;
    std::uint64_t roster_problems = 0;  // account files that could not be read
    std::uint64_t alarms = 0;
    std::int32_t pid = 0;
    std::int32_t protocol = 0;
    std::uint8_t stopping = 0;  // told to shut down
    std::uint8_t disk_full = 0;
    // What the workers that it starts are kept in, as of the slot's fields.
    std::uint8_t isolation_known = 0;
    std::uint8_t landlock = 0;
    std::uint8_t calls_filtered = 0;
    std::uint8_t cgroups = 0;  // MeansUse: whether workers are started in control groups
    std::uint8_t users = 0;    // MeansUse: whether each is started as a user of its own
    std::array<std::uint8_t, 1> reserved{};

    friend bool operator==(const BoardDaemon&, const BoardDaemon&) = default;
};
static_assert(std::is_trivially_copyable_v<BoardDaemon>);
static_assert(sizeof(BoardDaemon) % sizeof(std::uint64_t) == 0);

inline constexpr std::uint32_t k_board_version = 1;
inline constexpr std::size_t k_board_slots_max = 4096;

class BoardWriter {
  public:
    // Makes a new file with room for at least `slots` accounts, its directory too if it is missing,
    // and puts it in place of the old one in one step. Slots of an old board of the same layout and
    // boot are carried over, so that readers keep seeing the workers until the daemon has looked at
    // each; `generation` of the header is counted up from the old one's. The room on disk is
    // reserved first: a full disk is an error here, not a crash later.
    static Result<BoardWriter> create(const std::string& path, const BoardDaemon& daemon,
                                      std::size_t slots);
    BoardWriter(BoardWriter&& other) noexcept;
    BoardWriter& operator=(BoardWriter&& other) noexcept;
    BoardWriter(const BoardWriter&) = delete;
    BoardWriter& operator=(const BoardWriter&) = delete;
    ~BoardWriter();

    // Puts the slot of `slot.account` on the board; a new account takes a free place. When there is
    // none the file is made anew with twice the room.
    Result<void> put(const BoardSlot& slot);
    // Frees the account's place; nothing when it has none.
    void remove(const AccountId& account);
    // The `generation` of `daemon` is replaced by the board's own.
    void put_daemon(BoardDaemon daemon);

    [[nodiscard]] bool has(const AccountId& account) const;
    // The accounts on the board, carried over ones included.
    [[nodiscard]] std::vector<AccountId> accounts() const;
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

  private:
    BoardWriter() = default;
    void unmap() noexcept;
    void write_slot(std::size_t index, const BoardSlot& slot);
    static Result<BoardWriter> make(const std::string& path, const BoardDaemon& daemon,
                                    std::uint64_t generation, std::size_t capacity,
                                    const std::vector<BoardSlot>& carried);
    Result<void> grow();

    std::string path_;
    void* mapping_ = nullptr;
    std::size_t mapping_size_ = 0;
    std::size_t capacity_ = 0;
    std::uint64_t generation_ = 0;
    BoardDaemon daemon_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::vector<std::size_t> free_;
};

// One consistent copy of the board.
struct Board {
    BoardDaemon daemon;
    std::vector<BoardSlot> slots;  // in the order of account names
    std::size_t torn = 0;          // slots left out: their writer died while writing them
    bool this_boot = true;         // false: written before the machine was last started
    bool daemon_alive = false;     // the process that wrote it lives
};

class BoardReader {
  public:
    // Errc::not_found without a board, Errc::newer_version for a layout newer than this program
    // knows, Errc::corrupt for an older one, for what is no board, or is cut short. Fields appended
    // to a record keep the layout's version: records of another length are read as far as known.
    static Result<Board> read(const std::string& path);
    // One account only.
    static Result<std::optional<BoardSlot>> read(const std::string& path, const AccountId& account);
};

}  // namespace bullpen::ipc
