// A disk that fails when it is told to: preloaded into a worker, it counts what the process writes
// to files below a directory named "journal" and syncs there, and fails as the first line of the
// file says that $FAULTY_DISK names. The line is taken out when it takes effect, and counting
// begins anew for the next one, in this process or the one after it.
//
//   no_space N COUNT   writes N to N + COUNT - 1 find no room
//   short N            write N is half done, and the rest finds no room, once
//   sync N             sync N fails
//   slow N MS          sync N takes MS milliseconds longer
//   power S N          at write N after sync S, with N 0 in place of sync S itself, the power goes:
//                      what was not synced is cut off, what is left is copied to a file
//                      $FAULTY_DISK.left.<time>, and the process is gone
//
// A line that begins with "state" is of the state file and its temporary, previous and linked
// names instead. Of a line of power N counts whatever is done to them, a write, a sync, a link, a
// rename or a sync of their directory, and the power goes before it:
//
//   state no_space N COUNT, state short N, state sync N, state slow N MS   as above
//   state directory N  sync N of the directory fails
//   state power N K    with K 0 names that were given since the directory's last sync are as they
//                      were, with 1 they got to the disk all the same
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

// A change of names that the directory has not been synced since.
struct Renaming {
    std::string from;
    std::string to;
    std::string kept;  // another name of what `to` was; empty: it was not there
    bool linked = false;
};

struct Disk {
    std::string file;   // empty: nothing fails
    std::string state;  // the state file, where lines are about it
    bool of_state = false;
    std::string kind;
    long at = 0;
    long count = 1;
    long writes = 0;
    long syncs = 0;
    long since_sync = 0;  // writes
    bool short_once = false;
    std::map<std::string, off_t> durable;  // bytes of each file that would outlive a power cut
    std::vector<Renaming> renamed;         // oldest first
    long steps = 0;                        // of the state file
    long directories = 0;                  // synced
    long kept = 0;                         // names made for what was renamed over

    Disk() {
        if (const char* named = std::getenv("FAULTY_DISK"))
            file = named;
        read();
    }
    void read() {
        std::string line;
        std::ifstream in(file);
        std::getline(in, line);
        char word[32] = {};
        at = writes = syncs = since_sync = steps = directories = 0;
        count = 1;
        of_state = line.starts_with("state ");
        (void)std::sscanf(line.c_str() + (of_state ? 6 : 0), "%31s %ld %ld", word, &at, &count);
        kind = word;
    }
    // The line takes effect.
    void take_line() {
        std::string line;
        std::ifstream in(file);
        std::getline(in, line);
        const std::string rest(std::istreambuf_iterator<char>(in), {});
        std::ofstream(file, std::ios::trunc) << rest << std::flush;
    }
    [[nodiscard]] bool is(const char* what) const { return kind == what; }
};

Disk& disk() {
    static Disk made;
    return made;
}

// Whether lines of the kind that is first are about this file.
bool is_watched(const std::string& path) {
    constexpr std::string_view k_state = "/state.json";
    auto& d = disk();
    if (!d.of_state)
        return path.find("/journal/") != std::string::npos;
    const auto found = path.find(k_state);
    if (found == std::string::npos)
        return false;
    d.state = path.substr(0, found + k_state.size());
    return true;
}

// The path of a file that the first line is about; empty for every other.
std::string watched_file(int fd) {
    char link[64];
    char path[1024];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto size = ::readlink(link, path, sizeof path - 1);
    if (size <= 0)
        return {};
    std::string found(path, static_cast<std::size_t>(size));
    return is_watched(found) ? found : std::string();
}

off_t size_of(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

// Names are what they were when the directory was synced last.
void undo_renaming() {
    auto& renamed = disk().renamed;
    for (; !renamed.empty(); renamed.pop_back()) {
        const auto& last = renamed.back();
        if (last.linked) {
            (void)::unlink(last.to.c_str());
            continue;
        }
        (void)::syscall(SYS_rename, last.to.c_str(), last.from.c_str());
        if (!last.kept.empty())
            (void)::syscall(SYS_rename, last.kept.c_str(), last.to.c_str());
    }
}

void forget_renaming() {
    for (const auto& one : disk().renamed) {
        if (!one.kept.empty())
            (void)::unlink(one.kept.c_str());
    }
    disk().renamed.clear();
}

[[noreturn]] void cut_power() {
    disk().take_line();
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto time = std::to_string(now.tv_sec * 1'000'000'000L + now.tv_nsec);
    const std::string left = disk().file + ".left." + time;
    std::ofstream copy(left + ".part", std::ios::trunc);
    for (const auto& [path, size] : disk().durable)
        (void)!::truncate(path.c_str(), size);
    if (disk().of_state) {
        if (disk().count == 0)
            undo_renaming();
        copy << std::ifstream(disk().state).rdbuf();
    } else {
        for (const auto& [path, size] : disk().durable)
            copy << std::ifstream(path).rdbuf();
    }
    copy.close();
    (void)std::rename((left + ".part").c_str(), left.c_str());
    ::raise(SIGKILL);
    std::abort();
}

// One more thing is done to the state file.
void step_of_state() {
    auto& d = disk();
    ++d.steps;
    if (d.of_state && d.is("power") && d.steps == d.at)
        cut_power();
}

}  // namespace

extern "C" ssize_t write(int fd, const void* data, size_t size) {
    auto& d = disk();
    const auto path = d.file.empty() ? std::string() : watched_file(fd);
    if (path.empty())
        return ::syscall(SYS_write, fd, data, size);
    if (d.of_state)
        step_of_state();
    d.durable.emplace(path, size_of(fd));
    ++d.writes;
    ++d.since_sync;
    if (d.short_once) {
        d.short_once = false;
        errno = ENOSPC;
        return -1;
    }
    if (d.is("no_space") && d.writes >= d.at) {
        if (d.writes == d.at)
            d.take_line();
        if (d.writes == d.at + d.count - 1)
            d.read();
        errno = ENOSPC;
        return -1;
    }
    if (d.is("short") && d.writes == d.at) {
        d.take_line();
        d.read();
        d.short_once = true;
        return ::syscall(SYS_write, fd, data, size / 2);
    }
    if (!d.of_state && d.is("power") && d.syncs == d.at && d.since_sync == d.count)
        cut_power();
    return ::syscall(SYS_write, fd, data, size);
}

extern "C" int fdatasync(int fd) {
    auto& d = disk();
    const auto path = d.file.empty() ? std::string() : watched_file(fd);
    if (path.empty())
        return static_cast<int>(::syscall(SYS_fdatasync, fd));
    if (d.of_state)
        step_of_state();
    ++d.syncs;
    d.since_sync = 0;
    if (d.is("slow") && d.syncs == d.at) {
        const timespec pause{d.count / 1000, d.count % 1000 * 1'000'000};
        d.take_line();
        d.read();
        ::nanosleep(&pause, nullptr);
    }
    if (d.is("sync") && d.syncs == d.at) {
        d.take_line();
        d.read();
        errno = EIO;
        return -1;
    }
    if (!d.of_state && d.is("power") && d.syncs == d.at && d.count == 0)
        cut_power();
    const int done = static_cast<int>(::syscall(SYS_fdatasync, fd));
    if (done == 0)
        d.durable[path] = size_of(fd);
    return done;
}

extern "C" int rename(const char* from, const char* to) {
    auto& d = disk();
    if (d.file.empty() || !d.of_state || !is_watched(to))
        return static_cast<int>(::syscall(SYS_rename, from, to));
    step_of_state();
    Renaming one{from, to, std::string(to) + ".undo" + std::to_string(++d.kept)};
    if (::syscall(SYS_link, to, one.kept.c_str()) != 0)
        one.kept.clear();
    const int done = static_cast<int>(::syscall(SYS_rename, from, to));
    if (done != 0)
        return done;
    // What was written under one name is under the other now.
    if (const auto found = d.durable.find(from); found != d.durable.end()) {
        d.durable[to] = found->second;
        d.durable.erase(found);
    }
    d.renamed.push_back(std::move(one));
    return done;
}

extern "C" int link(const char* existing, const char* name) {
    auto& d = disk();
    const bool watched = !d.file.empty() && d.of_state && is_watched(name);
    if (watched)
        step_of_state();
    const int done = static_cast<int>(::syscall(SYS_link, existing, name));
    if (watched && done == 0)
        d.renamed.push_back({existing, name, {}, true});
    return done;
}

extern "C" int fsync(int fd) {
    auto& d = disk();
    struct stat status {};
    const bool watched = !d.file.empty() && d.of_state && !d.renamed.empty() &&
                         ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    if (watched) {
        step_of_state();
        ++d.directories;
        if (d.is("directory") && d.directories == d.at) {
            d.take_line();
            d.read();
            errno = EIO;
            return -1;
        }
    }
    const int done = static_cast<int>(::syscall(SYS_fsync, fd));
    if (watched && done == 0)
        forget_renaming();
    return done;
}
