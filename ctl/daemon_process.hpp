// The daemon's process as somebody else sees it: waiting for its end without asking it.
#pragma once

#include <sys/types.h>

#include <optional>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

class DaemonProcess {
  public:
    // None when no process of that daemon lives.
    static std::optional<DaemonProcess> of(const DaemonView& daemon);

    // True when it has ended within `wait`.
    [[nodiscard]] bool wait(Nanos wait) const;

  private:
    explicit DaemonProcess(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
    Descriptor descriptor_;
};

}  // namespace bullpen::ctl
