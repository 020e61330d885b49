#ifndef NECTAR_CSOCKET_H
#define NECTAR_CSOCKET_H

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
// The C library shows it to those only who define _GNU_SOURCE, which would change other headers' types under Swift's feet.
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
#endif

// Sockets as NIO does not show them. What fails gives the negative errno.

/// The addresses of a host; blocks. Gives 0, or what gai_strerror explains. The list goes back to freeaddrinfo.
static inline int nectar_socket_resolve(const char *host, const char *port, struct addrinfo **list) {
    struct addrinfo hints = {0};
    hints.ai_socktype = SOCK_STREAM;
    return getaddrinfo(host, port, &hints, list);
}

/// A socket on its way to an address.
static inline int nectar_socket_begin(const struct addrinfo *address) {
    int descriptor = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (descriptor < 0) return -errno;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        && fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
        && (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS))
        return descriptor;
    int failure = -errno;
    close(descriptor);
    return failure;
}

/// Waits for a socket on its way: 1 where it has arrived, 0 where it has not yet.
static inline int nectar_socket_arrive(int descriptor, int milliseconds) {
    struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
    int failure = 0;
    socklen_t size = sizeof failure;
    int ready = poll(&waiting, 1, milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
    if (ready < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return -errno;
    return failure == 0 ? 1 : -failure;
}

/// Another descriptor of the same socket.
static inline int nectar_socket_copy(int descriptor) {
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? -errno : copy;
}

static inline void nectar_socket_close(int descriptor) { close(descriptor); }

/// Sends what can be sent at once.
static inline ssize_t nectar_socket_send(int descriptor, const void *bytes, size_t count) {
    ssize_t sent;
#ifdef MSG_NOSIGNAL
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
    int flags = MSG_DONTWAIT;
#endif
    do sent = send(descriptor, bytes, count, flags);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

/// Receives what is there: -EAGAIN where nothing is, 0 at the end.
static inline ssize_t nectar_socket_receive(int descriptor, void *bytes, size_t count) {
    ssize_t received;
    do received = recv(descriptor, bytes, count, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received >= 0) return received;
    return errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

/// Waits for bytes: 1 where some are there. Systems that cannot count microseconds do not wait.
static inline int nectar_socket_wait(int descriptor, long microseconds) {
#ifdef __linux__
    struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
    struct timespec limit = {.tv_sec = 0, .tv_nsec = microseconds * 1000};
    return ppoll(&waiting, 1, &limit, 0) > 0;
#else
    (void)descriptor;
    (void)microseconds;
    return 0;
#endif
}

/// How often the kernel looks around by itself, in microseconds; 0 where that is not known.
static inline long nectar_tick_microseconds(void) {
#ifdef __linux__
    struct timespec tick;
    if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0 || tick.tv_sec != 0) return 0;
    return tick.tv_nsec / 1000;
#else
    return 0;
#endif
}

static inline long nectar_processor_count(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

#endif
