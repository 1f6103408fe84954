// The floor of the daemon: one ROUTER that takes every beat, counts it, and does nothing with it.
//
//   floor_router SOCKET FILE N    writes "all <ns>" to FILE when N different peers were heard; ends
//                                 at SIGTERM, writing "count <beats>"
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_set>

#include "bench/support/process.hpp"

namespace {

volatile sig_atomic_t stopping = 0;

void on_term(int) {
    stopping = 1;
}

void write_line(const char* path, const char* word, long long value) {
    char line[64];
    const int length = std::snprintf(line, sizeof line, "%s %lld\n", word, value);
    const int fd = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, line, static_cast<std::size_t>(length)) != length)
        std::exit(1);
    ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s SOCKET FILE N\n", argv[0]);
        return 64;
    }
    struct sigaction action {};
    action.sa_handler = on_term;  // without SA_RESTART, so that a receive ends
    ::sigaction(SIGTERM, &action, nullptr);

    void* context = zmq_ctx_new();
    void* router = zmq_socket(context, ZMQ_ROUTER);
    const int linger = 0;
    zmq_setsockopt(router, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_bind(router, (std::string("ipc://") + argv[1]).c_str()) != 0) {
        std::fprintf(stderr, "cannot bind %s: %s\n", argv[1], zmq_strerror(errno));
        return 1;
    }
    std::unordered_set<std::string> peers;
    const auto wanted = static_cast<std::size_t>(std::atoi(argv[3]));
    long long count = 0;
    char id[256];
    char body[65536];
    while (stopping == 0) {
        const int id_length = zmq_recv(router, id, sizeof id, 0);
        if (id_length < 0)
            continue;
        if (zmq_recv(router, body, sizeof body, 0) < 0)
            continue;
        ++count;
        if (peers.size() < wanted &&
            peers.emplace(id, static_cast<std::size_t>(id_length)).second && peers.size() == wanted)
            write_line(argv[2], "all", bullpen::bench::mono_ns());
    }
    write_line(argv[2], "count", count);
    zmq_close(router);
    zmq_ctx_term(context);
    return 0;
}
