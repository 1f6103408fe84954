// FenceFile: how far fences are reserved, on disk twice (HOME/run/fences and fences.copy), each
// with a checksum and synced. A fence is given out only below what is reserved here, so that no
// crash, power cut or loss of one copy brings a used one back. Owned and called by the daemon's
// main thread; a reservation syncs, so it is made in blocks.
#pragma once

#include <string>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::storage {

class FenceFile {
  public:
    // `at_least`: the greatest fence known from elsewhere (the launch record), for a home whose
    // copies are both lost. Errc::corrupt when a copy is there, neither can be read and nothing
    // else is known.
    static Result<FenceFile> open(const std::string& path, Fence at_least);

    // Every fence up to and with this one may have been used.
    [[nodiscard]] Fence reserved() const { return reserved_; }
    // False when a copy was missing or unreadable and the other one stood in for it.
    [[nodiscard]] bool intact() const { return intact_; }

    // Durable in both copies when it returns; never goes back.
    Result<void> reserve(Fence up_to);

  private:
    std::string path_;
    Fence reserved_;
    bool intact_ = true;
};

}  // namespace bullpen::storage
