// SIGTERM and Ctrl-C as a descriptor that a loop can wait for.
#pragma once

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

// Readable once the process is told to end. Both signals are blocked in the calling thread and in
// every one it starts, so it is called before there are others.
Result<Descriptor> stop_signals();

}  // namespace bullpen::process
