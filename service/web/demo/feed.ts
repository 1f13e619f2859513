/** One connection and one topic at a time, through the generated client. */

import {
  ConnectionClosedError,
  RequestError,
  TradingClient,
  type Bar,
  type BarsUpdate,
  type State,
  type Subscription,
} from "../../../generated/typescript/src/index.js";
import type { Selection } from "./selection.js";

export type { Bar, BarsUpdate, State };

export interface FeedListener {
  state(state: State): void;
  /** The server has subscribed the page to this topic. */
  followed(topic: string): void;
  bar(bar: Bar, update: BarsUpdate): void;
  /** The server, or the way to it, refused; `message` is a sentence for people. */
  refused(message: string): void;
}

export class BarFeed {
  #client: TradingClient | null = null;
  #subscription: Subscription<Bar> | null = null;
  /** Counts what has been asked for, so that an answer that comes late is known to be stale. */
  #asked = 0;

  constructor(
    readonly url: string,
    readonly listener: FeedListener,
  ) {}

  /** Shows these bars instead of those shown so far; connects where that is needed. */
  async follow(selection: Selection): Promise<void> {
    const mine = ++this.#asked;
    const previous = this.#subscription;
    this.#subscription = null;
    const client = (this.#client ??= this.#open());
    try {
      await previous?.unsubscribe();
      if (mine !== this.#asked) return;
      const subscription = await client.bars.subscribe(selection, (bar, update) => {
        if (mine === this.#asked) this.listener.bar(bar, update);
      });
      if (mine !== this.#asked) {
        await subscription.unsubscribe();
        return;
      }
      this.#subscription = subscription;
      this.listener.followed(subscription.topic);
    } catch (error) {
      if (mine === this.#asked) this.listener.refused(sentence(error));
    }
  }

  #open(): TradingClient {
    const client = new TradingClient(this.url);
    client.onState((state, reason) => {
      if (client !== this.#client) return;
      if (state === "closed") {
        // A closed client is done with: whatever is asked for next goes over another one.
        this.#client = null;
        this.#subscription = null;
        if (reason !== undefined) this.listener.refused(sentence(reason));
      }
      this.listener.state(state);
    });
    client.onError((error) => this.listener.refused(sentence(error)));
    return client;
  }
}

/** The socket of the service that the page came from. */
export function socketUrl(location: Location): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/api/v1/ws`;
}

function sentence(error: unknown): string {
  if (error instanceof ConnectionClosedError) {
    if (error.code === 1006) return "The service cannot be reached.";
    const why = error.reason === "" ? "." : `: ${error.reason}.`;
    return `The service has closed the connection with code ${error.code}${why}`;
  }
  if (error instanceof RequestError) {
    const places = error.errors.map(({ path, message }) => `${path.split("/").at(-1)}: ${message}`);
    return [error.message, ...places].join(" — ");
  }
  return error instanceof Error ? error.message : String(error);
}
