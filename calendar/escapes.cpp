#include "calendar/escapes.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/descriptor.hpp"

namespace bullpen::calendar {

namespace {

bool opens(const std::string& path, int flags) {
    return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, 0600)).valid();
}

bool forks() {
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    if (child > 0)
        (void)::waitpid(child, nullptr, 0);
    return child > 0;
}

bool executes() {
    // Comes back only when it failed; a program that ran says so by another exit code.
    ::execl("/bin/sh", "sh", "-c", "echo 'possible: start a program'; exit 1",
            static_cast<char*>(nullptr));
    return errno != EPERM && errno != EACCES;
}

// Whether the kernel itself stops a connection; nobody need listen there.
bool connects(std::uint16_t port) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid())
        return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
               0 ||
           (errno != EACCES && errno != EPERM);
}

}  // namespace

std::vector<std::string> attempt_escapes(const Home& home, SandboxState& state) {
    constexpr std::uint16_t k_smtp = 25;
    std::vector<std::string> worked;
    const auto check = [&](bool possible, const char* what) {
        if (possible)
            worked.emplace_back(what);
    };
    if (state.files_confined) {
        check(opens(home.daemon_settings(), O_RDONLY), "read HOME/bullpen.toml");
        check(opens(home.root() + "/escaped", O_WRONLY | O_CREAT), "write into HOME");
        check(opens("/etc/passwd", O_RDONLY), "read /etc/passwd");
        check(opens("/tmp", O_RDONLY | O_DIRECTORY), "list /tmp");
        check(!opens(home.shared() + "/calendar.tried", O_WRONLY | O_CREAT),
              "nothing: not even HOME/shared can be written");
        (void)::unlink((home.shared() + "/calendar.tried").c_str());
    }
    if (state.ports_confined)
        check(connects(k_smtp), "connect to a port of no source");
    if (state.calls_filtered) {
        check(forks(), "start a process");
        check(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0, "be traced");
        check(executes(), "start a program");
        close_network(state);
        check(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).valid(),
              "open a connection while parsing");
    }
    return worked;
}

}  // namespace bullpen::calendar
