/** Who is logged in: a client of its own, whose token can be renewed without another connection. */

import {
  ConnectionClosedError,
  RequestError,
  TradingClient,
  type AccountSummary,
  type ClientOptions,
  type OrderList,
  type PositionList,
  type Subscription,
} from "../../../generated/typescript/src/index.js";

/** What is heard of an account. */
export interface AccountListener {
  worth(summary: AccountSummary): void;
  positions(list: PositionList): void;
  orders(list: OrderList): void;
  /** The server serves it no more, or never did. */
  ended(error: unknown): void;
}

const REFUSED = 1008;
const UNAUTHENTICATED = 4500;
/** What the service calls mistakes of whoever shows a token. */
const OF_TOKENS: readonly string[] = ["unauthenticated", "forbidden", "bad_payload"];

/** Where market data are for everybody, they go on over the page's own connection: whose token expires, loses none. */
export class Login {
  readonly client: TradingClient;
  #token: string;
  /** What the service has refused last without closing the connection itself. */
  #refused: unknown;
  /** When the token runs out, by this page's own clock; as far as the service has said. */
  #expires = Infinity;

  constructor(token: string, options: ClientOptions) {
    this.#token = token;
    this.client = new TradingClient("/api/v1/ws", { ...options, token: () => this.#token });
    // What is refused is told where it was asked for; nothing else of it is news.
    this.client.onError((error) => (this.#refused = error));
  }

  /** The accounts that the token names. What it says is for the service to judge; the page only asks for these. */
  get accounts(): readonly string[] {
    return accountsOf(this.#token);
  }

  /** What it is, for as long as it is good. */
  get token(): string {
    return this.#token;
  }

  /** In how many milliseconds the token runs out. */
  get leftMs(): number {
    return this.#expires - performance.now();
  }

  /** Why one is not let in, or not any more; the token is blamed only where it is to blame. */
  why(error: unknown): string {
    const closed = error instanceof ConnectionClosedError ? error.code : undefined;
    // A client whose first request is refused closes with this code, and says why.
    const cause = closed === REFUSED && this.#refused instanceof RequestError ? this.#refused : error;
    const blamed = cause instanceof RequestError ? OF_TOKENS.includes(cause.code) : closed === UNAUTHENTICATED;
    return `${blamed ? "The service does not accept this token" : "Not logged in"}: ${refusal(error)}`;
  }

  /** Connects, and asks how long the token is good. Rejects where the service does not accept it. */
  async begin(): Promise<void> {
    await this.client.connect();
    await this.renew(this.#token);
  }

  /** Another token of the same user, from now on. Rejects where the service does not accept it; then nothing changes. */
  async renew(token: string): Promise<void> {
    const { expires_in_ms: lastsMs } = await this.client.session.authenticate({ token });
    this.#token = token;
    this.#expires = performance.now() + (lastsMs ?? Infinity);
  }

  /** Tells of an account until the signal says that this is enough. */
  follow(account: string, listener: AccountListener, signal: AbortSignal): void {
    const selection = { account_id: account };
    const options = { signal, timeoutMs: Infinity };
    const hear = async <T>(begin: Promise<Subscription<T>>, take: (body: T) => void): Promise<void> => {
      try {
        for await (const body of await begin) take(body);
      } catch (error) {
        if (!signal.aborted) listener.ended(error);
      }
    };
    void hear(this.client.account.subscribe(selection, undefined, options), (body) => listener.worth(body));
    void hear(this.client.positions.subscribe(selection, undefined, options), (body) => listener.positions(body));
    void hear(this.client.orders.subscribe(selection, undefined, options), (body) => listener.orders(body));
  }
}

/** Why a token was not accepted, or an account not served, in the service's own words where it said any. */
export function refusal(error: unknown): string {
  if (error instanceof RequestError) return error.message;
  if (error instanceof ConnectionClosedError && error.reason !== "") return error.reason;
  return error instanceof Error ? error.message : String(error);
}

function accountsOf(token: string): readonly string[] {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(part));
    const { accounts } = Object(claims) as { accounts?: unknown };
    return Array.isArray(accounts) ? accounts.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
