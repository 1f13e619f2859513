/* WebSocket frames and handshakes, as the generator and the C peer need them. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

/* The example of RFC 6455, so that the answer is known without SHA-1. */
#define HANDSHAKE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define HANDSHAKE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct header {
    uint8_t fin, compressed, opcode, masked;
    size_t size;   /* of the header itself */
    size_t length; /* of the payload */
};

/* Read a header: 1 when it is there, 0 when bytes are missing. */
static inline int header_read(const uint8_t *at, size_t have, struct header *into) {
    if (have < 2) return 0;
    size_t size = 2, length = at[1] & 0x7f;
    if (length == 126) {
        if (have < 4) return 0;
        length = (size_t)at[2] << 8 | at[3];
        size = 4;
    } else if (length == 127) {
        if (have < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | at[i];
        size = 10;
    }
    into->fin = at[0] >> 7;
    into->compressed = at[0] >> 6 & 1;
    into->opcode = at[0] & 15;
    into->masked = at[1] >> 7;
    into->size = size + (into->masked ? 4 : 0);
    into->length = length;
    return have >= into->size;
}

/* Write an uncompressed, final frame, masked or not; gives its size. Room for 14 bytes more than the payload. */
static inline size_t frame_write(uint8_t *into, int opcode, int masked, const void *payload, size_t length) {
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    const uint8_t *from = payload;
    size_t at = 2;
    into[0] = (uint8_t)(0x80 | opcode);
    if (length < 126) {
        into[1] = (uint8_t)length;
    } else if (length < 65536) {
        into[1] = 126;
        into[at++] = (uint8_t)(length >> 8);
        into[at++] = (uint8_t)length;
    } else {
        into[1] = 127;
        for (int shift = 56; shift >= 0; shift -= 8) into[at++] = (uint8_t)((uint64_t)length >> shift);
    }
    if (!masked) {
        memcpy(into + at, from, length);
        return at + length;
    }
    into[1] |= 0x80;
    memcpy(into + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < length; i++) into[at + i] = from[i] ^ mask[i & 3];
    return at + length;
}

static inline uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Updates carry the time they were due in `time`: 10^12 and the monotonic clock's microseconds, 13 digits. */
#define STAMP_RANGE 1000000000000ull

static inline uint64_t stamp_of(uint64_t ns) { return STAMP_RANGE + ns / 1000 % STAMP_RANGE; }

/* Microseconds between a stamp and a time. */
static inline uint32_t stamp_age(uint64_t stamp, uint64_t ns) {
    return (uint32_t)((stamp_of(ns) + STAMP_RANGE - stamp) % STAMP_RANGE);
}

#endif
