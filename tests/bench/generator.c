/* The load: many WebSocket clients in one thread, told what to do by lines on stdin, answering in JSON lines.

   connect N               N more clients; each sends its frames of the plan and waits for its answers
   arm                     count from now on
   expect TOTAL MS         wait until TOTAL messages came, and a moment more for those that should not come
   window SKIP MEASURE     how many messages come in MEASURE milliseconds, after SKIP milliseconds
   stall                   the first client connects anew and reads no more
   requests TOTAL N FILE   each client keeps N requests of FILE in flight, TOTAL over all
   storm ANSWERS FILE      all lose their connections and come back with the frames of FILE; ready by so many answers
   quit

   Where anything is wrong: one line {"error": …}, and exit 1. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clients.h"
#include "frames.h"

enum { SETTLE_MS = 100 };

static char commands[4096];
static size_t commanded;
static uint64_t armed_ns;
static double armed_cpu;

static double cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void arm(void) {
    seen.messages = seen.bytes = seen.compressed = seen.first_ns = seen.last_ns = 0;
    seen.kept = 0;
    armed_ns = now_ns();
    armed_cpu = cpu_seconds();
    *option.progress = 0;
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
    double cpu = cpu_seconds() - armed_cpu, wall = (double)(now_ns() - armed_ns) / 1e9;
    if (seen.kept) qsort(seen.ages, seen.kept, sizeof *seen.ages, by_size);
    printf("{\"messages\": %llu, \"bytes\": %llu, \"compressed\": %llu, \"first_ns\": %llu, \"last_ns\": %llu, "
           "\"cpu\": %.6f, \"wall\": %.6f, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, \"stalled_closed\": %d}\n",
           (unsigned long long)seen.messages, (unsigned long long)seen.bytes, (unsigned long long)seen.compressed,
           (unsigned long long)seen.first_ns, (unsigned long long)seen.last_ns, cpu, wall, age_at(0.5), age_at(0.99),
           age_at(1), seen.stalled_closed);
}

static void command_requests(uint64_t total, uint32_t in_flight, const char *file) {
    if (!plan_read(file, OP_TEXT, &option.requests)) fail("no requests can be read from %s", file);
    requests.total = total;
    requests.sent = requests.answered = 0;
    arm();
    clients_ask(in_flight);
    while (requests.answered < total) pump(1000);
    report();
    requests.total = 0;
}

static void command_storm(uint32_t answers, const char *file) {
    if (!plan_read(file, OP_TEXT, &option.plan)) fail("no plan can be read from %s", file);
    option.answers = answers;
    arm();
    clients_storm();
    /* Whatever comes beyond is counted, and should not have come. */
    pump_for(SETTLE_MS);
    report();
}

static void obey(char *line) {
    unsigned long long first = 0, second = 0;
    char word[32] = "", file[1024] = "";
    sscanf(line, "%31s %llu %llu %1023s", word, &first, &second, file);
    if (strcmp(word, "connect") == 0) {
        uint64_t begin = now_ns();
        clients_connect((uint32_t)first);
        printf("{\"clients\": %u, \"seconds\": %.3f}\n", client_count, (double)(now_ns() - begin) / 1e9);
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
        printf("{\"before\": %llu, \"messages\": %llu, \"seconds\": %.6f}\n", (unsigned long long)before,
               (unsigned long long)(seen.messages - before), (double)(now_ns() - begin) / 1e9);
    } else if (strcmp(word, "stall") == 0) {
        clients_stall();
        printf("{\"stalled\": true}\n");
    } else if (strcmp(word, "requests") == 0) {
        command_requests(first, (uint32_t)second, file);
    } else if (strcmp(word, "storm") == 0) {
        sscanf(line, "%*s %*s %1023s", file);
        command_storm((uint32_t)first, file);
    } else if (strcmp(word, "quit") == 0) {
        exit(0);
    } else {
        fail("unknown command %s", word);
    }
    fflush(stdout);
}

static void read_commands(void) {
    ssize_t got = read(0, commands + commanded, sizeof commands - 1 - commanded);
    if (got <= 0) exit(0); /* Whoever gave the orders is gone. */
    commanded += (size_t)got;
}

static void read_options(int count, char **arguments) {
    const char *plan = NULL, *file = NULL;
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(name, "--deflate") == 0) { option.deflate = 1; continue; }
        if (strcmp(name, "--nats") == 0) { option.nats = 1; continue; }
        if (strcmp(name, "--stalling") == 0) { option.stalling = 1; continue; }
        if (strcmp(name, "--latency") == 0) { option.latency = 1; continue; }
        if (strcmp(name, "--port") == 0) option.port = atoi(value);
        else if (strcmp(name, "--path") == 0) option.path = value;
        else if (strcmp(name, "--plan") == 0) plan = value;
        else if (strcmp(name, "--token") == 0) option.token = value;
        else if (strcmp(name, "--abreast") == 0) option.abreast = (uint32_t)atoi(value);
        else if (strcmp(name, "--answers") == 0) option.answers = (uint32_t)atoi(value);
        else if (strcmp(name, "--progress") == 0) file = value;
        else fail("unknown option %s", name);
        i++;
    }
    if (plan && !plan_read(plan, option.nats ? OP_BINARY : OP_TEXT, &option.plan)) fail("no plan in %s", plan);
    int fd = file ? open(file, O_RDWR) : -1;
    option.progress = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (option.progress == MAP_FAILED) fail("--progress names no file of 8 bytes");
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    clients_begin(read_commands);
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
