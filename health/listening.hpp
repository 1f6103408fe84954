// Where monitors ask: a Unix socket of the home, or a port of this host alone.
#pragma once

#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::health {

struct Listening {
    Descriptor socket;     // does not block
    std::string endpoint;  // "unix:/var/lib/bullpen/run/health", "tcp://127.0.0.1:9180"
};

// `where`: "unix", for HOME/run/health, which the home's user alone may connect to; or a loopback
// address, "tcp://127.0.0.1:9180", with port 0 for one that the kernel chooses. What an earlier
// process left at the place of the Unix socket is taken away: the caller is the only one of its
// home. Errc::invalid for any other place.
Result<Listening> listen(const Home& home, const std::string& where);

}  // namespace bullpen::health
