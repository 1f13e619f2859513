// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection } from "./runtime/connection.js";
import type { Off } from "./runtime/emitter.js";
import type { RequestOptions } from "./runtime/pending.js";
import type { Protocol } from "./runtime/protocol.js";

const PROTOCOL: Protocol = {
  type: "type",
  payload: "payload",
  id: "id",
  refused: (payload) => payload["status"] === "error",
  error: "refused",
  events: ["lamp.going"],
  stops: (code) => [4100, 1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000 && ![4500].includes(code)),
};

/** Channel `lamp`. */
class LampChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Message `look`. */
  look(options?: RequestOptions): Promise<models.Seen> {
    return this.#connection.request(["look", "seen"], undefined, options);
  }

  /** The light is about to go out. */
  onGoing(listener: (message: models.LampGoing) => void): Off {
    return this.#connection.on("lamp.going", listener);
  }
}

/** The limits of a client and the goodbyes of a server. */
export class LighthouseClient extends Client {
  /** Channel `lamp`. */
  readonly lamp = new LampChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}

export type {
  LampChannel,
};
