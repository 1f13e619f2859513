/**
 * Whether everything arrives. The client sees to that by itself, and tells of what it could not get; here it is counted
 * once more, from what was handed over, so that one can watch it.
 */

import type { Book, Hole, Level, OrderbookUpdate, TradesUpdate } from "../../../generated/typescript/src/index.js";

/** Counts a topic's updates by their `seq`. */
export class SequenceCheck {
  received = 0;
  first: number | null = null;
  last: number | null = null;
  /** Numbers that were left out without a word. */
  missing = 0;
  /** Updates that came after one with a higher number, or twice. */
  disordered = 0;
  /** Holes that the client has told of. */
  holes = 0;

  take({ seq = 0 }: TradesUpdate): void {
    if (this.last !== null) {
      if (seq > this.last) this.missing += seq - this.last - 1;
      else this.disordered += 1;
    }
    this.received += 1;
    this.first ??= seq;
    this.last = seq;
  }

  /** The client says that it goes on after another number. */
  told(hole: Hole): void {
    this.holes += 1;
    this.last = hole.seq ?? null;
    this.first = null;
  }

  get ok(): boolean {
    return this.missing === 0 && this.disordered === 0;
  }
}

/** Compares what the client holds of a book with the checksum that came with its last update. */
export class BookCheck {
  checked = 0;
  wrong = 0;
  checksum: number | null = null;

  take({ bids, asks }: Book, { checksum }: OrderbookUpdate): void {
    if (checksum === undefined) return;
    this.checked += 1;
    this.checksum = checksum;
    if (crc32(`${text(bids)}|${text(asks)}`) !== checksum) this.wrong += 1;
  }
}

function text(levels: readonly Level[]): string {
  return levels
    .slice(0, 10)
    .map(({ price, size }) => `${price}:${size}`)
    .join(",");
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (byte & 1 ? 0xedb88320 : 0);
  return byte;
});

function crc32(ascii: string): number {
  let crc = -1;
  for (let at = 0; at < ascii.length; at++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ ascii.charCodeAt(at)) & 255] ?? 0);
  }
  return ~crc >>> 0;
}
