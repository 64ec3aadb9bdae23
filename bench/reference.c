/* The least a fan-out can cost: an epoll loop that answers upgrades, and one send() per member and round.
 *
 *   reference FRAME_FILE OFFSET_AT
 *
 * Sends the bytes of FRAME_FILE, a finished websocket frame; before each round the 8 bytes at OFFSET_AT, a big-endian
 * number, grow by one, so that the receiver can tell rounds apart. Listens on a free port of 127.0.0.1 and prints it.
 * Takes any request that ends in an empty line for an upgrade and answers 101 without a Sec-WebSocket-Accept (our load
 * client does not ask for it). Standard input: 's' sends one round, 'r' reports since the last report, end of input
 * ends. SO_SNDBUF and TCP_NODELAY as in the hub. A member that takes nothing for a second is dropped. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { FDS = 1 << 16, BYTES = 1 << 16 };
static unsigned char frame[BYTES];
static int members[FDS], count, matched[FDS]; /* matched: how much of "\r\n\r\n" stood last; -1 a member */
static long deliveries;

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static void drop(int fd) {
    for (int i = 0; i < count; i++)
        if (members[i] == fd) { memmove(members + i, members + i + 1, (--count - i) * sizeof *members); break; }
    close(fd);
}

static void send_round(size_t size, size_t offset_at) {
    for (int i = 7; i >= 0 && ++frame[offset_at + i] == 0; i--) {}
    for (int i = 0; i < count; i++) {
        struct pollfd room = {members[i], POLLOUT, 0};
        size_t done = 0;
        while (done < size) {
            ssize_t sent = send(members[i], frame + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0) done += sent;
            else if (errno != EAGAIN || poll(&room, 1, 1000) != 1) break;
        }
        if (done == size) deliveries++;
        else drop(members[i--]);
    }
}

static void report(void) {
    static double cpu_then, wall_then;
    struct rusage use;
    struct timespec now;
    getrusage(RUSAGE_SELF, &use);
    clock_gettime(CLOCK_MONOTONIC, &now);
    double cpu = seconds(use.ru_utime) + seconds(use.ru_stime), wall = now.tv_sec + now.tv_nsec / 1e9;
    printf("%ld deliveries, %.2f us CPU each, %.0f/s\n", deliveries,
           deliveries ? (cpu - cpu_then) * 1e6 / deliveries : 0.0, deliveries / (wall - wall_then));
    cpu_then = cpu, wall_then = wall, deliveries = 0;
}

static void hear(int fd) {
    static const char end[] = "\r\n\r\n", yes[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    char in[4096];
    ssize_t got = recv(fd, in, sizeof in, 0);
    if (got <= 0) { drop(fd); return; }
    for (ssize_t i = 0; i < got && matched[fd] >= 0; i++) {
        matched[fd] = in[i] == end[matched[fd]] ? matched[fd] + 1 : in[i] == '\r';
        if (matched[fd] == 4) {
            matched[fd] = -1;
            if (send(fd, yes, sizeof yes - 1, MSG_NOSIGNAL) < 0) { drop(fd); return; }
            members[count++] = fd;
        }
    }
}

int main(int argc, char **argv) {
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    size_t size = file ? fread(frame, 1, BYTES, file) : 0, offset_at = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (size < offset_at + 8) { fprintf(stderr, "usage: reference FRAME_FILE OFFSET_AT\n"); return 2; }
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), loop = epoll_create1(0), one = 1, buffer = 32 * 1024;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[1024];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (bind(door, (struct sockaddr *)&address, length) || listen(door, 4096)) { perror("listen"); return 1; }
    getsockname(door, (struct sockaddr *)&address, &length);
    printf("port %d\n", ntohs(address.sin_port));
    epoll_ctl(loop, EPOLL_CTL_ADD, door, &event);
    event.data.fd = STDIN_FILENO;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, STDIN_FILENO, &event)) { perror("standard input wants a pipe"); return 1; }
    for (;;) {
        int ready = epoll_wait(loop, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            char orders[256];
            ssize_t got;
            if (fd == STDIN_FILENO) {
                if ((got = read(fd, orders, sizeof orders)) <= 0) return 0;
                for (ssize_t k = 0; k < got; k++)
                    if (orders[k] == 's') send_round(size, offset_at);
                    else if (orders[k] == 'r') report();
            } else if (fd == door) {
                int peer = accept4(door, NULL, NULL, SOCK_NONBLOCK);
                if (peer < 0 || peer >= FDS) { if (peer >= 0) close(peer); continue; }
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
                matched[peer] = 0;
                event = (struct epoll_event){.events = EPOLLIN, .data.fd = peer};
                epoll_ctl(loop, EPOLL_CTL_ADD, peer, &event);
            } else hear(fd);
        }
    }
}
