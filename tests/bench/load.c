/* A closed-loop load generator: so many connections, each sends its next request when the last answer is complete.
 *
 *     load PORT REQUEST_FILE CONNECTIONS SECONDS   ->   {"requests": N, "failed": N, "seconds": S, "body_bytes": N}
 *
 * The request file holds one complete HTTP/1.1 request; eight zeros in it become the number of the request, so that no
 * two are alike. An answer other than 200 is counted as failed; `body_bytes` is the length of the last body. A server
 * may close a connection between two answers (stock Hypercorn does so after a thousand): it is opened again. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 20, CONNECTIONS = 1024 };

struct line { int fd; size_t have; char *bytes; };

static char request[ROOM], *number;
static size_t request_length;
static long requests, failed, body_bytes, asked;
static int port, poll;

static void fail(const char *what) { perror(what); exit(1); }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A request that meets a connection just closed by the server is sent again once `hear` has opened a new one. */
static void ask(const struct line *line) {
    char digits[9];
    if (number) {
        snprintf(digits, sizeof digits, "%08ld", ++asked % 100000000);
        memcpy(number, digits, 8);
    }
    ssize_t sent = send(line->fd, request, request_length, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (sent != (ssize_t)request_length) fail("send");
}

static void dial(struct line *line) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    line->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(line->fd, (struct sockaddr *)&there, sizeof there)) fail("connect");
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(poll, EPOLL_CTL_ADD, line->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = line});
    ask(line);
}

/* The length of a complete answer, or 0 while more must come. */
static size_t answer_length(const struct line *line) {
    const char *end = memmem(line->bytes, line->have, "\r\n\r\n", 4);
    if (!end) return 0;
    const char *length = strcasestr(line->bytes, "\r\ncontent-length:");
    if (!length || length > end) { fprintf(stderr, "an answer without content-length\n"); exit(1); }
    body_bytes = atol(length + 17);
    size_t whole = (size_t)(end - line->bytes) + 4 + (size_t)body_bytes;
    return whole <= line->have ? whole : 0;
}

static void hear(struct line *line) {
    ssize_t got = recv(line->fd, line->bytes + line->have, ROOM - 1 - line->have, 0);
    if (got <= 0) {
        if (line->have) { fprintf(stderr, "the server closed a connection within an answer\n"); exit(1); }
        close(line->fd);
        dial(line);
        return;
    }
    line->have += (size_t)got;
    line->bytes[line->have] = 0;
    if (!answer_length(line)) return;
    requests++;
    failed += memcmp(line->bytes, "HTTP/1.1 200", 12) != 0;
    line->have = 0;
    ask(line);
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: load PORT REQUEST_FILE CONNECTIONS SECONDS\n"); return 2; }
    FILE *file = fopen(words[2], "rb");
    if (!file) fail(words[2]);
    request_length = fread(request, 1, ROOM, file);
    number = memmem(request, request_length, "00000000", 8);
    static struct line lines[CONNECTIONS];
    int wanted = atoi(words[3]);
    port = atoi(words[1]), poll = epoll_create1(0);
    if (wanted < 1 || wanted > CONNECTIONS) return 2;
    for (int i = 0; i < wanted; i++) lines[i].bytes = malloc(ROOM), dial(&lines[i]);
    double began = now(), end = began + atof(words[4]);
    for (struct epoll_event events[256]; now() < end;) {
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) hear(events[i].data.ptr);
    }
    printf("{\"requests\": %ld, \"failed\": %ld, \"seconds\": %.3f, \"body_bytes\": %ld}\n", requests, failed,
           now() - began, body_bytes);
}
