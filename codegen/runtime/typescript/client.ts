import { Connection } from "./connection.js";
import type { ClientOptions } from "./connection.js";
import type { Off } from "./emitter.js";
import type { ConnectionClosedError } from "./errors.js";
import type { State } from "./link.js";
import type { RequestOptions } from "./pending.js";
import type { Protocol } from "./protocol.js";
import type { Hole } from "./subscriptions.js";

/** What every client of a shared socket offers beside its channels. */
export abstract class Client {
  protected readonly connection: Connection;

  constructor(protocol: Protocol, url: string | URL, options: ClientOptions) {
    this.connection = new Connection(protocol, url, options);
  }

  /** Where the client connects to. */
  get url(): string {
    return this.connection.url;
  }

  get state(): State {
    return this.connection.state;
  }

  /**
   * Connects now, rather than with the first request; also after the end. Resolves when there is a connection, however
   * many attempts that takes; rejects when there will be none, and by the options' time or signal.
   */
  connect(options?: RequestOptions): Promise<void> {
    return this.connection.connect(options);
  }

  /** Ends the connection, its subscriptions and its requests. */
  close(): void {
    this.connection.end();
  }

  /** Hears of every change of state; of the reason, where a connection is lost or could not be made. */
  onState(listener: (state: State, reason: ConnectionClosedError | undefined) => void): Off {
    return this.connection.states.add(listener);
  }

  /** Hears of updates that were missed and cannot be had any more, of any topic. */
  onHole(listener: (hole: Hole) => void): Off {
    return this.connection.holes.add(listener);
  }

  /** Hears of what belongs to no request: errors of the server, frames that cannot be read, listeners that throw. */
  onError(listener: (error: Error) => void): Off {
    return this.connection.errors.add(listener);
  }
}
