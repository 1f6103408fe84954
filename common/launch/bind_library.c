/* libbullpen-bind.so: loaded into the program of an account that has a `bind_address`, it takes the
 * place of the C library's connect(): a TCP socket that is bound to nothing yet is bound to that
 * address first. Where that cannot be done there is no connection, rather than one from another
 * address; a destination of the other family is unreachable, so that programs try the next one.
 *
 * It is for honest programs: one that calls the kernel by itself goes its own way.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

typedef int (*connect_function)(int, const struct sockaddr*, socklen_t);

static int is_tcp(int fd) {
    int type = 0;
    socklen_t size = sizeof(type);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static int has_port(int fd) {
    struct sockaddr_storage own;
    socklen_t size = sizeof(own);
    if (getsockname(fd, (struct sockaddr*)&own, &size) != 0)
        return 0;
    if (own.ss_family == AF_INET)
        return ((struct sockaddr_in*)&own)->sin_port != 0;
    return own.ss_family == AF_INET6 && ((struct sockaddr_in6*)&own)->sin6_port != 0;
}

static int bind_to(int fd, const char* address, int family) {
    const int yes = 1;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (family == AF_INET && inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        /* The port is chosen with the connection, so that many of them can share one. */
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
        return bind(fd, (const struct sockaddr*)&four, sizeof(four));
    }
    if (family == AF_INET6 && inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
        return bind(fd, (const struct sockaddr*)&six, sizeof(six));
    }
    errno = ENETUNREACH;
    return -1;
}

int connect(int fd, const struct sockaddr* to, socklen_t size) {
    const connect_function next = (connect_function)dlsym(RTLD_NEXT, "connect");
    const char* const address = getenv("BULLPEN_BIND_ADDRESS");
    if (next == NULL) {
        errno = ENOSYS;
        return -1;
    }
    if (address != NULL && to != NULL && size >= sizeof(to->sa_family) &&
        (to->sa_family == AF_INET || to->sa_family == AF_INET6) && is_tcp(fd) && !has_port(fd) &&
        bind_to(fd, address, to->sa_family) != 0)
        return -1;
    return next(fd, to, size);
}
