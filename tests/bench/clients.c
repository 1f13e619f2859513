#define _GNU_SOURCE
#include "clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

enum { CONNECTING, SHAKING, ANSWERING, READY, GONE };
enum { BUFFER = 1 << 20, SMALL = 4096, SEGMENT = 1400, NAP_US = 5000 };

struct client {
    int fd, state;
    uint32_t index, answers, next; /* `next`: of the requests' frames */
    uint8_t *carry;                /* the beginning of a frame whose end has not come */
    size_t carried;
    size_t skip, lined; /* NATS: bytes of a message still to come; length of the unfinished line */
    char line[128];
};

struct options option = {.path = "/", .abreast = 100};
struct seen seen;
struct requests requests;
uint32_t client_count;

static struct client **clients;
static uint32_t client_room, ready;
static int poll_fd, small_buffers;
static uint64_t storm_ns; /* when all lost their connections; 0 but in a storm */
static uint8_t *buffer;
static void (*on_input)(void);

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("{\"error\": \"");
    vprintf(format, arguments);
    printf("\"}\n");
    fflush(stdout);
    exit(1);
}

static void put(struct client *client, const uint8_t *bytes, size_t size) {
    if (size != 0 && send(client->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
        fail("client %u could not send %zu bytes at once: %s", client->index, size, strerror(errno));
}

static void ask(struct client *client, uint32_t count) {
    uint8_t together[16384];
    struct turn *turn = &option.requests.turns[client->index % option.requests.count];
    size_t size = 0;
    for (; count > 0 && requests.sent < requests.total; count--, requests.sent++) {
        uint32_t which = client->next++ % turn->count, from = which ? turn->ends[which - 1] : 0;
        if (size + turn->ends[which] - from > sizeof together) {
            put(client, together, size);
            size = 0;
        }
        memcpy(together + size, turn->bytes + from, turn->ends[which] - from);
        size += turn->ends[which] - from;
    }
    put(client, together, size);
}

static void keep_age(uint32_t age) {
    if (seen.kept == seen.room) {
        seen.room = seen.room ? seen.room * 2 : 1 << 18;
        seen.ages = realloc(seen.ages, seen.room * sizeof *seen.ages);
    }
    seen.ages[seen.kept++] = age;
}

static void note_age(const uint8_t *payload, size_t length, uint64_t ns) {
    const uint8_t *at = memmem(payload, length, "\"time\":", 7);
    if (at == NULL) return;
    uint64_t stamp = 0;
    for (at += 7; at < payload + length && *at >= '0' && *at <= '9'; at++) stamp = stamp * 10 + (*at - '0');
    keep_age(stamp_age(stamp, ns));
}

static void answered(struct client *client, uint64_t ns) {
    if (++client->answers == option.answers) {
        client->state = READY;
        ready++;
        if (storm_ns != 0) keep_age((uint32_t)((ns - storm_ns) / 1000));
    }
}

/* One whole message, or one message within NATS's stream. */
static void message(struct client *client, const uint8_t *payload, size_t length, int compressed, uint64_t ns) {
    if (client->state == ANSWERING) {
        answered(client, ns);
        return;
    }
    if (option.stalling && client->index == 0) return;
    if (seen.messages++ == 0) seen.first_ns = ns;
    seen.last_ns = ns;
    seen.bytes += length;
    seen.compressed += (uint64_t)compressed;
    *option.progress = seen.messages;
    if (requests.total != 0)
        requests.answered++;
    else if (option.latency)
        note_age(payload, length, ns);
}

static void nats_stream(struct client *client, const uint8_t *at, size_t length, uint64_t ns) {
    const uint8_t *end = at + length;
    while (at < end) {
        if (client->skip != 0) {
            size_t part = client->skip < (size_t)(end - at) ? client->skip : (size_t)(end - at);
            client->skip -= part;
            at += part;
            continue;
        }
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        size_t part = (size_t)((newline ? newline + 1 : end) - at);
        size_t kept = part < sizeof client->line - 1 - client->lined ? part : sizeof client->line - 1 - client->lined;
        memcpy(client->line + client->lined, at, kept);
        client->lined += kept;
        at += part;
        if (newline == NULL) return;
        client->line[client->lined] = 0;
        client->lined = 0;
        if (strncmp(client->line, "MSG ", 4) == 0) {
            size_t size = (size_t)atoll(strrchr(client->line, ' ') + 1);
            client->skip = size + 2;
            message(client, at, size < (size_t)(end - at) ? size : (size_t)(end - at), 0, ns);
        } else if (strncmp(client->line, "PONG", 4) == 0 && client->state == ANSWERING) {
            answered(client, ns);
        } else if (strncmp(client->line, "-ERR", 4) == 0) {
            fail("client %u was answered an error by NATS", client->index);
        }
    }
}

static void lost(struct client *client, const char *how, int code) {
    if (!(option.stalling && client->index == 0))
        fail("client %u was %s by the server, code %d, after %llu messages over all", client->index, how, code,
             (unsigned long long)seen.messages);
    seen.stalled_closed = 1;
    client->state = GONE;
    close(client->fd);
}

/* Take whole frames from the buffer; gives how many bytes they were. */
static size_t frames(struct client *client, const uint8_t *from, size_t have, uint64_t ns) {
    size_t at = 0;
    struct header header;
    while (client->state != GONE && header_read(from + at, have - at, &header)) {
        const uint8_t *payload = from + at + header.size;
        if (header.size + header.length > BUFFER / 2) fail("a frame of %zu bytes is too large", header.length);
        if (at + header.size + header.length > have) break;
        at += header.size + header.length;
        if (header.opcode == OP_PING) {
            uint8_t pong[140];
            if (header.length <= 125) put(client, pong, frame_write(pong, OP_PONG, 1, payload, header.length));
        } else if (header.opcode == OP_CLOSE) {
            lost(client, "closed", header.length >= 2 ? payload[0] << 8 | payload[1] : 1005);
        } else if (header.opcode <= OP_BINARY && option.nats) {
            nats_stream(client, payload, header.length, ns);
        } else if (header.opcode <= OP_BINARY && header.fin) {
            message(client, payload, header.length, header.compressed, ns);
        }
    }
    return at;
}

static void shake(struct client *client) {
    static char request[32768];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " HANDSHAKE_KEY "\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s\r\n",
                        option.path, option.port, option.token ? "Authorization: Bearer " : "",
                        option.token ? option.token : "", option.token ? "\r\n" : "",
                        option.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; "
                                         "server_no_context_takeover; client_no_context_takeover\r\n"
                                       : "");
    put(client, (const uint8_t *)request, (size_t)size);
    client->state = SHAKING;
}

/* The server's half of the handshake; gives its size, 0 while it is not whole. */
static size_t shaken(struct client *client, const uint8_t *from, size_t have) {
    const uint8_t *end = memmem(from, have, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t size = (size_t)(end - from) + 4;
    if (strncmp((const char *)from, "HTTP/1.1 101", 12) != 0) fail("client %u got no 101: %.12s", client->index, from);
    if (memmem(from, size, HANDSHAKE_ACCEPT, strlen(HANDSHAKE_ACCEPT)) == NULL) fail("Sec-WebSocket-Accept is wrong");
    if (option.deflate && memmem(from, size, "permessage-deflate", 18) == NULL)
        fail("the server did not agree on permessage-deflate");
    client->state = option.answers ? ANSWERING : READY;
    ready += client->state == READY;
    if (option.plan.count != 0) {
        struct turn *turn = &option.plan.turns[client->index % option.plan.count];
        put(client, turn->bytes, turn->count ? turn->ends[turn->count - 1] : 0);
    }
    return size;
}

static void connected(struct client *client) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail("client %u could not connect: %s", client->index, strerror(error));
    /* On edges: the kernel need not look at each socket again after it was read. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = client};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, client->fd, &event);
    shake(client);
}

/* Read once; gives whether there may be more. */
static int take(struct client *client) {
    if (client->carried != 0) memcpy(buffer, client->carry, client->carried);
    size_t room = BUFFER - client->carried;
    ssize_t got = recv(client->fd, buffer + client->carried, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    if (got <= 0) {
        lost(client, got == 0 ? "left" : "cut off", 1006);
        return 0;
    }
    uint64_t ns = now_ns(), answered_before = requests.answered;
    size_t have = client->carried + (size_t)got, at = 0;
    if (client->state == SHAKING) at = shaken(client, buffer, have);
    if (client->state != SHAKING) at += frames(client, buffer + at, have - at, ns);
    client->carried = have - at;
    if (client->carried != 0) {
        client->carry = realloc(client->carry, client->carried);
        memcpy(client->carry, buffer + at, client->carried);
    }
    if (requests.answered != answered_before) ask(client, (uint32_t)(requests.answered - answered_before));
    return client->state != GONE && (size_t)got == room;
}

static void look(struct client *client, uint32_t events) {
    if (client->state == CONNECTING) {
        connected(client);
        return;
    }
    while (take(client)) continue;
    /* There will be no further edge, and what is left to read is the end. */
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) && client->state != GONE) take(client);
}

void pump(int timeout) {
    struct epoll_event events[1024];
    int count = epoll_wait(poll_fd, events, 1024, timeout);
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if (client != NULL)
            look(client, events[i].events);
        else
            on_input();
    }
    /* To sleep a little saves the server the cost of waking this thread up for every message. */
    if (count > 0 && !option.latency && requests.total == 0 && ready == client_count) usleep(NAP_US);
}

static void open_client(struct client *client) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)option.port)};
    int one = 1, small = SMALL, segment = SEGMENT;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) fail("client %u got no socket: %s", client->index, strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (small_buffers) {
        /* Small segments too: the sender's buffer is made to hold a number of segments, not of bytes. */
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        setsockopt(client->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("client %u could not connect: %s", client->index, strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, client->fd, &event);
}

static void add_client(void) {
    if (client_count == client_room) {
        client_room = client_room ? client_room * 2 : 1024;
        clients = realloc(clients, client_room * sizeof(struct client *));
    }
    struct client *client = calloc(1, sizeof(struct client));
    client->index = client_count;
    clients[client_count++] = client;
    open_client(client);
}

void clients_connect(uint32_t count) {
    for (uint32_t end = client_count + count; client_count < end || ready < client_count;) {
        while (client_count < end && client_count - ready < option.abreast) add_client();
        pump(1000);
    }
}

void clients_stall(void) {
    struct client *client = clients[0];
    close(client->fd);
    *client = (struct client){.index = 0};
    ready--;
    small_buffers = 1;
    open_client(client);
    while (ready < client_count) pump(1000);
    epoll_ctl(poll_fd, EPOLL_CTL_DEL, client->fd, NULL);
}

void clients_storm(void) {
    uint32_t opened = 0;
    storm_ns = now_ns();
    for (uint32_t i = 0; i < client_count; i++) {
        close(clients[i]->fd);
        free(clients[i]->carry);
        *clients[i] = (struct client){.index = i};
    }
    for (ready = 0; ready < client_count;) {
        while (opened < client_count && opened - ready < option.abreast) open_client(clients[opened++]);
        pump(1000);
    }
    storm_ns = 0;
}

void clients_ask(uint32_t count) {
    for (uint32_t i = 0; i < client_count; i++) ask(clients[i], count);
}

void clients_begin(void (*input)(void)) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    buffer = malloc(BUFFER);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    on_input = input;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
}
