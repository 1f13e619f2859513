import type { StateRule } from "./held.js";
import type { Tag } from "./pending.js";
import type { CloseAdvice } from "./transport.js";

/** A request's tag, and that of its answer. */
export type Exchange = readonly [request: Tag, response: Tag];

/** What the contract says of every frame. */
export interface Protocol extends CloseAdvice {
  /** The names of the envelope's fields. */
  readonly type: string;
  readonly payload: string;
  readonly id?: string;
  readonly topic?: string;
  readonly seq?: string;
  readonly seqFrom?: string;
  readonly epoch?: string;
  readonly snapshot?: string;
  readonly checksum?: string;
  readonly recover?: string;
  readonly recovered?: string;
  /** Whether ids have to be strings. */
  readonly stringIds?: boolean;
  /** What tells a refusal from an answer, within the payload. */
  readonly problem: { readonly path: readonly string[]; readonly value: Tag };
  /** The tag of errors that belong to no request. */
  readonly error: Tag;
  /** Other tags that the server sends unasked. */
  readonly events: readonly Tag[];
  /** What to send when nothing else was sent for so long. */
  readonly heartbeat?: { readonly silenceMs: number; readonly exchange: Exchange };
  /** What a client that has a token sends first, and the property of its payload that carries the token. */
  readonly authenticate?: { readonly exchange: Exchange; readonly token: string };
  /** How many frames may be sent at once after silence, and then one in how many milliseconds. */
  readonly pace?: { readonly burst: number; readonly intervalMs: number };
}

/** What the contract says of the topics of one channel. */
export interface TopicProtocol {
  readonly subscribe: Exchange;
  readonly unsubscribe?: Exchange;
  /** The tags of the topic's updates. */
  readonly updates: readonly Tag[];
  /** Whether some of them have no payload: the frame itself is their body. */
  readonly bare?: boolean;
  /** The topic's address, with properties of the selection in braces; or something else that names each topic. */
  readonly address: string;
  /** What those properties are if they are not given. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Their spellings that mean another value. */
  readonly aliases?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** When the server sends what there is as one update: after each subscribe request, or after one that recovers nothing. */
  readonly snapshot?: "subscribe" | "recover";
  /** Whether an update says all that there is to say, so that who comes later is given the last one. */
  readonly latest?: boolean;
  /** How updates change what is held, where they do not each stand for themselves. */
  readonly state?: StateRule;
}

export type Frame = Readonly<Record<string, unknown>>;

/** The address of the topic that a selection means, as the server would name it; nothing is checked. */
export function addressOf({ address, defaults, aliases }: TopicProtocol, selection: unknown): string {
  const given = Object(selection) as Readonly<Record<string, unknown>>;
  return address.replace(/\{(.+?)\}/g, (_, name: string) => {
    const value = String(given[name] ?? defaults?.[name]);
    return aliases?.[name]?.[value] ?? value;
  });
}
