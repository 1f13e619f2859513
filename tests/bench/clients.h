/* The generator's clients: from connecting to the messages they receive. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include "plan.h"

struct options {
    int port, deflate, nats, stalling, latency;
    uint32_t answers; /* that a client waits for before it is ready */
    uint32_t abreast; /* how many connect at a time */
    const char *path, *token;
    struct plan plan, requests;
    uint64_t *progress; /* shared with the server: messages received so far */
};

struct seen {
    uint64_t messages, bytes, compressed, first_ns, last_ns;
    uint32_t *ages, kept, room; /* microseconds from due to arrival, or from a storm's beginning to ready */
    int stalled_closed;
};

struct requests {
    uint64_t total, sent, answered;
};

extern struct options option;
extern struct seen seen;
extern struct requests requests;
extern uint32_t client_count;

/* One line {"error": …}, and exit 1. */
void fail(const char *format, ...);

/* Call `input` whenever stdin has some. */
void clients_begin(void (*input)(void));

/* Connect so many more, each with its subscriptions and their answers. */
void clients_connect(uint32_t count);

/* Connect the first client anew, with small buffers, and never read from it again. */
void clients_stall(void);

/* Lose all connections at once, connect anew, and wait until all are ready; note when each was. */
void clients_storm(void);

/* Send so many requests of the requests' plan from each client. */
void clients_ask(uint32_t count);

/* Wait for input of any kind, for at most so many milliseconds, and deal with it. */
void pump(int timeout);

#endif
