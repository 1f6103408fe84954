// ChangeWatch: waits until something changes in a directory, by inotify and never on a timer. What
// changed between two waits ends the second one at once, so a look after each wait misses nothing.
//
// One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

class ChangeWatch {
  public:
    enum class End : std::uint8_t {
        changed,  // or a signal came: look again
        other,    // the other descriptor has something to say
        timeout,
    };

    // The directory must be there.
    static Result<ChangeWatch> of(const std::string& directory);

    // `timeout`: none waits for ever. `other`: a descriptor whose hanging up ends the wait, or -1.
    [[nodiscard]] Result<End> wait(std::optional<Millis> timeout, int other = -1) const;

  private:
    explicit ChangeWatch(Descriptor notify) : notify_(std::move(notify)) {}

    Descriptor notify_;
};

}  // namespace bullpen::ctl
