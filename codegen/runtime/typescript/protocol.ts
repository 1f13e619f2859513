import type { StateRule } from "./held.js";
import type { Tag } from "./pending.js";
import type { CloseAdvice } from "./transport.js";

/** A request's tag, and that of its answer: where it is not given, the request's with `.response` behind it. */
export type Exchange = readonly [request: Tag, response?: Tag];

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
  /** Whether a payload refuses. */
  refused(payload: Frame): boolean;
  /** The tag of errors that belong to no request. */
  readonly error: Tag;
  /** Other tags that the server sends unasked. */
  readonly events: readonly Tag[];
  /** Those of them by which it begins a topic anew, and takes a subscription back. */
  readonly reset?: Tag;
  readonly close?: Tag;
  /** What to send when nothing else was sent for so long. */
  readonly heartbeat?: { readonly silenceMs: number; readonly exchange: Exchange };
  /**
   * What a client that has a token sends first, and the property of its payload that carries the token; the property of
   * the answer's payload that says in how many milliseconds it runs out.
   */
  readonly authenticate?: { readonly exchange: Exchange; readonly token: string; readonly expires?: string };
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
  /** The address of the topic that a selection means, as the server would name it; or something else that names each. */
  address(selection: Frame): string;
  /** When the server sends what there is as one update: after each subscribe request, or after one that recovers nothing. */
  readonly snapshot?: "subscribe" | "recover";
  /** Whether an update says all that there is to say, so that who comes later is given the last one. */
  readonly latest?: boolean;
  /** How updates change what is held, where they do not each stand for themselves. */
  readonly state?: StateRule;
}

export type Frame = Readonly<Record<string, unknown>>;

/** The tags of a channel whose messages are all named after it. */
export function tagsOf(channel: string): Pick<TopicProtocol, "subscribe" | "unsubscribe" | "updates"> {
  return { subscribe: [`${channel}.subscribe`], unsubscribe: [`${channel}.unsubscribe`], updates: [`${channel}.update`] };
}

/** A value's spelling that a server uses. */
export function spelled(aliases: Readonly<Record<string, string>>, value: unknown): unknown {
  return aliases[value as string] ?? value;
}
