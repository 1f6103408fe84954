// Whose files a command of root's leaves behind.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

// What root writes in a home is to be its owner's: the daemon could not open it otherwise, and a
// link that somebody planted there would lead root anywhere. From here on this process acts as the
// user and the group that the home's directory is of; it may still read what the home's accounts
// keep. Where there is no home yet, those of the nearest directory above it, in which it is made.
// Nothing happens to who is not root. Before any thread.
Result<void> become_owner(const Home& home);

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};
// Of the directory, or of the nearest one above it that there is.
Result<Owner> owner_of(const std::string& directory);

// While it lives, root acts as the user that a directory is of, in the directory's group alone, so
// that what lies there leads to nothing which that user could not read. Nothing happens to who is
// not root. Before any thread.
class ActingFor {
  public:
    static Result<ActingFor> the_owner_of(const std::string& directory);
    ActingFor(ActingFor&& other) noexcept : before_(std::exchange(other.before_, {})) {}
    ActingFor& operator=(ActingFor&&) = delete;
    ActingFor(const ActingFor&) = delete;
    ActingFor& operator=(const ActingFor&) = delete;
    ~ActingFor();

  private:
    struct Before {
        gid_t group = 0;
        std::vector<gid_t> groups;
    };
    explicit ActingFor(std::optional<Before> before) : before_(std::move(before)) {}
    std::optional<Before> before_;  // none: it acts for nobody else
};

// The same for a home that is to be this user's. Root makes its directory first, where only root
// can. An error where there is a home of somebody else's, and for who is neither root nor that
// user.
Result<void> become_owner_to_be(const Home& home, const Owner& wanted);

}  // namespace bullpen::ctl
