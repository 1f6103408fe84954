#include "common/process/reaper.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/base/errc.hpp"
#include "common/process/process_facts.hpp"

namespace bullpen::process {
namespace {

Nanos nanos(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

std::string Exited::text() const {
    if (!signaled)
        return "exit " + std::to_string(code);
    const char* name = ::sigdescr_np(signal);
    std::string text = "signal " + std::to_string(signal);
    if (name != nullptr)
        text += std::string(" (") + name + ")";
    return core_dumped ? text + ", core dumped" : text;
}

Result<void> become_subreaper() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return fail_errno("cannot become the reaper of orphans");
    return {};
}

void reap(std::vector<Exited>& exited) {
    while (true) {
        int status = 0;
        rusage usage{};
        const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return;
        Exited one;
        one.pid = pid;
        one.signaled = WIFSIGNALED(status);
        one.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        one.signal = one.signaled ? WTERMSIG(status) : 0;
        one.core_dumped = one.signaled && WCOREDUMP(status);
        one.user_time = nanos(usage.ru_utime);
        one.system_time = nanos(usage.ru_stime);
        one.rss_max_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
        exited.push_back(one);
    }
}

Result<PidWatch> PidWatch::open(pid_t pid, std::uint64_t start_time) {
    Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!descriptor.valid()) {
        if (errno == ESRCH)
            return fail(Errc::not_found, "process " + std::to_string(pid) + " is gone");
        return fail_errno("cannot watch process " + std::to_string(pid));
    }
    // Looked at after the descriptor was taken: it and the start time are now of one process.
    if (!alive(pid, start_time))
        return fail(Errc::not_found, "process " + std::to_string(pid) + " is another one by now");
    return PidWatch(pid, std::move(descriptor));
}

bool kill_surely(pid_t pid) {
    const auto stat = read_stat(pid);
    if (!stat || stat->dead() || pid == ::getpid())
        return false;
    const auto watch = PidWatch::open(pid, stat->start_time);
    return watch && watch->signal(SIGKILL);
}

bool PidWatch::exited() const {
    pollfd poll{descriptor_.get(), POLLIN, 0};
    return ::poll(&poll, 1, 0) > 0;
}

Result<void> PidWatch::signal(int number) const {
    if (::syscall(SYS_pidfd_send_signal, descriptor_.get(), number, nullptr, 0) == 0)
        return {};
    if (errno == ESRCH)
        return fail(Errc::not_found, "process " + std::to_string(pid_) + " is gone");
    return fail_errno("cannot signal process " + std::to_string(pid_));
}

}  // namespace bullpen::process
