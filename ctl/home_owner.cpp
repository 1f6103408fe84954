#include "ctl/home_owner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/users/capabilities.hpp"

namespace bullpen::ctl {

Result<void> become_owner(const Home& home) {
    struct stat status {};
    if (::stat(home.root().c_str(), &status) != 0)
        return errno == ENOENT ? Result<void>{} : fail_errno("cannot look at " + home.root());
    if (::geteuid() != 0 || status.st_uid == 0)
        return {};
    if (::setegid(status.st_gid) != 0 || ::seteuid(status.st_uid) != 0)
        return fail_errno("cannot act as the user of the home");
    // Whose accounts' files may be other users'.
    return ::access(home.numbers().c_str(), F_OK) == 0 ? users::take_up(users::of_reader())
                                                       : Result<void>{};
}

}  // namespace bullpen::ctl
