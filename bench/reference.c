/* The least a fan-out can cost: an epoll loop that answers upgrades, and one send() per member and round.
 *
 *   reference FRAMES_FILE ROOMS OFFSET_AT
 *
 * FRAMES_FILE holds a finished websocket frame for each room, all of one size; before each round of a room the 8 bytes
 * at OFFSET_AT of its frame, a big-endian number, grow by one, so that the receiver can tell rounds apart. Listens on a
 * free port of 127.0.0.1 and prints it. Takes any request that ends in an empty line for an upgrade into the room whose
 * number stands after "GET /" and answers 101 without a Sec-WebSocket-Accept (our load client does not ask for it).
 * Standard input: two bytes, 's' and a room, send one round; 'r' and any byte report since the last report; end of input
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

enum { FDS = 1 << 16, BYTES = 1 << 20, ROOMS = 256 };
static unsigned char frames[BYTES];
static int *members[ROOMS], count[ROOMS], rooms; /* members: of each room the first count, room for FDS */
static int matched[FDS], room_of[FDS];           /* matched: how much of "\r\n\r\n" stood last; -1 a member */
static long deliveries;

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static void drop(int fd) {
    int *in = members[room_of[fd]], *n = &count[room_of[fd]];
    for (int i = 0; i < *n; i++)
        if (in[i] == fd) { memmove(in + i, in + i + 1, (--*n - i) * sizeof *in); break; }
    close(fd);
}

static void send_round(int room, size_t size, size_t offset_at) {
    unsigned char *frame = frames + room * size;
    for (int i = 7; i >= 0 && ++frame[offset_at + i] == 0; i--) {}
    for (int i = 0; i < count[room]; i++) {
        int fd = members[room][i];
        struct pollfd ready = {fd, POLLOUT, 0};
        size_t done = 0;
        while (done < size) {
            ssize_t sent = send(fd, frame + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0) done += sent;
            else if (errno != EAGAIN || poll(&ready, 1, 1000) != 1) break;
        }
        if (done == size) deliveries++;
        else { drop(fd); i--; }
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
    if (matched[fd] == 0 && got > 5) room_of[fd] = (unsigned)strtoul(in + 5, NULL, 10) % rooms;
    for (ssize_t i = 0; i < got && matched[fd] >= 0; i++) {
        matched[fd] = in[i] == end[matched[fd]] ? matched[fd] + 1 : in[i] == '\r';
        if (matched[fd] == 4) {
            matched[fd] = -1;
            if (send(fd, yes, sizeof yes - 1, MSG_NOSIGNAL) < 0) { drop(fd); return; }
            members[room_of[fd]][count[room_of[fd]]++] = fd;
        }
    }
}

int main(int argc, char **argv) {
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    rooms = argc == 4 ? atoi(argv[2]) : 0;
    size_t size = file && rooms > 0 && rooms <= ROOMS ? fread(frames, 1, BYTES, file) / rooms : 0;
    size_t offset_at = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (size < offset_at + 8) { fprintf(stderr, "usage: reference FRAMES_FILE ROOMS OFFSET_AT\n"); return 2; }
    for (int i = 0; i < rooms; i++)
        if (!(members[i] = calloc(FDS, sizeof **members))) return 1;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), loop = epoll_create1(0), one = 1, buffer = 32 * 1024;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int held = 0; /* half an order, its first byte in `order` */
    char order = 0;
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
                for (ssize_t k = 0; k < got; k++, held = !held)
                    if (!held) order = orders[k];
                    else if (order == 's') send_round((unsigned char)orders[k] % rooms, size, offset_at);
                    else if (order == 'r') report();
            } else if (fd == door) {
                int peer = accept4(door, NULL, NULL, SOCK_NONBLOCK);
                if (peer < 0 || peer >= FDS) { if (peer >= 0) close(peer); continue; }
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
                matched[peer] = room_of[peer] = 0;
                event = (struct epoll_event){.events = EPOLLIN, .data.fd = peer};
                epoll_ctl(loop, EPOLL_CTL_ADD, peer, &event);
            } else hear(fd);
        }
    }
}
