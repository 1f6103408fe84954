// FenceAllocator: hands out fencing tokens, each greater than any before it in this home, through
// crashes and lost files. Pure: it says when a reservation must be made durable and is told when it
// is.
//
// Tokens are reserved in blocks, so that one synced write pays for a thousand launches. What is
// durable is one number: every token below it may have been used. A new daemon begins there.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/ids.hpp"

namespace bullpen::lease {

class FenceAllocator {
  public:
    static constexpr std::uint64_t k_block = 1024;

    // `reserved` is the durable number, when it could be read. `greatest_known` is the greatest
    // token found anywhere else: launch record, lock files, state files. Without a readable
    // reservation a whole block is skipped past it, because tokens may have been used since.
    FenceAllocator(std::optional<Fence> reserved, Fence greatest_known);

    // The next token; none when the reservation is used up.
    std::optional<Fence> take();
    // A token in use that this allocator did not give: never give it or a smaller one.
    void observe(Fence seen);

    // The reservation to make durable now, if one is due: before the block is used up, so that no
    // launch waits for the disk.
    [[nodiscard]] std::optional<Fence> due() const;
    // `upto` is durable: tokens below it may be given.
    void reserved(Fence upto);

    [[nodiscard]] Fence next() const { return Fence{next_}; }

  private:
    std::uint64_t next_;      // the next token to give
    std::uint64_t reserved_;  // tokens below this are durable
};

}  // namespace bullpen::lease
