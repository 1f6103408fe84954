#include "common/events/shared_file.hpp"

#include <sys/stat.h>

#include "common/base/errc.hpp"

namespace bullpen::events {

Result<std::string> read_shared(storage::FileSystem& files, const std::string& path,
                                std::size_t size_max) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode))
        return fail(Errc::invalid, path + " is not a regular file");
    return files.read(path, size_max);
}

}  // namespace bullpen::events
