// Reading a file that must be nobody else's: keys and sealed credentials. What is opened is a
// regular file, no link, of bounded size, that its owner alone may read and write. Inside this
// library and its tests only.
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace bullpen::vault {

enum class Keeper {
    // This process's user owns it, and neither group nor others may do anything with it. For root
    // it may also be whoever owns the directory that it is in.
    user,
    // The service manager laid it down for this process: root or this user owns it, others may do
    // nothing with it. (A credential's access list shows as rights of the group.)
    service_manager,
};

// Errc::not_found when there is none; Errc::refused, with what to do, when somebody else could
// have read or written it; Errc::too_large.
Result<Secret> read_private(const std::string& path, std::size_t size_max, Keeper keeper);

}  // namespace bullpen::vault
