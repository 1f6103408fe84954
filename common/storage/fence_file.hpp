// FenceFile: how far fences are reserved, on disk twice (HOME/run/fences and HOME/fences), each
// with a checksum and synced. A fence is given out only below what is reserved here, so that no
// crash, power cut or loss of one copy, or of a whole folder, brings a used one back. Owned by the
// daemon; a reservation syncs, so it is made in blocks and on the loop's helper thread.
#pragma once

#include <string>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::storage {

class FenceFile {
  public:
    // Where the second copy is: not in run/, which may be lost as a whole.
    static std::string copy_in(const Home& home) { return home.root() + "/fences"; }

    // `greatest_used`: the greatest fence known to be used from elsewhere, which counts where it is
    // above the reservation or both copies are lost. Errc::corrupt when a copy is there, neither
    // can be read and nothing else is known.
    static Result<FenceFile> open(const std::string& path, const std::string& copy,
                                  Fence greatest_used);

    // Every fence below this one may have been used.
    [[nodiscard]] Fence reserved() const { return reserved_; }
    // Whether both copies were there and said the same. If not, whoever opens it looks for used
    // fences wherever one may be written, and opens it again.
    [[nodiscard]] bool intact() const { return intact_; }

    // Durable in both copies when it returns; never goes back.
    Result<void> reserve(Fence up_to);

  private:
    std::string path_;
    std::string copy_;
    Fence reserved_;
    bool intact_ = false;
};

}  // namespace bullpen::storage
