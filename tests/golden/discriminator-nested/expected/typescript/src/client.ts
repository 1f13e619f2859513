// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  EventsClientMessage,
  EventsServerMessage,
} from "./messages.js";
import type * as models from "./models.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/events`, by tag. */
export interface EventsEvents {
  opened: models.Opened;
  closed: models.Closed;
}

/** Channel `events`. */
export class EventsSocket extends SocketBase<
  EventsClientMessage,
  EventsServerMessage,
  EventsEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ tag: ["header", "event"], stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Nested */
export class NestedClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `events`.
   *
   * Connects with the first use.
   */
  events(options?: SocketOptions): EventsSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/events", {}, all.query);
    return new EventsSocket(url, all);
  }
}
