/* A node that does nothing: every POST gets one recorded body, everything else says that it is available.
 *
 *     stub_node PORT BODY_FILE
 *
 * One thread, keep-alive, Content-Length requests of at most 64 KB. For benchmarks on this machine only. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 65536, CONNECTIONS = 4096 };

struct text { char *bytes; size_t length; };
struct peer { size_t have; char bytes[ROOM + 1]; };

static struct peer *peers[CONNECTIONS];
static struct text found, available;

static void fail(const char *what) { perror(what); exit(1); }

static struct text answer(const char *body, size_t length) {
    struct text made = {malloc(length + 256), 0};
    int head = sprintf(made.bytes,
                       "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\ncontent-type: application/json\r\n"
                       "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
                       "date: Mon, 23 Nov 2026 00:45:27 GMT\r\n\r\n", length);
    memcpy(made.bytes + head, body, length);
    made.length = (size_t)head + length;
    return made;
}

static struct text recorded(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    static char body[1 << 24];
    size_t length = fread(body, 1, sizeof body, file);
    fclose(file);
    return answer(body, length);
}

static void send_all(int fd, struct text text) {
    for (size_t sent = 0; sent < text.length;) {
        ssize_t now = send(fd, text.bytes + sent, text.length - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += (size_t)now;
    }
}

/* The length of the first request, head and body, or 0 while it is not complete. */
static size_t request_length(const struct peer *peer) {
    const char *end = strstr(peer->bytes, "\r\n\r\n");
    if (!end) return 0;
    const char *length = strcasestr(peer->bytes, "\r\ncontent-length:");
    size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    size_t whole = (size_t)(end - peer->bytes) + 4 + body;
    return whole <= peer->have ? whole : 0;
}

static void leave(int fd) {
    free(peers[fd]);
    peers[fd] = NULL;
    close(fd);
}

static void serve(int fd) {
    struct peer *peer = peers[fd];
    ssize_t got = recv(fd, peer->bytes + peer->have, ROOM - peer->have, 0);
    if (got <= 0) { leave(fd); return; }
    peer->have += (size_t)got;
    peer->bytes[peer->have] = 0;
    for (size_t whole; (whole = request_length(peer));) {
        send_all(fd, memcmp(peer->bytes, "POST", 4) ? available : found);
        peer->have -= whole;
        memmove(peer->bytes, peer->bytes + whole, peer->have + 1);
    }
}

static void welcome(int listener, int poll) {
    int fd = accept(listener, NULL, NULL), one = 1;
    if (fd < 0) return;
    if (fd >= CONNECTIONS) { close(fd); return; }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peers[fd] = calloc(1, sizeof *peers[fd]);
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
}

int main(int count, char **words) {
    if (count != 3) { fprintf(stderr, "usage: stub_node PORT BODY_FILE\n"); return 2; }
    found = recorded(words[2]);
    available = answer("{\"status\":\"available\"}", 22);
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, poll = epoll_create1(0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1]))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 1024)) fail("listen");
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    for (struct epoll_event events[256];;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) welcome(listener, poll);
            else serve(events[i].data.fd);
        }
    }
}
