/* What clients send once they are connected: a file made by plans.py, its frames masked and ready. */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"

struct turn { /* frames of one client, in one piece, and where each ends */
    uint8_t *bytes;
    uint32_t count, *ends;
};

struct plan {
    uint32_t count;
    struct turn *turns; /* client i takes turn i % count */
};

static inline int plan_number(FILE *file, uint32_t *into) { return fread(into, sizeof *into, 1, file) == 1; }

/* Format, numbers in 32 bits of the machine's order: clients, then for each its frames, each with its length.
   Gives 0 where the file is not of it. */
static inline int plan_read(const char *path, int opcode, struct plan *plan) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || !plan_number(file, &plan->count) || plan->count == 0) goto broken;
    plan->turns = calloc(plan->count, sizeof *plan->turns);
    for (uint32_t i = 0; i < plan->count; i++) {
        struct turn *turn = &plan->turns[i];
        size_t size = 0;
        if (!plan_number(file, &turn->count)) goto broken;
        turn->ends = calloc(turn->count + 1, sizeof *turn->ends);
        for (uint32_t k = 0; k < turn->count; k++) {
            uint8_t payload[65536];
            uint32_t length;
            if (!plan_number(file, &length) || length > sizeof payload) goto broken;
            if (fread(payload, 1, length, file) != length) goto broken;
            turn->bytes = realloc(turn->bytes, size + length + 14);
            size += frame_write(turn->bytes + size, opcode, 1, payload, length);
            turn->ends[k] = (uint32_t)size;
        }
    }
    fclose(file);
    return 1;
broken:
    if (file != NULL) fclose(file);
    return 0;
}

#endif
