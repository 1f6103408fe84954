// A disk that fails when it is told to: preloaded into a worker, it counts what the process writes
// to files below a directory named "journal" and syncs there, and fails as the first line of the
// file says that $FAULTY_DISK names. The line is taken out when it takes effect, and counting
// begins anew for the next one, in this process or the one after it.
//
//   no_space N COUNT   writes N to N + COUNT - 1 find no room
//   short N            write N is half done, and the rest finds no room, once
//   sync N             sync N fails
//   power S N          at write N after sync S, with N 0 in place of sync S itself, the power goes:
//                      what was not synced is cut off, what is left is copied to a file
//                      $FAULTY_DISK.left.<time>, and the process is gone
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

namespace {

struct Disk {
    std::string file;  // empty: nothing fails
    std::string kind;
    long at = 0;
    long count = 1;
    long writes = 0;
    long syncs = 0;
    long since_sync = 0;  // writes
    bool short_once = false;
    std::map<std::string, off_t> durable;  // bytes of each file that would outlive a power cut

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
        at = writes = syncs = since_sync = 0;
        count = 1;
        (void)std::sscanf(line.c_str(), "%31s %ld %ld", word, &at, &count);
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

// The path of a file in a journal; empty for every other.
std::string journal_file(int fd) {
    char link[64];
    char path[1024];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto size = ::readlink(link, path, sizeof path - 1);
    if (size <= 0)
        return {};
    std::string found(path, static_cast<std::size_t>(size));
    return found.find("/journal/") == std::string::npos ? std::string() : found;
}

off_t size_of(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

[[noreturn]] void cut_power() {
    disk().take_line();
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto time = std::to_string(now.tv_sec * 1'000'000'000L + now.tv_nsec);
    const std::string left = disk().file + ".left." + time;
    std::ofstream copy(left + ".part", std::ios::trunc);
    for (const auto& [path, size] : disk().durable) {
        (void)!::truncate(path.c_str(), size);
        copy << std::ifstream(path).rdbuf();
    }
    copy.close();
    (void)std::rename((left + ".part").c_str(), left.c_str());
    ::raise(SIGKILL);
    std::abort();
}

}  // namespace

extern "C" ssize_t write(int fd, const void* data, size_t size) {
    auto& d = disk();
    const auto path = d.file.empty() ? std::string() : journal_file(fd);
    if (path.empty())
        return ::syscall(SYS_write, fd, data, size);
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
    if (d.is("power") && d.syncs == d.at && d.since_sync == d.count)
        cut_power();
    return ::syscall(SYS_write, fd, data, size);
}

extern "C" int fdatasync(int fd) {
    auto& d = disk();
    const auto path = d.file.empty() ? std::string() : journal_file(fd);
    if (path.empty())
        return static_cast<int>(::syscall(SYS_fdatasync, fd));
    ++d.syncs;
    d.since_sync = 0;
    if (d.is("sync") && d.syncs == d.at) {
        d.take_line();
        d.read();
        errno = EIO;
        return -1;
    }
    if (d.is("power") && d.syncs == d.at && d.count == 0)
        cut_power();
    const int done = static_cast<int>(::syscall(SYS_fdatasync, fd));
    if (done == 0)
        d.durable[path] = size_of(fd);
    return done;
}
