#include "ctl/home_owner.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/users/capabilities.hpp"

namespace bullpen::ctl {

namespace {

constexpr mode_t k_home_mode = 0750;

// Of the directory, or of the nearest one above it that there is.
Result<Owner> nearest_owner(std::string directory, bool* there) {
    for (*there = true;; *there = false) {
        struct stat status {};
        if (::stat(directory.c_str(), &status) == 0)
            return Owner{status.st_uid, status.st_gid};
        if (errno != ENOENT)
            return fail_errno("cannot look at " + directory);
        directory.resize(directory.rfind('/') == 0 ? 1 : directory.rfind('/'));
    }
}

Result<void> become(const Owner& owner) {
    if (::setegid(owner.group) != 0 || ::seteuid(owner.user) != 0)
        return fail_errno("cannot act as the user of the home");
    return {};
}

}  // namespace

Result<Owner> owner_of(const std::string& directory) {
    bool there = false;
    return nearest_owner(directory, &there);
}

Result<ActingFor> ActingFor::the_owner_of(const std::string& directory) {
    if (::geteuid() != 0)
        return ActingFor(std::nullopt);
    BULLPEN_TRY(const auto owner, owner_of(directory));
    if (owner.user == 0)
        return ActingFor(std::nullopt);
    Before before{::getegid(), std::vector<gid_t>(
                                   static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)))};
    if (::getgroups(static_cast<int>(before.groups.size()), before.groups.data()) < 0)
        return fail_errno("cannot tell this process's groups");
    ActingFor acting(std::move(before));
    if (::setgroups(1, &owner.group) != 0)
        return fail_errno("cannot act in the group of " + directory);
    BULLPEN_CHECK(become(owner));
    return acting;
}

ActingFor::~ActingFor() {
    if (!before_)
        return;
    // Root again: what cannot be taken back must not go on by half.
    const bool back = ::seteuid(0) == 0 && ::setegid(before_->group) == 0 &&
                      ::setgroups(before_->groups.size(), before_->groups.data()) == 0;
    BULLPEN_ASSERT(back, "a process that was root can be root again");
}

Result<void> become_owner(const Home& home) {
    if (::geteuid() != 0)
        return {};
    bool there = false;
    BULLPEN_TRY(const auto owner, nearest_owner(home.root(), &there));
    if (owner.user == 0)
        return {};
    BULLPEN_CHECK(become(owner));
    // Whose accounts' files may be other users'.
    return there && ::access(home.numbers().c_str(), F_OK) == 0 ? users::take_up(users::of_reader())
                                                                : Result<void>{};
}

Result<void> become_owner_to_be(const Home& home, const Owner& wanted) {
    bool there = false;
    BULLPEN_TRY(const auto owner, nearest_owner(home.root(), &there));
    if (there && owner.user != wanted.user) {
        return fail(Errc::refused, home.root() + " belongs to user " + std::to_string(owner.user) +
                                       ", not to " + std::to_string(wanted.user));
    }
    if (::geteuid() != 0 && ::geteuid() != wanted.user)
        return fail(Errc::refused, "only root makes a home for another user");
    if (there || ::geteuid() != 0)
        return become_owner(home);
    // In a directory of root's own nobody else can put anything in its place meanwhile.
    if (owner.user == 0) {
        if (::mkdir(home.root().c_str(), k_home_mode) != 0)
            return fail_errno("cannot make " + home.root());
        if (::lchown(home.root().c_str(), wanted.user, wanted.group) != 0)
            return fail_errno("cannot give " + home.root() + " to user " +
                              std::to_string(wanted.user));
    }
    return become(wanted);
}

}  // namespace bullpen::ctl
