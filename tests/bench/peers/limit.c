/* The limit: a loop of send(2) over ready frames. What a turn owes one client leaves in one call.

   It does what a server cannot do without: accept, the handshake, and which topics each client asked for
   ({"subscribe": [0, 3]}). Everything else is left out. Orders and answers as in control.py. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../frames.h"

enum { MOST_CLIENTS = 20000, MOST_TOPICS = 64, FRAME = 512 };

static struct client {
    int fd, open;
    uint64_t topics; /* a bit for each */
} clients[MOST_CLIENTS];
static uint32_t client_count;
static int poll_fd, listening, progress_fd = -1, topic_count = 1;
static uint64_t published, turns, waits;

static void die(const char *what) {
    fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void put(struct client *client, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd writable = {.fd = client->fd, .events = POLLOUT};
            poll(&writable, 1, 100);
        } else {
            return;
        }
    }
}

static void shake(struct client *client) {
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: " HANDSHAKE_ACCEPT "\r\n\r\n";
    put(client, (const uint8_t *)answer, sizeof answer - 1);
    client->open = 1;
}

static void subscribe(struct client *client, const char *text) {
    uint8_t answer[32];
    client->topics = 0;
    for (const char *at = strchr(text, '['); at != NULL && *at && *at != ']'; at++)
        if (*at >= '0' && *at <= '9') client->topics |= 1ull << (strtoul(at, (char **)&at, 10) % MOST_TOPICS), at--;
    put(client, answer, frame_write(answer, OP_TEXT, 0, "{\"ok\":true}", 11));
}

/* Handshakes and subscriptions come in one piece each, from a generator that waits for their answers. */
static void take(struct client *client) {
    uint8_t bytes[4096];
    struct header header;
    ssize_t got = recv(client->fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        close(client->fd);
        client->fd = -1;
    } else if (!client->open) {
        shake(client);
    } else if (header_read(bytes, (size_t)got, &header) && header.masked &&
               header.size + header.length <= (size_t)got && header.opcode == OP_TEXT) {
        const uint8_t *mask = bytes + header.size - 4;
        uint8_t *payload = bytes + header.size;
        for (size_t i = 0; i < header.length; i++) payload[i] ^= mask[i & 3];
        payload[header.length] = 0;
        subscribe(client, (const char *)payload);
    }
}

static void accept_all(void) {
    int fd, one = 1;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (client_count == MOST_CLIENTS) die("too many clients");
        struct client *client = &clients[client_count++];
        *client = (struct client){.fd = fd, .topics = ~0ull};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static uint64_t delivered(void) {
    uint64_t count = 0;
    return pread(progress_fd, &count, sizeof count, 0) == sizeof count ? count : 0;
}

static size_t frame_of(uint8_t *into, uint64_t number, uint64_t due_ns) {
    char text[FRAME - 16];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int unit = (int)(number % 9) + 1;
    int size = snprintf(text, sizeof text,
                        "{\"type\":\"bars.update\",\"topic\":\"bars:SY%02d:1\",\"seq\":%llu,\"ts\":%lld%03ld,\"payload\":"
                        "{\"time\":%llu,\"open\":%d.25,\"high\":%d.75,\"low\":%d.25,\"close\":%d.75,\"volume\":%d.0}}",
                        (int)(number % (uint64_t)topic_count), (unsigned long long)(number / (uint64_t)topic_count + 1),
                        (long long)now.tv_sec, now.tv_nsec / 1000000, (unsigned long long)stamp_of(due_ns), unit, unit,
                        unit, unit, unit);
    return frame_write(into, OP_TEXT, 0, text, (size_t)size);
}

static void turn(int per_turn, uint64_t due_ns) {
    static uint8_t frames[MOST_TOPICS][FRAME], joined[MOST_TOPICS * FRAME];
    size_t sizes[MOST_TOPICS];
    int topics[MOST_TOPICS];
    for (int i = 0; i < per_turn; i++, published++) {
        topics[i] = (int)(published % (uint64_t)topic_count);
        sizes[i] = frame_of(frames[i], published, due_ns);
    }
    for (uint32_t k = 0; k < client_count; k++) {
        struct client *client = &clients[k];
        size_t size = 0;
        if (client->fd < 0) continue;
        for (int i = 0; i < per_turn; i++) {
            if (!(client->topics >> topics[i] & 1)) continue;
            memcpy(joined + size, frames[i], sizes[i]);
            size += sizes[i];
        }
        put(client, joined, size);
    }
    turns++;
}

static uint64_t cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static void report(uint64_t start, uint64_t cpu) {
    printf("{\"messages\": %llu, \"turns\": %llu, \"waits\": %llu, \"start_ns\": %llu, \"end_ns\": %llu, "
           "\"cpu\": %.6f}\n",
           (unsigned long long)published, (unsigned long long)turns, (unsigned long long)waits,
           (unsigned long long)start, (unsigned long long)now_ns(), (double)(cpu_ns() - cpu) / 1e9);
}

static void command_run(double seconds, int per_turn, uint64_t window, uint64_t owed) {
    uint64_t cpu = cpu_ns(), start = now_ns(), end = start + (uint64_t)(seconds * 1e9);
    published = turns = waits = 0;
    while (now_ns() < end) {
        while (turns * owed > delivered() + window * owed && now_ns() < end) {
            waits++;
            usleep(20);
        }
        turn(per_turn, now_ns());
    }
    report(start, cpu);
}

static void command_pace(uint64_t count, double per_second) {
    uint64_t cpu = cpu_ns(), start = now_ns();
    published = turns = waits = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t due = start + (uint64_t)((double)i * 1e9 / per_second);
        while (now_ns() < due) {
            if (due - now_ns() > 2000000u) usleep(1000);
        }
        turn(1, due);
    }
    report(start, cpu);
}

static void obey(const char *line) {
    double first = 0, second = 0;
    unsigned long long window = 0, owed = 0;
    char word[16] = "";
    sscanf(line, "%15s %lf %lf %llu %llu", word, &first, &second, &window, &owed);
    if (strcmp(word, "run") == 0) command_run(first, (int)second, window, owed);
    else if (strcmp(word, "pace") == 0) command_pace((uint64_t)first, second);
    else printf("{\"done\": true}\n");
    fflush(stdout);
}

int main(int count, char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct epoll_event events[256], event = {.events = EPOLLIN, .data.ptr = NULL};
    int one = 1;
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arguments[i], "--progress") == 0) progress_fd = open(arguments[i + 1], O_RDONLY);
        if (strcmp(arguments[i], "--topics") == 0) topic_count = atoi(arguments[i + 1]);
    }
    if (progress_fd < 0) die("--progress");
    if (topic_count < 1 || topic_count > MOST_TOPICS) die("--topics");
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listening, (struct sockaddr *)&address, size) < 0 || listen(listening, 2048) < 0) die("listen");
    getsockname(listening, (struct sockaddr *)&address, &size);
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listening, &event);
    event.data.ptr = &poll_fd; /* stands for stdin */
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
    printf("{\"port\": %d, \"version\": \"\"}\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(poll_fd, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            char line[256];
            if (events[i].data.ptr == NULL) {
                accept_all();
            } else if (events[i].data.ptr != &poll_fd) {
                take(events[i].data.ptr);
            } else {
                ssize_t got = read(0, line, sizeof line - 1);
                if (got <= 0) return 0;
                line[got] = 0;
                obey(line);
            }
        }
    }
}
