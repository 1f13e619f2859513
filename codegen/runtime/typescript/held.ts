/** What a subscriber holds, where updates are changes to keyed lists: what the contract says of them. */
export interface StateRule {
  /** The property of a list's items that says which entry is meant. */
  readonly key: string;
  /** The property that says what stands there; 0 takes the entry away. */
  readonly value: string;
  /** The payload's properties that are such lists, each with 1 where the least key comes first, with -1 for the greatest. */
  readonly lists: readonly (readonly [name: string, sign: 1 | -1])[];
  /** How many entries of each list, from its beginning, the checksum covers. */
  readonly checksum?: number;
}

type Item = Readonly<Record<string, number>>;

/** A whole state, as the payload of a snapshot; never changed, only followed by another. */
export type Held = Readonly<Record<string, readonly Item[]>>;

/** What is held after a change of what was held before it; throws where it is none, or nothing was. */
export function follow({ key, value, lists }: StateRule, before: Held | undefined, change: Held): Held {
  const after: Record<string, readonly Item[]> = { ...change };
  for (const [name, sign] of lists) {
    const entries = new Map((before as Held)[name]?.map((item) => [item[key], item]));
    for (const item of change[name] as Item[]) {
      if (![item[key], item[value]].every(Number.isFinite)) {
        throw new TypeError(name);
      }
      entries.delete(item[key]);
      if (item[value]) {
        entries.set(item[key], item);
      }
    }
    after[name] = [...entries.values()].sort((a, b) => sign * ((a[key] as number) - (b[key] as number)));
  }
  return after;
}

/** CRC-32 of the first entries of each list: `key:value`, joined by commas, the lists by `|`. */
export function checksum({ key, value, lists, checksum: most }: StateRule, held: Held): number {
  const texts = lists.map(([name]) => held[name]?.slice(0, most).map((item) => `${item[key]}:${item[value]}`));
  let crc = -1;
  // Digits, signs and points: each character is one byte.
  for (const character of texts.join("|")) {
    crc ^= character.charCodeAt(0);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (-(crc & 1) & 0xedb88320);
    }
  }
  return ~crc >>> 0;
}
