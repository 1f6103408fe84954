#include "ipc/account_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/base/errc.hpp"
#include "ipc/identity.hpp"
#include "ipc/lock_facts.hpp"

namespace bullpen::ipc {

namespace {

constexpr mode_t k_private_mode = 0600;
constexpr mode_t k_shared_mode = 0666;
constexpr mode_t k_shared_directory_mode = 01777;
constexpr mode_t k_parent_mode = 0755;
// Tries to read a line that is just being rewritten; each rewrite takes microseconds.
constexpr int k_read_tries_max = 1000;
// Tries to open a file that comes and goes; nobody but an adversary makes it do so twice.
constexpr int k_open_tries_max = 4;
constexpr std::size_t k_masked_shown = 2;

struct flock whole_file(short type) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    return range;
}

// Takes the lock for the description behind `fd`; true also when that one holds it already.
Result<bool> try_lock(int fd, const std::string& path) {
    auto range = whole_file(F_WRLCK);
    if (::fcntl(fd, F_OFD_SETLK, &range) == 0)
        return true;
    if (errno == EAGAIN || errno == EACCES)
        return false;
    return fail_errno("cannot lock " + path);
}

Result<LockProbe> probe_descriptor(int fd, const std::string& path) {
    auto range = whole_file(F_WRLCK);
    if (::fcntl(fd, F_OFD_GETLK, &range) != 0)
        return fail_errno("cannot look at the lock " + path);
    return range.l_type == F_UNLCK ? LockProbe::free : LockProbe::held;
}

Result<std::string> read_line(int fd, const std::string& path) {
    std::string line(k_lock_line_size + 1, '\0');
    const auto got = ::pread(fd, line.data(), line.size(), 0);
    if (got < 0)
        return fail_errno("cannot read " + path);
    line.resize(static_cast<std::size_t>(got));
    return line;
}

// A line that proves itself is taken as it is, however often others rewrite it. Where a child put
// its pid in, two equal reads in a row say that nobody was writing.
Result<LockFacts> read_facts_of(int fd, const std::string& path) {
    BULLPEN_TRY(std::string line, read_line(fd, path));
    for (int i = 0;; ++i) {
        if (line.empty())
            return fail(Errc::not_found, path + " is empty: nobody has taken this lock yet");
        auto decoded = decode_facts(line);
        if (decoded && decoded->whole)
            return std::move(decoded->facts);
        BULLPEN_TRY(std::string again, read_line(fd, path));
        if (decoded && line == again)
            return std::move(decoded->facts);
        if (i == k_read_tries_max) {
            if (decoded)
                return fail(Errc::corrupt, path + " is written to without end");
            return fail(decoded.error().wrap("the content of " + path + " cannot be used"));
        }
        line = std::move(again);
    }
}

Result<void> write_facts(int fd, const std::string& path, const LockFacts& facts) {
    const std::string line = encode_facts(facts);
    const auto written = ::pwrite(fd, line.data(), line.size(), 0);
    if (written < 0)
        return fail_errno("cannot write " + path);
    if (static_cast<std::size_t>(written) != line.size())
        return fail(Error::from_errno(ENOSPC, "cannot write " + path));
    // What somebody else put behind our line would make it unreadable. Looking is much cheaper than
    // cutting a file that has its size already.
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail_errno("cannot stat " + path);
    if (status.st_size != static_cast<off_t>(line.size()) &&
        ::ftruncate(fd, static_cast<off_t>(line.size())) != 0)
        return fail_errno("cannot write " + path);
    return {};
}

// No link is followed: not the last part of the path, and not a second name of the file.
Result<void> check_file(int fd, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail_errno("cannot stat " + path);
    if (!S_ISREG(status.st_mode))
        return fail(Errc::refused, path + " is not a plain file");
    if (status.st_nlink != 1) {
        return fail(Errc::refused, path + " has " + std::to_string(status.st_nlink) +
                                       " names; a lock file has one");
    }
    return {};
}

// Whatever the mask took away. A confined process may set no mode, and needs to set none.
Result<void> set_mode(int fd, const std::string& path, mode_t mode) {
    constexpr mode_t k_rights = 07777;
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail_errno("cannot stat " + path);
    if ((status.st_mode & k_rights) != mode && ::fchmod(fd, mode) != 0)
        return fail_errno("cannot set the mode of " + path);
    return {};
}

// Opens without O_CREAT first: in a sticky directory the kernel refuses to "create" a file that
// another user made (fs.protected_regular).
Result<Descriptor> open_lock_file(const std::string& path, mode_t mode) {
    constexpr int k_flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
    for (int i = 0; i < k_open_tries_max; ++i) {
        auto file = open_file(path, k_flags);
        if (!file && file.error().code() == std::errc::no_such_file_or_directory) {
            file = open_file(path, k_flags | O_CREAT | O_EXCL, mode);
            if (file)
                BULLPEN_CHECK(set_mode(file->get(), path, mode));
            if (!file && file.error().code() == std::errc::file_exists)
                continue;
        }
        if (!file) {
            if (file.error().code() == std::errc::too_many_symbolic_link_levels)
                return fail(Errc::refused, path + " is a symbolic link; a lock file is not");
            return fail(file.error().wrap("the lock cannot be taken"));
        }
        BULLPEN_CHECK(check_file(file->get(), path));
        return file;
    }
    return fail(Errc::unavailable, path + " comes and goes");
}

Result<bool> same_file(int fd, const std::string& path) {
    struct stat open_status {};
    struct stat path_status {};
    if (::fstat(fd, &open_status) != 0)
        return fail_errno("descriptor " + std::to_string(fd) + " cannot be used as a lock");
    if (::lstat(path.c_str(), &path_status) != 0)
        return fail_errno("cannot stat " + path);
    return open_status.st_dev == path_status.st_dev && open_status.st_ino == path_status.st_ino;
}

// Between taking a lock and writing who took it a process may lose the processor.
Result<LockFacts> name_holder(int fd, const std::string& path, Millis wait) {
    constexpr Millis k_pause{1};
    auto facts = read_facts_of(fd, path);
    for (Millis waited{0}; waited < wait; waited += k_pause) {
        if (facts && !facts->ended && process_alive(facts->pid, facts->start_time, facts->boot_id))
            break;
        ::usleep(std::chrono::microseconds(k_pause).count());
        facts = read_facts_of(fd, path);
    }
    return facts;
}

Result<Descriptor> acquire_file(const std::string& path, const LockFacts& facts, mode_t mode,
                                Millis name_wait = Millis{0}) {
    for (int i = 0; i < k_open_tries_max; ++i) {
        BULLPEN_TRY(Descriptor file, open_lock_file(path, mode));
        BULLPEN_TRY(const bool locked, try_lock(file.get(), path));
        if (!locked) {
            return fail(Errc::locked,
                        path + " is " + holder_text(name_holder(file.get(), path, name_wait)));
        }
        // Nobody of ours deletes a lock file; if a person did, between open and lock, then what we
        // hold has no name any more and excludes nobody.
        const auto same = same_file(file.get(), path);
        if (!same || !*same)
            continue;
        BULLPEN_CHECK(write_facts(file.get(), path, facts));
        return file;
    }
    return fail(Errc::unavailable, path + " comes and goes");
}

Result<Descriptor> open_to_read(const std::string& path) {
    auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file && file.error().code() == std::errc::no_such_file_or_directory)
        return fail(Errc::not_found, path + " does not exist");
    if (!file && file.error().code() == std::errc::too_many_symbolic_link_levels)
        return fail(Errc::refused, path + " is a symbolic link; a lock file is not");
    return file;
}

// Everyone may read the files of the host-wide directory: the nonce must not be in them.
LockFacts for_everyone(LockFacts facts) {
    facts.launch = facts.launch.substr(0, facts.launch.find('.'));
    return facts;
}

// Also where the program that the daemon started has started another, which wrote its own pid.
bool of_one_launch(const LockFacts& one, const LockFacts& other) {
    return one.pid == other.pid || (one.home == other.home && one.account == other.account &&
                                    for_everyone(one).launch == for_everyone(other).launch);
}

// Whether somebody holds it for the launch of `facts`; false when nobody does.
Result<bool> held_for(const std::string& path, const LockFacts& facts) {
    BULLPEN_TRY(const LockProbe found, AccountLock::probe(path));
    if (found == LockProbe::free)
        return false;
    const auto holder = AccountLock::read_facts(path);
    if (holder && holder->pid > 0 && !of_one_launch(*holder, facts) &&
        process_alive(holder->pid, holder->start_time, holder->boot_id))
        return fail(Errc::locked, path + " is " + holder_text(*holder));
    return true;
}

// FNV-1a in 128 bits, over parts that cannot run into each other.
std::string hash_of(const BrokerAccountKey& key) {
    __extension__ using Wide = unsigned __int128;
    constexpr Wide k_prime = (Wide{1} << 88U) + 0x13bU;
    Wide hash = (Wide{0x6c62272e07bb0142U} << 64U) + 0x62b821756295c58dU;
    for (const std::string* part : {&key.broker, &key.login, &key.account}) {
        const std::string framed = std::to_string(part->size()) + ":" + *part;
        for (const char c : framed) {
            hash ^= static_cast<unsigned char>(c);
            hash *= k_prime;
        }
    }
    static constexpr char k_digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t i = text.size(); i-- > 0; hash >>= 4U)
        text[i] = k_digits[static_cast<unsigned>(hash & 15U)];
    return text;
}

}  // namespace

LockFacts facts_of_this_process(const Clock& clock) {
    LockFacts facts;
    facts.pid = ::getpid();
    facts.start_time = start_time_of(facts.pid).value_or(0);
    facts.boot_id = boot_id();
    facts.host = host_name();
    facts.utc = clock.utc();
    return facts;
}

std::string mask_user(std::string_view user) {
    if (user.empty())
        return {};
    // Of a very short name nothing may be shown.
    const std::size_t shown = user.size() > 2 * k_masked_shown ? k_masked_shown : 0;
    return std::string(user.substr(0, shown)) + "***";
}

std::string holder_text(const LockFacts& facts) {
    const bool started = facts.pid > 0;
    std::string text = "held by ";
    if (started) {
        text += "pid " + std::to_string(facts.pid);
    } else {
        text += "a process that is being started";
    }
    if (!facts.program.empty()) {
        text += " (" + facts.program;
        text += facts.version.empty() ? ")" : " " + facts.version + ")";
    }
    text += " since " + format_utc(facts.utc);
    if (!facts.host.empty())
        text += " on host " + facts.host;
    if (!facts.account.empty())
        text += ", account " + facts.account;
    if (!facts.broker_user.empty())
        text += ", broker user " + facts.broker_user;
    if (!facts.launch.empty())
        text += ", launch " + facts.launch.substr(0, facts.launch.find('.'));
    if (!facts.home.empty())
        text += ", home " + facts.home;
    if (started && facts.host == host_name() &&
        !process_alive(facts.pid, facts.start_time, facts.boot_id))
        text += "; that process has ended, and one that it started still holds the lock";
    return text;
}

std::string holder_text(const Result<LockFacts>& facts) {
    if (facts)
        return holder_text(*facts);
    return "held by a process that cannot be named (" + facts.error().context() + ")";
}

std::string short_holder_text(const Result<LockFacts>& facts) {
    if (!facts || facts->pid == 0)
        return holder_text(facts);
    return "held by pid " + std::to_string(facts->pid) + ", account " + facts->account + " of " +
           facts->home + ", since " + format_utc(facts->utc);
}

bool write_pid_async_signal_safe(int fd, pid_t pid) noexcept {
    std::array<char, k_pid_width> field{};
    format_number(static_cast<std::uint64_t>(pid), field.data(), field.size());
    const int saved = errno;
    const auto written = ::pwrite(fd, field.data(), field.size(), k_pid_offset);
    errno = saved;
    return written == static_cast<ssize_t>(field.size());
}

void write_start_time(int fd, std::uint64_t start_time) noexcept {
    std::array<char, k_start_width> field{};
    format_number(start_time, field.data(), field.size());
    // It is there for people and for adoption, which both do without.
    [[maybe_unused]] const auto written = ::pwrite(fd, field.data(), field.size(), k_start_offset);
}

Result<AccountLock> AccountLock::acquire(const std::string& path, const LockFacts& facts,
                                         Millis name_wait) {
    BULLPEN_TRY(Descriptor file, acquire_file(path, facts, k_private_mode, name_wait));
    return AccountLock(std::move(file), path);
}

Result<bool> AccountLock::take_if_free(std::optional<AccountLock>& lock, const std::string& path,
                                       const LockFacts& facts) {
    BULLPEN_TRY(const bool held, held_for(path, facts));
    if (!held) {
        BULLPEN_TRY(lock, acquire(path, facts));
    }
    return !held;
}

Result<AccountLock> AccountLock::adopt_inherited(int fd, const std::string& path) {
    BULLPEN_TRY(const bool same, same_file(fd, path));
    if (!same) {
        return fail(Errc::invalid, "descriptor " + std::to_string(fd) + " is not open on " + path);
    }
    // Somebody must hold it, and taking it through this description must succeed: then it was this
    // one that held it.
    BULLPEN_TRY(const LockProbe held, probe(path));
    if (held == LockProbe::free) {
        return fail(Errc::invalid, "descriptor " + std::to_string(fd) + " is open on " + path +
                                       " but does not hold its lock");
    }
    BULLPEN_TRY(const bool locked, try_lock(fd, path));
    if (!locked) {
        return fail(Errc::locked, path + " is " + holder_text(read_facts(path)) +
                                      ", not by descriptor " + std::to_string(fd));
    }
    return AccountLock(Descriptor(fd), path);
}

Result<LockFacts> AccountLock::read_facts(const std::string& path) {
    BULLPEN_TRY(const Descriptor file, open_to_read(path));
    return read_facts_of(file.get(), path);
}

bool is_by_hand(const LockFacts& facts) {
    return facts.launch.empty() && facts.program == "bullpen-worker";
}

std::string by_hand_text(const LockFacts& facts) {
    const auto pid = std::to_string(facts.pid);
    return "pid " + pid + " was started by hand and holds the account; kill " + pid +
           " ends it in order";
}

std::optional<LockFacts> AccountLock::held_by_hand(const std::string& path) {
    const auto held = probe(path);
    if (!held || *held == LockProbe::free)
        return std::nullopt;
    const auto facts = read_facts(path);
    const bool lives =
        facts && facts->pid > 0 && process_alive(facts->pid, facts->start_time, facts->boot_id);
    return lives && is_by_hand(*facts) ? std::optional(*facts) : std::nullopt;
}

Result<LockProbe> AccountLock::probe(const std::string& path) {
    const auto file = open_to_read(path);
    if (!file) {
        if (file.error().code() == Errc::not_found)
            return LockProbe::free;
        return fail(file.error());
    }
    return probe_descriptor(file->get(), path);
}

bool AccountLock::holds_its_file() const {
    struct stat held {};
    struct stat there {};
    return ::fstat(descriptor_.get(), &held) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

Result<void> AccountLock::rewrite(const LockFacts& facts) {
    return write_facts(descriptor_.get(), path_, facts);
}

Result<void> AccountLock::mark_ended(UtcTime when) {
    BULLPEN_TRY(LockFacts facts, read_facts_of(descriptor_.get(), path_));
    facts.ended = when;
    return rewrite(facts);
}

std::string BrokerAccountLock::path_for(const std::string& directory, const BrokerAccountKey& key) {
    return directory + "/broker_" + hash_of(key) + ".lock";
}

Result<BrokerAccountLock> BrokerAccountLock::acquire(const std::string& directory,
                                                     const BrokerAccountKey& key,
                                                     const LockFacts& facts) {
    if (const auto slash = directory.find_last_of('/'); slash != std::string::npos && slash > 0)
        BULLPEN_CHECK(make_directories(directory.substr(0, slash), k_parent_mode));
    if (::mkdir(directory.c_str(), k_shared_directory_mode) == 0) {
        // mkdir's mode is subject to the umask.
        if (::chmod(directory.c_str(), k_shared_directory_mode) != 0)
            return fail_errno("cannot open directory " + directory + " to all users");
    } else if (errno != EEXIST) {
        return fail_errno("cannot make directory " + directory);
    }
    const std::string path = path_for(directory, key);
    BULLPEN_TRY(Descriptor file, acquire_file(path, for_everyone(facts), k_shared_mode));
    return BrokerAccountLock(AccountLock(std::move(file), path));
}

Result<bool> BrokerAccountLock::take_if_free(std::optional<BrokerAccountLock>& lock,
                                             const std::string& directory,
                                             const BrokerAccountKey& key, const LockFacts& facts) {
    BULLPEN_TRY(const bool held, held_for(path_for(directory, key), facts));
    if (!held) {
        BULLPEN_TRY(lock, acquire(directory, key, facts));
    }
    return !held;
}

Result<BrokerAccountLock> BrokerAccountLock::adopt_inherited(int fd, const std::string& path) {
    BULLPEN_TRY(AccountLock lock, AccountLock::adopt_inherited(fd, path));
    return BrokerAccountLock(std::move(lock));
}

Result<LockFacts> BrokerAccountLock::read_facts(const std::string& path) {
    return AccountLock::read_facts(path);
}

Result<LockProbe> BrokerAccountLock::probe(const std::string& path) {
    return AccountLock::probe(path);
}

Result<void> BrokerAccountLock::rewrite(const LockFacts& facts) {
    return lock_.rewrite(for_everyone(facts));
}

}  // namespace bullpen::ipc
