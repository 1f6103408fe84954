#include "common/users/giving.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::users {

namespace {

constexpr int k_depth_max = 32;
constexpr std::size_t k_entries_max = 200'000;

struct Close {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

class Walk {
  public:
    explicit Walk(const Giving& giving) : giving_(giving) {}

    // `name` in `parent`, which `path` shows to people.
    Result<void> give(int parent, const char* name, const std::string& path, int depth) {
        if (depth > k_depth_max || ++entries_ > k_entries_max)
            return fail(Errc::too_large, path +
                                             " is deeper, or has more files, than are looked "
                                             "through before a start");
        struct stat facts {};
        if (::fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT ? Result<void>{} : fail_errno("cannot look at " + path);
        BULLPEN_CHECK(take_over(parent, name, path, facts));
        return S_ISDIR(facts.st_mode) ? enter(parent, name, path, depth) : Result<void>{};
    }

  private:
    Result<void> take_over(int parent, const char* name, const std::string& path,
                           const struct stat& facts) const {
        if (facts.st_uid == giving_.to)
            return {};
        if (facts.st_uid != ::geteuid() && !giving_.range.has(facts.st_uid))
            return fail(Errc::refused, path + " belongs to user " + std::to_string(facts.st_uid) +
                                           ", who is neither the home's nor an account's; remove "
                                           "it, or give it to the home's user");
        if (!S_ISDIR(facts.st_mode) && facts.st_nlink > 1)
            return fail(Errc::refused, path +
                                           " has another name elsewhere (a hard link), so that "
                                           "it may not be this account's; put a copy in its "
                                           "place");
        if (::fchownat(parent, name, giving_.to, static_cast<gid_t>(-1), AT_SYMLINK_NOFOLLOW) != 0)
            return fail_errno("cannot give " + path + " to user " + std::to_string(giving_.to));
        return {};
    }

    Result<void> enter(int parent, const char* name, const std::string& path, int depth) {
        Descriptor opened(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!opened.valid())
            return fail_errno("cannot look into " + path);
        const std::unique_ptr<DIR, Close> directory(::fdopendir(opened.get()));
        if (directory == nullptr)
            return fail_errno("cannot look into " + path);
        const int fd = opened.release();
        while (const dirent* entry = ::readdir(directory.get())) {
            const std::string below = entry->d_name;
            if (below != "." && below != "..")
                BULLPEN_CHECK(give(fd, entry->d_name, path + "/" + below, depth + 1));
        }
        return {};
    }

    Giving giving_;
    std::size_t entries_ = 0;
};

}  // namespace

Result<void> give_all(const std::string& directory, const Giving& giving) {
    return Walk(giving).give(AT_FDCWD, directory.c_str(), directory, 0);
}

Result<void> give_file(const std::string& path, const Giving& giving) {
    return Walk(giving).give(AT_FDCWD, path.c_str(), path, 0);
}

}  // namespace bullpen::users
