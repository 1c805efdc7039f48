/* A closed-loop load generator: so many connections, each sends its next request when the last answer is complete.
 *
 *     load PORT REQUEST_FILE CONNECTIONS SECONDS   ->   {"requests": N, "failed": N, "seconds": S, "body_bytes": N}
 *
 * The request file holds one complete HTTP/1.1 request. An answer other than 200 is counted as failed; `body_bytes` is
 * the length of the last body. */
#define _GNU_SOURCE
#include <arpa/inet.h>
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

static char request[ROOM];
static size_t request_length;
static long requests, failed, body_bytes;

static void fail(const char *what) { perror(what); exit(1); }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ask(const struct line *line) {
    if (send(line->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
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
    if (got <= 0) { fprintf(stderr, "the server closed a connection\n"); exit(1); }
    line->have += (size_t)got;
    line->bytes[line->have] = 0;
    if (!answer_length(line)) return;
    requests++;
    failed += memcmp(line->bytes, "HTTP/1.1 200", 12) != 0;
    line->have = 0;
    ask(line);
}

static void call(struct line *line, int port, int poll) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    *line = (struct line){socket(AF_INET, SOCK_STREAM, 0), 0, malloc(ROOM)};
    if (connect(line->fd, (struct sockaddr *)&there, sizeof there)) fail("connect");
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(poll, EPOLL_CTL_ADD, line->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = line});
    ask(line);
}

int main(int count, char **words) {
    if (count != 5) { fprintf(stderr, "usage: load PORT REQUEST_FILE CONNECTIONS SECONDS\n"); return 2; }
    FILE *file = fopen(words[2], "rb");
    if (!file) fail(words[2]);
    request_length = fread(request, 1, ROOM, file);
    static struct line lines[CONNECTIONS];
    int wanted = atoi(words[3]), poll = epoll_create1(0);
    if (wanted < 1 || wanted > CONNECTIONS) return 2;
    for (int i = 0; i < wanted; i++) call(&lines[i], atoi(words[1]), poll);
    double began = now(), end = began + atof(words[4]);
    for (struct epoll_event events[256]; now() < end;) {
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) hear(events[i].data.ptr);
    }
    printf("{\"requests\": %ld, \"failed\": %ld, \"seconds\": %.3f, \"body_bytes\": %ld}\n", requests, failed,
           now() - began, body_bytes);
}
