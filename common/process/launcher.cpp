#include "common/process/launcher.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#define BOOST_PROCESS_USE_STD_FS 1
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/optional.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/type_traits.hpp>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"
#include "common/process/limits.hpp"
#include "common/process/process_facts.hpp"
#include "common/sandbox/calls.hpp"

// What runs between the clone and the exec runs on a foreign stack in the daemon's own memory:
// nothing may instrument it, allocate or take a lock. It talks to the kernel by number, because a
// sanitizer intercepts the library's functions.
#define BULLPEN_IN_CHILD __attribute__((no_sanitize("address", "undefined", "thread"), noinline))

namespace bullpen::process {
namespace {

namespace asio = boost::asio;
namespace v2 = boost::process::v2;

constexpr int k_first_free_descriptor = 6;
constexpr int k_kept = sandbox::k_kept_descriptors.front();
constexpr int k_kept_end = sandbox::k_kept_descriptors.back() + 1;
static_assert(k_kept_end - k_kept == 2, "one for each lock");
constexpr int k_exit_not_launched = 127;
constexpr int k_signals = 64;

// The stack the children run on, one after the other.
struct alignas(64) ChildStack : std::array<char, 64UL * 1024> {};

template <class... Arguments>
BULLPEN_IN_CHILD long kernel(long number, Arguments... arguments) {
    return ::syscall(number, arguments...);
}

// Everything the child does, made ready by the parent. An initializer in Boost.Process's sense.
struct WorkerSetup {
    struct Limit {
        int resource;
        rlimit value;
    };

    int null_slot = -1;
    int stdio_slot = -1;
    int lock_slot = -1;
    int broker_lock_slot = -1;
    bool keeps_locks = false;
    int credentials_slot = -1;
    int ruleset_slot = -1;
    int cgroup_slot = -1;
    std::optional<UnixUser> user;
    bool (*mark_lock)(int, pid_t) noexcept = nullptr;
    unsigned slots_end = 0;  // above every slot
    const char* directory = nullptr;
    mode_t umask = 0077;
    bool set_nice = false;
    int nice = 0;
    bool reset_oom_score = false;
    std::uint64_t signals_touched = 0;  // those without their default action, from bit 0
    std::array<Limit, 4> limits{};
    std::size_t limit_count = 0;
    bool give_up_privileges = false;
    bool reads_all = false;
    sandbox::Program* calls = nullptr;  // the launcher's copy
    // What it is about to do, as an error says it; `executing` once only the exec is left.
    const char* step = "cannot make a process";
    bool executing = false;

    BULLPEN_IN_CHILD int run() {
        step = "cannot give the process its descriptors";
        // The table of descriptors is still the daemon's. This gives the child one of its own with
        // only the low ones in it, so that the daemon's thousand others are never copied.
        if (kernel(SYS_close_range, slots_end, ~0U, CLOSE_RANGE_UNSHARE) != 0)
            return errno;
        step = "cannot write the pid into the lock file";
        if (mark_lock != nullptr) {
            const auto pid = static_cast<pid_t>(kernel(SYS_getpid));
            for (const int slot : {lock_slot, broker_lock_slot}) {
                if (slot >= 0 && !mark_lock(slot, pid))
                    return EIO;
            }
        }
        step = "cannot make a session";
        if (kernel(SYS_setsid) < 0)
            return errno;
        reset_signals();
        if (reset_oom_score)
            write_oom_score();
        step = "cannot put the process into its control group";
        if (cgroup_slot >= 0 && kernel(SYS_write, cgroup_slot, "0", 1UL) != 1)
            return errno;
        step = "cannot give the process its locks";
        if (const int error = keep_locks(); error != 0)
            return error;
        step = "cannot set the limits";
        if (const int error = set_limits(); error != 0)
            return error;
        step = "cannot take on the account's Unix user";
        if (const int error = become_user(); error != 0)
            return error;
        step = "cannot confine the process";
        if (const int error = confine(); error != 0)
            return error;
        step = "cannot give the process its descriptors";
        if (const int error = place_descriptors(); error != 0)
            return error;
        step = "cannot enter the working directory";
        if (kernel(SYS_chdir, directory) != 0)
            return errno;
        kernel(SYS_umask, umask);
        step = "cannot set the priority";
        if (set_nice && kernel(SYS_setpriority, PRIO_PROCESS, 0, nice) != 0)
            return errno;
        step = "cannot filter the calls of the process";
        if (const int error = filter_calls(); error != 0)
            return error;
        step = "cannot execute";
        executing = true;
        const std::uint64_t nothing = 0;
        kernel(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, nullptr, sizeof nothing);
        return 0;
    }

    // What Boost.Process calls before the exec.
    template <class AnyLauncher>
    BULLPEN_IN_CHILD v2::error_code on_exec_setup(AnyLauncher&, const v2::filesystem::path&,
                                                  const char* const*&) {
        const int error = run();
        return {error, boost::system::system_category()};
    }

  private:
    [[nodiscard]] BULLPEN_IN_CHILD int set_limits() const {
        for (std::size_t i = 0; i < limit_count; ++i) {
            if (kernel(SYS_prlimit64, 0, limits[i].resource, &limits[i].value, nullptr) != 0)
                return errno;
        }
        return 0;
    }
    // The kernel's own calls, which are for this thread alone: of the child there is no other.
    [[nodiscard]] BULLPEN_IN_CHILD int become_user() const {
        if (!user)
            return 0;
        if ((!user->keeps_groups && kernel(SYS_setgroups, 0UL, nullptr) != 0) ||
            kernel(SYS_setresgid, user->gid, user->gid, user->gid) != 0 ||
            kernel(SYS_setresuid, user->uid, user->uid, user->uid) != 0)
            return errno;
        return 0;
    }
    // What it has open stays open: the log, the locks, the credentials.
    [[nodiscard]] BULLPEN_IN_CHILD int confine() const {
        if (!give_up_privileges)
            return 0;
        if (kernel(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
            return errno;
        // Of a daemon that may do more: with no new privileges the exec gives none of it back.
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        const std::uint32_t reading = reads_all ? 1U << CAP_DAC_READ_SEARCH : 0;
        const __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {{reading, reading, reading}};
        if (kernel(SYS_capset, &header, &kept) != 0)
            return errno;
        if (reads_all &&
            kernel(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) != 0)
            return errno;
        if (ruleset_slot >= 0 && kernel(SYS_landlock_restrict_self, ruleset_slot, 0) != 0)
            return errno;
        return 0;
    }
    [[nodiscard]] BULLPEN_IN_CHILD int filter_calls() const {
        if (calls == nullptr)
            return 0;
        sandbox::put_in(calls->data(), calls->size(),
                        static_cast<std::uint32_t>(kernel(SYS_getpid)));
        const sock_fprog loaded{static_cast<unsigned short>(calls->size()), calls->data()};
        return kernel(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) != 0 ? errno : 0;
    }
    // Before the mask is lifted, so that none meets a handler of the daemon.
    BULLPEN_IN_CHILD void reset_signals() const {
        // The kernel's own structure, all zero: the default action, no flags, nothing blocked.
        const std::uint64_t action[4] = {};
        for (int number = 1; number <= k_signals; ++number) {
            if ((signals_touched >> (number - 1) & 1) != 0)
                kernel(SYS_rt_sigaction, number, &action, nullptr, sizeof(std::uint64_t));
        }
    }
    // While descriptors are not limited: the account's own limit may be below these numbers.
    [[nodiscard]] BULLPEN_IN_CHILD int keep_locks() const {
        if (!keeps_locks)
            return 0;
        const int second = broker_lock_slot >= 0 ? broker_lock_slot : lock_slot;
        return kernel(SYS_dup3, lock_slot, k_kept, 0) < 0 ||
                       kernel(SYS_dup3, second, k_kept_end - 1, 0) < 0
                   ? errno
                   : 0;
    }
    [[nodiscard]] BULLPEN_IN_CHILD int place_descriptors() const {
        if (kernel(SYS_dup3, null_slot, STDIN_FILENO, 0) < 0 ||
            kernel(SYS_dup3, stdio_slot, STDOUT_FILENO, 0) < 0 ||
            kernel(SYS_dup3, stdio_slot, STDERR_FILENO, 0) < 0)
            return errno;
        kernel(SYS_close, k_lock_descriptor);
        kernel(SYS_close, k_broker_lock_descriptor);
        kernel(SYS_close, k_credentials_descriptor);
        if (!keeps_locks && lock_slot >= 0 && kernel(SYS_dup3, lock_slot, k_lock_descriptor, 0) < 0)
            return errno;
        if (!keeps_locks && broker_lock_slot >= 0 &&
            kernel(SYS_dup3, broker_lock_slot, k_broker_lock_descriptor, 0) < 0)
            return errno;
        if (credentials_slot >= 0 &&
            kernel(SYS_dup3, credentials_slot, k_credentials_descriptor, 0) < 0)
            return errno;
        if (kernel(SYS_close_range, k_first_free_descriptor, k_kept - 1, 0) != 0 ||
            kernel(SYS_close_range, keeps_locks ? k_kept_end : k_kept, ~0U, 0) != 0)
            return errno;
        return 0;
    }
    BULLPEN_IN_CHILD static void write_oom_score() {
        const long fd = kernel(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY, 0);
        if (fd >= 0) {
            kernel(SYS_write, fd, "0", 1UL);
            kernel(SYS_close, fd);
        }
    }
};

// A launcher for Boost.Process that neither copies the daemon's page tables nor its descriptors.
// As with vfork the daemon's thread stands still until the child has executed or failed, so the
// child may use its memory; unlike vfork it has a stack of its own and runs with every signal
// blocked. Asio is not told of a fork: there is no second copy of it to repair.
class CloneLauncher {
  public:
    CloneLauncher(char* stack_top, const char* const* environment)
        : stack_top_(stack_top), environment_(environment) {}

    template <class Executor, class... Inits>
    v2::basic_process<Executor> operator()(Executor executor, v2::error_code& ec,
                                           const v2::filesystem::path& executable,
                                           const char* const* argv, Inits&&... inits) {
        ec = v2::posix::detail::on_setup(*this, executable, argv, inits...);
        if (ec)
            return v2::basic_process<Executor>(executor);
        auto child = [&]() __attribute__((no_sanitize("address", "undefined", "thread"))) {
            kernel(SYS_clock_gettime, CLOCK_BOOTTIME, &after_);
            const v2::error_code error =
                v2::posix::detail::on_exec_setup(*this, executable, argv, inits...);
            error_ = error.value();
            if (error_ == 0) {
                kernel(SYS_execve, executable.c_str(), argv, environment_);
                error_ = errno;
            }
            kernel(SYS_exit_group, k_exit_not_launched);
        };
        run(child);
        ec = {error_, boost::system::system_category()};
        if (ec) {
            v2::posix::detail::on_error(*this, executable, argv, ec, inits...);
            return v2::basic_process<Executor>(executor);
        }
        v2::posix::detail::on_success(*this, executable, argv, inits...);
        // Not with the pid: Asio would open a watch of its own for it, and the daemon has one.
        return v2::basic_process<Executor>(executor);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }
    // As /proc tells it; 0 where only that can.
    [[nodiscard]] std::uint64_t start_time() const {
        const std::uint64_t earliest = clock_ticks(before_);
        return earliest == clock_ticks(after_) ? earliest : 0;
    }

  private:
    template <class Child>
    void run(Child& child) {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        error_ = 0;
        const auto enter =
            [](void* argument) __attribute__((no_sanitize("address", "undefined", "thread")))->int {
            (*static_cast<Child*>(argument))();
            return k_exit_not_launched;
        };
        kernel(SYS_clock_gettime, CLOCK_BOOTTIME, &before_);
        const int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
        pid_ = ::clone(enter, stack_top_, flags, &child);
        if (pid_ < 0)
            error_ = errno;
        else if (error_ != 0)
            reap(pid_);
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    // A child that did not become the program must not stay as a zombie, nor be taken for a worker.
    // What the kernel counts a process's start in.
    static std::uint64_t clock_ticks(const timespec& time) {
        constexpr std::int64_t k_per_second = 100;  // USER_HZ, which never changes
        constexpr std::int64_t k_nanos = 1'000'000'000 / k_per_second;
        return static_cast<std::uint64_t>(time.tv_sec * k_per_second + time.tv_nsec / k_nanos);
    }
    static void reap(pid_t pid) {
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    char* stack_top_;
    const char* const* environment_;
    pid_t pid_ = -1;
    // The kernel takes the time of the start between these two: in the same tick there is no need
    // to ask, which takes as long as several of the steps of a launch together.
    timespec before_{};
    timespec after_{};        // written by the child
    volatile int error_ = 0;  // written by the child
};

std::uint64_t signals_without_default() {
    std::uint64_t touched = 0;
    for (int number = 1; number <= k_signals; ++number) {
        struct sigaction action {};
        // The library hides two of its own, which it handles once it has made a thread.
        if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL)
            touched |= std::uint64_t{1} << (number - 1);
    }
    return touched;
}

bool daemon_is_spared_by_the_oom_killer() {
    const auto text = read_file("/proc/self/oom_score_adj", 64);
    return text && text->starts_with('-');
}

void point_at(std::vector<const char*>& pointers, const std::vector<std::string>& strings) {
    pointers.clear();
    pointers.reserve(strings.size() + 1);
    for (const std::string& string : strings)
        pointers.push_back(string.c_str());
    pointers.push_back(nullptr);
}

}  // namespace

LaunchFailure launch_failure(const Error& error) {
    if (error.code() == Errc::not_found)
        return LaunchFailure::program_missing;
    const bool full = error.code() == std::errc::no_space_on_device ||
                      error.code() == std::error_code(EDQUOT, std::generic_category());
    return full ? LaunchFailure::disk_full : LaunchFailure::transient;
}

// Descriptors reach the child through slots: low numbers, taken once, which stand on /dev/null
// between launches so that no lock stays open in the daemon.
class Launcher::Impl {
  public:
    static Result<std::unique_ptr<Impl>> make() {
        auto impl = std::make_unique<Impl>();
        BULLPEN_CHECK(impl->take_slots());
        // Asio opens its own descriptors with the first object; not in the middle of a launch.
        const asio::posix::stream_descriptor first(impl->context_);
        impl->nice_ = ::getpriority(PRIO_PROCESS, 0);
        impl->reset_oom_score_ = daemon_is_spared_by_the_oom_killer();
        return impl;
    }

    Result<Launched> launch(const LaunchSpec& spec) {
        BULLPEN_ASSERT(!spec.arguments.empty(), "argv holds at least the program's name");
        auto result = launch_through_slots(spec);
        for (std::size_t i = stdio_slot; i < slots; ++i)
            ::dup3(slots_[null_slot].get(), slots_[i].get(), O_CLOEXEC);
        return result;
    }

  private:
    enum Slot : std::uint8_t {
        null_slot,
        stdio_slot,
        lock_slot,
        broker_lock_slot,
        credentials_slot,
        ruleset_slot,
        cgroup_slot,
        slots
    };

    Result<void> take_slots() {
        BULLPEN_TRY(const Descriptor null, open_file("/dev/null", O_RDWR));
        int first = k_first_free_descriptor;
        for (Descriptor& slot : slots_) {
            slot = Descriptor(::fcntl(null.get(), F_DUPFD_CLOEXEC, first));
            // What becomes of a slot in a child must not be another of them.
            if (slot.get() >= k_kept && slot.get() < k_kept_end) {
                first = k_kept_end;
                slot = Descriptor(::fcntl(null.get(), F_DUPFD_CLOEXEC, first));
            }
            if (!slot.valid())
                return fail_errno("cannot reserve a descriptor for launches");
            slots_end_ = std::max(slots_end_, static_cast<unsigned>(slot.get()) + 1);
        }
        return {};
    }
    Result<int> fill(Slot slot, int fd) {
        if (fd < 0)
            return -1;
        if (::dup3(fd, slots_[slot].get(), O_CLOEXEC) < 0)
            return fail_errno("cannot pass descriptor " + std::to_string(fd));
        return slots_[slot].get();
    }

    Result<Launched> launch_through_slots(const LaunchSpec& spec) {
        BULLPEN_TRY(WorkerSetup setup, prepare(spec));
        point_at(argv_, spec.arguments);
        point_at(environment_, spec.environment);
        v2::error_code ec;
        CloneLauncher launcher(stack_->end(), environment_.data());
        launcher(context_.get_executor(), ec, v2::filesystem::path(spec.program), argv_.data(),
                 setup);
        if (ec)
            return failed(spec, setup, ec.value());
        Launched launched{launcher.pid(), launcher.start_time()};
        if (launched.start_time != 0 && clock_proven_)
            return launched;
        if (const auto stat = read_stat(launched.pid)) {
            // This system counts as we do.
            clock_proven_ = clock_proven_ || launched.start_time == stat->start_time;
            launched.start_time = stat->start_time;
        }
        return launched;
    }

    Result<WorkerSetup> prepare(const LaunchSpec& spec) {
        constexpr int k_append = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW;
        BULLPEN_TRY(const Descriptor stdio, spec.stdio_shared
                                                ? open_own_file(spec.stdio_log, k_append, 0600)
                                                : open_file(spec.stdio_log, k_append, 0600));
        WorkerSetup setup;
        setup.null_slot = slots_[null_slot].get();
        BULLPEN_TRY(setup.stdio_slot, fill(stdio_slot, stdio.get()));
        BULLPEN_TRY(setup.lock_slot, fill(lock_slot, spec.lock_fd));
        setup.keeps_locks = spec.keeps_locks && setup.lock_slot >= 0;
        setup.mark_lock = spec.mark_lock;
        BULLPEN_TRY(setup.broker_lock_slot, fill(broker_lock_slot, spec.broker_lock_fd));
        BULLPEN_TRY(setup.credentials_slot, fill(credentials_slot, spec.credentials_fd));
        if (spec.confinement != nullptr)
            BULLPEN_CHECK(add_confinement(setup, *spec.confinement));
        setup.slots_end = slots_end_;
        setup.directory = spec.working_directory.c_str();
        setup.umask = spec.umask;
        setup.set_nice = spec.nice != 0;
        setup.nice = nice_ + spec.nice;
        setup.reset_oom_score = reset_oom_score_;
        if (!signals_touched_)
            signals_touched_ = signals_without_default();
        setup.signals_touched = *signals_touched_;
        add_limit(setup, RLIMIT_CORE, spec.limits.core_size);
        add_limit(setup, RLIMIT_FSIZE, spec.limits.file_size);
        add_limit(setup, RLIMIT_NOFILE, spec.limits.open_files);
        return setup;
    }
    Result<void> add_confinement(WorkerSetup& setup, const LaunchConfinement& wanted) {
        setup.give_up_privileges = wanted.gives_up_privileges;
        BULLPEN_TRY(setup.ruleset_slot, fill(ruleset_slot, wanted.ruleset.get()));
        BULLPEN_TRY(setup.cgroup_slot, fill(cgroup_slot, wanted.cgroup.get()));
        setup.user = wanted.user;
        setup.reads_all = wanted.reads_all;
        if (wanted.processes)
            add_limit(setup, RLIMIT_NPROC, wanted.processes);
        calls_.assign(wanted.calls.begin(), wanted.calls.end());
        setup.calls = calls_.empty() ? nullptr : &calls_;
        return {};
    }
    static void add_limit(WorkerSetup& setup, int resource, std::optional<std::uint64_t> wanted) {
        rlimit limit{};
        if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0)
            return;
        const rlim_t soft_before = limit.rlim_cur;
        if (wanted)
            limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(*wanted, limit.rlim_max);
        else if (resource == RLIMIT_NOFILE)
            limit.rlim_cur = std::min<rlim_t>(descriptor_limit().original, limit.rlim_max);
        if (wanted || limit.rlim_cur != soft_before)
            setup.limits[setup.limit_count++] = {resource, limit};
    }

    static Unexpected failed(const LaunchSpec& spec, const WorkerSetup& setup, int error) {
        const std::string context =
            std::string(setup.step) + ": " + spec.program + " in " + spec.working_directory;
        constexpr std::array k_no_program{ENOENT,  ENOTDIR, EACCES,  EPERM,       EISDIR,
                                          ENOEXEC, ELOOP,   ELIBBAD, ENAMETOOLONG};
        if (setup.executing && std::ranges::find(k_no_program, error) != k_no_program.end())
            return fail(Errc::not_found,
                        context + " (" + std::generic_category().message(error) + ")");
        return fail(Error::from_errno(error, context));
    }

    asio::io_context context_{1};
    std::unique_ptr<ChildStack> stack_ = std::make_unique<ChildStack>();
    std::array<Descriptor, slots> slots_;
    unsigned slots_end_ = 0;
    int nice_ = 0;
    bool reset_oom_score_ = false;
    bool clock_proven_ = false;  // a start time that was reckoned was the one in /proc
    std::optional<std::uint64_t> signals_touched_;
    std::vector<const char*> argv_;
    std::vector<const char*> environment_;
    sandbox::Program calls_;
};

Launcher::Launcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Launcher::Launcher(Launcher&&) noexcept = default;
Launcher& Launcher::operator=(Launcher&&) noexcept = default;
Launcher::~Launcher() = default;

Result<Launcher> Launcher::make() {
    BULLPEN_TRY(std::unique_ptr<Impl> impl, Impl::make());
    return Launcher(std::move(impl));
}

Result<Launched> Launcher::launch(const LaunchSpec& spec) {
    return impl_->launch(spec);
}

}  // namespace bullpen::process
