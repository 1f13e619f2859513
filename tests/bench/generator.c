/* The load: many WebSocket clients in one thread, told what to do by lines on stdin, answering in JSON lines.

   connect N               N more clients; each sends its frames of the plan and waits for its answers
   arm                     count from now on
   expect TOTAL MS         wait until TOTAL messages came, and a moment more for those that should not come
   window SKIP MEASURE     how many messages come in MEASURE milliseconds, after SKIP milliseconds
   stall                   the first client reads no more
   requests TOTAL N FILE   each client keeps N requests of FILE in flight, TOTAL over all
   quit

   Where anything is wrong: one line {"error": …}, and exit 1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"
#include "plan.h"

enum { CONNECTING, SHAKING, ANSWERING, READY, GONE };
enum { BUFFER = 1 << 20, ABREAST = 100, SMALL = 4096, SEGMENT = 1400, SETTLE_MS = 100 };

struct client {
    int fd, state;
    uint32_t index, answers, next; /* `next`: of the requests' frames */
    uint8_t *carry;                /* the beginning of a frame whose end has not come */
    size_t carried;
    size_t skip, lined; /* NATS: bytes of a message still to come; length of the unfinished line */
    char line[128];
};

static struct {
    int port, deflate, nats, stalling, nap_us;
    uint32_t answers;
    const char *path;
    struct plan plan, requests;
} option = {.path = "/"};

static struct {
    uint64_t messages, bytes, compressed, first_ns, last_ns, armed_ns;
    double armed_cpu;
    uint32_t *ages, kept, room; /* microseconds from due to arrival */
} seen;

static struct {
    uint64_t total, sent, answered;
} requests;

static struct client **clients;
static uint32_t client_count, client_room, ready, stalled_closed;
static uint64_t *progress;
static int poll_fd;
static uint8_t *buffer;
static char commands[4096];
static size_t commanded;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("{\"error\": \"");
    vprintf(format, arguments);
    printf("\"}\n");
    fflush(stdout);
    exit(1);
}

static double cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
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

static void note_age(const uint8_t *payload, size_t length, uint64_t ns) {
    const uint8_t *at = memmem(payload, length, "\"time\":", 7);
    if (at == NULL) return;
    if (seen.kept == seen.room) {
        seen.room = seen.room ? seen.room * 2 : 1 << 18;
        seen.ages = realloc(seen.ages, seen.room * sizeof *seen.ages);
    }
    uint64_t stamp = 0;
    for (at += 7; at < payload + length && *at >= '0' && *at <= '9'; at++) stamp = stamp * 10 + (*at - '0');
    seen.ages[seen.kept++] = stamp_age(stamp, ns);
}

static void answered(struct client *client) {
    if (++client->answers == option.answers) {
        client->state = READY;
        ready++;
    }
}

/* One whole message, or one message within NATS's stream. */
static void message(struct client *client, const uint8_t *payload, size_t length, int compressed, uint64_t ns) {
    if (client->state == ANSWERING) {
        answered(client);
        return;
    }
    if (option.stalling && client->index == 0) return;
    if (seen.messages++ == 0) seen.first_ns = ns;
    seen.last_ns = ns;
    seen.bytes += length;
    seen.compressed += (uint64_t)compressed;
    *progress = seen.messages;
    if (requests.total != 0)
        requests.answered++;
    else if (!compressed)
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
            answered(client);
        } else if (strncmp(client->line, "-ERR", 4) == 0) {
            fail("client %u was answered an error by NATS", client->index);
        }
    }
}

static void lost(struct client *client, const char *how, int code) {
    if (!(option.stalling && client->index == 0))
        fail("client %u was %s by the server, code %d, after %llu messages over all", client->index, how, code,
             (unsigned long long)seen.messages);
    stalled_closed = 1;
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
    uint8_t request[512];
    int size = snprintf((char *)request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " HANDSHAKE_KEY "\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                        option.path, option.port,
                        option.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; "
                                         "server_no_context_takeover; client_no_context_takeover\r\n"
                                       : "");
    put(client, request, (size_t)size);
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

static void take(struct client *client) {
    if (client->state == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) fail("client %u could not connect: %s", client->index, strerror(error));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        epoll_ctl(poll_fd, EPOLL_CTL_MOD, client->fd, &event);
        shake(client);
        return;
    }
    if (client->carried != 0) memcpy(buffer, client->carry, client->carried);
    ssize_t got = recv(client->fd, buffer + client->carried, BUFFER - client->carried, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        lost(client, got == 0 ? "left" : "cut off", 1006);
        return;
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
}

/* Wait for input of any kind, for at most so many milliseconds, and deal with it. */
static void pump(int timeout) {
    struct epoll_event events[1024];
    int count = epoll_wait(poll_fd, events, 1024, timeout);
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if (client != NULL) {
            take(client);
            continue;
        }
        ssize_t got = read(0, commands + commanded, sizeof commands - 1 - commanded);
        if (got <= 0) exit(0); /* Whoever gave the orders is gone. */
        commanded += (size_t)got;
    }
    /* To sleep a little saves the server the cost of waking this thread up for every message. */
    if (count > 0 && option.nap_us > 0 && ready == client_count) usleep((useconds_t)option.nap_us);
}

static void connect_one(void) {
    struct client *client = calloc(1, sizeof *client);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)option.port)};
    int one = 1, small = SMALL, segment = SEGMENT;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    client->index = client_count;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) fail("client %u got no socket: %s", client_count, strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (option.stalling && client_count == 0) {
        /* Small segments too: the sender's buffer is made to hold a number of segments, not of bytes. */
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        setsockopt(client->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("client %u could not connect: %s", client_count, strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, client->fd, &event);
    if (client_count == client_room) {
        client_room = client_room ? client_room * 2 : 1024;
        clients = realloc(clients, client_room * sizeof *clients);
    }
    clients[client_count++] = client;
}

static void command_connect(uint32_t count) {
    uint64_t begin = now_ns();
    for (uint32_t end = client_count + count; client_count < end || ready < client_count;) {
        while (client_count < end && client_count - ready < ABREAST) connect_one();
        pump(1000);
    }
    printf("{\"clients\": %u, \"seconds\": %.3f}\n", client_count, (double)(now_ns() - begin) / 1e9);
}

static void arm(void) {
    seen.messages = seen.bytes = seen.compressed = seen.first_ns = seen.last_ns = 0;
    seen.kept = 0;
    seen.armed_ns = now_ns();
    seen.armed_cpu = cpu_seconds();
    *progress = 0;
}

static void pump_for(int milliseconds) {
    uint64_t end = now_ns() + (uint64_t)milliseconds * 1000000u;
    for (uint64_t now = now_ns(); now < end; now = now_ns()) pump((int)((end - now) / 1000000u) + 1);
}

static int by_size(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

static uint32_t age_at(double share) {
    return seen.kept ? seen.ages[(size_t)((double)(seen.kept - 1) * share)] : 0;
}

static void report(void) {
    double cpu = cpu_seconds() - seen.armed_cpu, wall = (double)(now_ns() - seen.armed_ns) / 1e9;
    if (seen.kept) qsort(seen.ages, seen.kept, sizeof *seen.ages, by_size);
    printf("{\"messages\": %llu, \"bytes\": %llu, \"compressed\": %llu, \"first_ns\": %llu, \"last_ns\": %llu, "
           "\"cpu\": %.6f, \"wall\": %.6f, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, \"stalled_closed\": %u}\n",
           (unsigned long long)seen.messages, (unsigned long long)seen.bytes, (unsigned long long)seen.compressed,
           (unsigned long long)seen.first_ns, (unsigned long long)seen.last_ns, cpu, wall, age_at(0.5), age_at(0.99),
           age_at(1), stalled_closed);
}

static void command_requests(uint64_t total, uint32_t in_flight, const char *file) {
    if (!plan_read(file, OP_TEXT, &option.requests)) fail("no requests can be read from %s", file);
    requests.total = total;
    requests.sent = requests.answered = 0;
    arm();
    for (uint32_t i = 0; i < client_count; i++) ask(clients[i], in_flight);
    while (requests.answered < total) pump(1000);
    report();
    requests.total = 0;
}

static void obey(char *line) {
    unsigned long long first = 0, second = 0;
    char word[32] = "", file[1024] = "";
    sscanf(line, "%31s %llu %llu %1023s", word, &first, &second, file);
    if (strcmp(word, "connect") == 0) {
        command_connect((uint32_t)first);
    } else if (strcmp(word, "arm") == 0) {
        arm();
        printf("{\"armed\": true}\n");
    } else if (strcmp(word, "expect") == 0) {
        for (uint64_t end = now_ns() + second * 1000000u; seen.messages < first && now_ns() < end;) pump(50);
        if (seen.messages >= first) pump_for(SETTLE_MS);
        report();
    } else if (strcmp(word, "window") == 0) {
        pump_for((int)first);
        uint64_t before = seen.messages, begin = now_ns();
        pump_for((int)second);
        printf("{\"messages\": %llu, \"seconds\": %.6f}\n", (unsigned long long)(seen.messages - before),
               (double)(now_ns() - begin) / 1e9);
    } else if (strcmp(word, "stall") == 0) {
        epoll_ctl(poll_fd, EPOLL_CTL_DEL, clients[0]->fd, NULL);
        printf("{\"stalled\": true}\n");
    } else if (strcmp(word, "requests") == 0) {
        command_requests(first, (uint32_t)second, file);
    } else if (strcmp(word, "quit") == 0) {
        exit(0);
    } else {
        fail("unknown command %s", word);
    }
    fflush(stdout);
}

static void read_options(int count, char **arguments) {
    const char *plan = NULL, *file = NULL;
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(name, "--deflate") == 0) { option.deflate = 1; continue; }
        if (strcmp(name, "--nats") == 0) { option.nats = 1; continue; }
        if (strcmp(name, "--stalling") == 0) { option.stalling = 1; continue; }
        if (strcmp(name, "--port") == 0) option.port = atoi(value);
        else if (strcmp(name, "--path") == 0) option.path = value;
        else if (strcmp(name, "--plan") == 0) plan = value;
        else if (strcmp(name, "--answers") == 0) option.answers = (uint32_t)atoi(value);
        else if (strcmp(name, "--progress") == 0) file = value;
        else if (strcmp(name, "--nap") == 0) option.nap_us = atoi(value);
        else fail("unknown option %s", name);
        i++;
    }
    if (plan && !plan_read(plan, option.nats ? OP_BINARY : OP_TEXT, &option.plan)) fail("no plan in %s", plan);
    int fd = file ? open(file, O_RDWR) : -1;
    progress = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (progress == MAP_FAILED) fail("--progress names no file of 8 bytes");
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    buffer = malloc(BUFFER);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        char *newline = memchr(commands, '\n', commanded);
        if (newline == NULL) {
            pump(1000);
            continue;
        }
        char line[sizeof commands];
        size_t size = (size_t)(newline - commands) + 1;
        memcpy(line, commands, size);
        line[size - 1] = 0;
        memmove(commands, commands + size, commanded -= size);
        obey(line);
    }
}
