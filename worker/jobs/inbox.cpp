#include "worker/jobs/inbox.hpp"

#include "common/base/errc.hpp"

namespace bullpen::jobs {

Result<std::string> Inbox::path_of(const std::string& name) const {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
        return fail(Errc::invalid, "'" + name + "' is no name of a file in the inbox");
    return directory_ + "/" + name;
}

Result<storage::FileStatus> Inbox::status(const std::string& name) const {
    BULLPEN_TRY(const auto path, path_of(name));
    return files_.status(path);
}

Result<std::string> Inbox::read(const std::string& name, std::size_t size_max) const {
    BULLPEN_TRY(const auto path, path_of(name));
    return files_.read(path, size_max);
}

}  // namespace bullpen::jobs
