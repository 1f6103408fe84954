#include "common/sandbox/open_paths.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace bullpen::sandbox {

OpenPath open_path(const std::string& path) {
    OpenPath opened{Descriptor(::open(path.c_str(), O_PATH | O_CLOEXEC)), false, 0};
    struct stat facts {};
    if (!opened.at.valid() || ::fstat(opened.at.get(), &facts) != 0)
        opened.error = errno;
    else
        opened.is_directory = S_ISDIR(facts.st_mode);
    return opened;
}

const OpenPath& OpenPaths::kept(const std::string& path) {
    auto found = paths_.find(path);
    if (found == paths_.end())
        found = paths_.emplace(path, open_path(path)).first;
    return found->second;
}

}  // namespace bullpen::sandbox
