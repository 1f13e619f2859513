import { Connection } from "./connection.js";
import type { ClientOptions, Protocol } from "./connection.js";
import type { Off } from "./emitter.js";
import type { ConnectionClosedError } from "./errors.js";
import type { State } from "./transport.js";

/** What every client of a shared socket offers beside its channels. */
export abstract class Client {
  protected readonly connection: Connection;

  constructor(protocol: Protocol, url: string | URL, options: ClientOptions) {
    this.connection = new Connection(protocol, url, options);
  }

  /** Where the client connects to. */
  get url(): string {
    return this.connection.transport.url;
  }

  get state(): State {
    return this.connection.transport.state;
  }

  /** Connects now, rather than with the first request; also after `close()`. */
  connect(): Promise<void> {
    return this.connection.transport.open(true);
  }

  /** Ends the connection, its subscriptions and its requests. */
  close(): void {
    this.connection.transport.shut(1000, "closed by this client");
  }

  /** Hears of every change of state; of the reason, where the connection is gone. */
  onState(listener: (state: State, reason: ConnectionClosedError | undefined) => void): Off {
    return this.connection.states.add(listener);
  }

  /** Hears of what belongs to no request: errors of the server, frames that cannot be read, listeners that throw. */
  onError(listener: (error: Error) => void): Off {
    return this.connection.errors.add(listener);
  }
}
