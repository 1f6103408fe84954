#include "notify/run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/config/rules.hpp"

namespace bullpen::notify {

namespace {

constexpr std::size_t k_read_size = 4096;

// A file in memory that a child reads from its beginning: no pipe that could fill up.
Result<Descriptor> file_of(const std::string& content) {
    Descriptor file(::memfd_create("alert", MFD_CLOEXEC));
    if (!file.valid())
        return fail_errno("cannot make a file in memory");
    BULLPEN_CHECK(write_all(file.get(), content));
    if (::lseek(file.get(), 0, SEEK_SET) != 0)
        return fail_errno("cannot go back to the beginning of a file in memory");
    return file;
}

struct Actions {
    posix_spawn_file_actions_t value{};
    Actions() { ::posix_spawn_file_actions_init(&value); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions() { ::posix_spawn_file_actions_destroy(&value); }
};

struct Attributes {
    posix_spawnattr_t value{};
    Attributes() {
        ::posix_spawnattr_init(&value);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        ::posix_spawnattr_setsigmask(&value, &none);
        ::posix_spawnattr_setsigdefault(&value, &all);
        ::posix_spawnattr_setflags(
            &value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&value); }
};

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    all.reserve(words.size() + 1);
    for (auto& word : words)
        all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

Result<Run> Run::start(const std::vector<std::string>& command, const std::string& input,
                       const std::string& root, MonoTime deadline) {
    BULLPEN_TRY(const auto stdin_file, file_of(input));
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return fail_errno("cannot make a pipe");
    Descriptor output(pipe[0]);
    const Descriptor writer(pipe[1]);
    // Ours alone: the program may wait for its output to be taken.
    if (::fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail_errno("cannot make a pipe that does not block");
    const Actions actions;
    auto* const steps = const_cast<posix_spawn_file_actions_t*>(&actions.value);
    ::posix_spawn_file_actions_adddup2(steps, stdin_file.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(steps, writer.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(steps, writer.get(), STDERR_FILENO);
    // Among them the lock that says that this process runs.
    ::posix_spawn_file_actions_addclosefrom_np(steps, STDERR_FILENO + 1);
    const Attributes attributes;
    auto words = command;
    std::vector<std::string> environment = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
        "/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8", "BULLPEN_HOME=" + root};
    auto argv = pointers(words);
    auto variables = pointers(environment);
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, words.front().c_str(), steps, &attributes.value,
                                     argv.data(), variables.data());
    if (failed != 0)
        return fail(Error::from_errno(failed, "cannot run " + words.front()));
    Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    Run run(pid, std::move(process), std::move(output), deadline);
    if (!run.process_.valid())
        return fail_errno("cannot watch " + words.front());  // it is killed with `run`
    return run;
}

Run::Run(pid_t pid, Descriptor process, Descriptor output, MonoTime deadline)
    : pid_(pid), process_(std::move(process)), output_(std::move(output)), deadline_(deadline) {}

Run::Run(Run&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      process_(std::move(other.process_)),
      output_(std::move(other.output_)),
      deadline_(other.deadline_),
      printed_(std::move(other.printed_)),
      killed_(other.killed_) {}

Run::~Run() {
    if (pid_ == 0)
        return;
    kill();
    (void)::waitpid(pid_, nullptr, 0);
}

// It leads a session of its own, so that this reaches what it started, too.
void Run::kill() {
    (void)::kill(-pid_, SIGKILL);
    (void)::kill(pid_, SIGKILL);
    killed_ = true;
}

void Run::read_output() {
    std::array<char, k_read_size> bytes{};
    for (;;) {
        const auto got = ::read(output_.get(), bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            // Closed: nothing more is to be waited for here.
            if (got == 0)
                output_.reset();
            return;
        }
        const auto room = k_output_max - printed_.size();
        printed_.append(bytes.data(), std::min(room, static_cast<std::size_t>(got)));
    }
}

bool Run::look(MonoTime now, RunEnd* end) {
    if (output_.valid())
        read_output();
    if (now >= deadline_ && !killed_)
        kill();
    int status = 0;
    const auto reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0 || (reaped < 0 && errno == EINTR))
        return false;
    if (output_.valid())
        read_output();
    // What it left running in its session has had its time.
    (void)::kill(-pid_, SIGKILL);
    pid_ = 0;
    end->answered = !killed_;
    end->well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    end->said = killed_               ? "it took too long and was killed"
                : WIFEXITED(status)   ? "exit code " + std::to_string(WEXITSTATUS(status))
                : WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                      : "it ended";
    while (!printed_.empty() && (printed_.back() == '\n' || printed_.back() == ' '))
        printed_.pop_back();
    if (!printed_.empty())
        end->said += ": " + config::made_printable(printed_);
    return true;
}

}  // namespace bullpen::notify
