// DiskWatch: how much the directory of each account holds, and what the account writes elsewhere,
// of one account after the other and of each a part at a time, so that a home of any size costs the
// same. What it has seen last stays known. Owned by the daemon, used on its helper thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/watch/directory_size.hpp"

namespace bullpen::watch {

// How full the directory is, against what it may hold.
enum class Fill : std::uint8_t { fine, near, over };

// From this share on it is near: time to act before anything is stopped.
inline constexpr std::uint64_t k_near_percent = 80;

// What cannot be looked into counts as too much. `most` is in bytes; 0: there is no limit.
Fill fill_of(const Size& size, std::uint64_t most);
// For people: "8.2 GiB in HOME/accounts/mes01, 8.0 GiB allowed".
std::string fill_text(const Size& size, std::uint64_t most, const std::string& directory);

struct Place {
    AccountId account;
    std::string directory;
    std::uint64_t most = 0;           // bytes; 0: no limit
    std::vector<std::string> others;  // its write_paths: see DirectorySize
    std::uint64_t removed = 0;        // bytes of files that it holds open without a name
};

struct Seen {
    AccountId account;
    Size size;
    Fill fill = Fill::fine;
    bool changed = false;  // `fill`, since it was seen before; of the first time, if it is not fine
    std::string text;      // fill_text, and what of it is elsewhere
};

class DiskWatch {
  public:
    // A turn through all accounts begins at most so often.
    static constexpr Nanos k_turn_min = std::chrono::seconds(5);

    // Looks at up to `entries` more, and not after `deadline`. Those whose count is at its end, or
    // is too much already. `places` may be others than before.
    std::vector<Seen> look(std::span<const Place> places, std::size_t entries, const Clock& clock,
                           MonoTime deadline);

  private:
    // The place that is counted now, or the one after the last that was; none when the turn is
    // over.
    [[nodiscard]] std::optional<std::size_t> place(std::span<const Place> places) const;
    void forget_others(std::span<const Place> places);
    Seen seen(const Place& place, const Size& size);

    std::map<AccountId, Fill> known_;
    std::optional<AccountId> last_;  // the last one of this turn
    std::optional<DirectorySize> walk_;
    std::optional<AccountId> walked_;
    MonoTime turn_since_{};
    bool begun_ = false;
};

}  // namespace bullpen::watch
