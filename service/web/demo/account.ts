/** An account behind a login: what it owns, holds and orders, for as long as its token says so. */

import type { AccountSummary, ClientOptions, ConnectionClosedError, State } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { OrderTable, PositionTable } from "./account-tables.js";
import { amount, directionOfAmount, gain } from "./amounts.js";
import { Login, refusal, type AccountListener } from "./login.js";

/** How long before a token runs out it is warned. */
const WARN_MS = 120_000;

export class AccountPanel implements AccountListener {
  readonly #panel = byId("account", HTMLElement);
  readonly #tab = byId("account-tab", HTMLButtonElement);
  readonly #form = byId("login", HTMLFormElement);
  readonly #token = byId("token", HTMLInputElement);
  readonly #submit = byId("log-in", HTMLButtonElement);
  readonly #back = byId("keep-token", HTMLButtonElement);
  readonly #word = byId("account-word", HTMLParagraphElement);
  readonly #expiry = byId("account-expiry", HTMLParagraphElement);
  readonly #ids = byId("account-id", HTMLSelectElement);
  readonly #shown = [byId("owner", HTMLElement), byId("positions", HTMLElement), byId("orders", HTMLElement)];
  readonly #figures = {
    equity: byId("equity", HTMLElement),
    balance: byId("balance", HTMLElement),
    profit: byId("open-profit", HTMLElement),
  };
  readonly #positions = new PositionTable();
  readonly #orders = new OrderTable();
  /** Who is logged in, or about to be. */
  #login: Login | undefined;
  #followed = new AbortController();
  /** Whether the service serves what is shown no more. */
  #ended = false;

  /** `admitted` hears of the token that the service accepts, in place of any other; of null where there is none. */
  constructor(
    readonly options: ClientOptions,
    readonly admitted: (token: string | null) => void,
  ) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#token.value.trim();
      if (token === "") this.#token.focus();
      else void (this.#login === undefined ? this.#enter(token) : this.#renew(this.#login, token));
    });
    byId("log-out", HTMLButtonElement).addEventListener("click", () => this.#leave(""));
    byId("another-token", HTMLButtonElement).addEventListener("click", () => this.#ask(true));
    this.#back.addEventListener("click", () => this.#ask(false));
    this.#ids.addEventListener("change", () => this.#follow());
    setInterval(() => this.#warn(), 250);
  }

  /** Says that nothing is told without a token, where one would look for what to do about it, and shows that. */
  demand(): void {
    this.#tab.click();
    this.#token.focus();
    if (this.#login === undefined && this.#word.textContent === "") this.#say("This service asks for a token.");
  }

  worth(summary: AccountSummary): void {
    const { equity, balance, profit } = this.#figures;
    setText(equity, amount(summary.equity));
    setText(balance, `${amount(summary.balance)} ${summary.currency}`);
    setText(profit, gain(summary.unrealized_profit));
    profit.dataset["direction"] = directionOfAmount(summary.unrealized_profit);
  }

  positions(list: Parameters<AccountListener["positions"]>[0]): void {
    this.#positions.show(list);
  }

  orders(list: Parameters<AccountListener["orders"]>[0]): void {
    this.#orders.show(list);
  }

  ended(error: unknown): void {
    // Where the connection has ended, that is told of already.
    if (this.#login?.client.state === "closed") return;
    // What is not to be seen any more is not left standing there.
    this.#stop();
    this.#ended = true;
    delete this.#tab.dataset["state"];
    this.#say(`${this.#ids.value} is not served: ${refusal(error)}`, true);
  }

  async #enter(token: string): Promise<void> {
    const login = (this.#login = new Login(token, this.options));
    this.#submit.disabled = true;
    this.#say("Logging in…");
    login.client.onState((state, reason) => this.#changed(login, state, reason));
    try {
      await login.begin();
    } catch (error) {
      // Where that closes the client, its state says so too, and why.
      if (this.#login === login) this.#leave(login.why(error));
      return;
    }
    if (this.#login === login) this.#welcome(login);
  }

  async #renew(login: Login, token: string): Promise<void> {
    this.#submit.disabled = true;
    try {
      await login.renew(token);
    } catch (error) {
      if (this.#login === login) this.#say(`The token was refused: ${refusal(error)}`, true);
      return;
    } finally {
      this.#submit.disabled = false;
    }
    if (this.#login === login) this.#welcome(login);
  }

  /** Shows what the token grants. */
  #welcome(login: Login): void {
    const { accounts } = login;
    const before = this.#ids.value;
    this.#token.value = "";
    this.#submit.disabled = false;
    this.#panel.dataset["state"] = "in";
    this.#ask(false);
    this.#ids.replaceChildren(...accounts.map((id) => make("option", "", id)));
    this.admitted(login.token);
    this.#warn();
    const kept = accounts.includes(before);
    if (kept) this.#ids.value = before;
    if (kept && !this.#ended) {
      this.#say("");
      return;
    }
    this.#follow();
    const lost = before === "" || kept ? "" : `The token grants ${before} no more`;
    if (accounts.length > 0) this.#say(lost && `${lost}; this is ${this.#ids.value}.`);
    else this.#say(lost === "" ? "The token is good, but names no account." : `${lost}, and no other account.`, true);
  }

  #follow(): void {
    this.#stop();
    this.#say("");
    if (this.#ids.value === "") {
      delete this.#tab.dataset["state"];
    } else {
      this.#tab.dataset["state"] = "in";
      this.#login?.follow(this.#ids.value, this, this.#followed.signal);
    }
  }

  /** Says how long the token is good, when that is not long any more. */
  #warn(): void {
    const leftMs = this.#login?.leftMs ?? Infinity;
    const soon = leftMs < WARN_MS;
    const seconds = Math.ceil(leftMs / 1_000);
    const left = seconds > 60 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
    const text = seconds > 0 ? `The token expires in ${left}: renew it.` : "The token has expired: renew it now.";
    setText(this.#expiry, soon ? text : "");
    if (soon) this.#tab.dataset["expires"] = "soon";
    else delete this.#tab.dataset["expires"];
  }

  /** Forgets what was shown. */
  #stop(): void {
    this.#followed.abort();
    this.#followed = new AbortController();
    this.#ended = false;
    delete this.#panel.dataset["lost"];
    for (const figure of Object.values(this.#figures)) setText(figure, "—");
    delete this.#figures.profit.dataset["direction"];
    this.#positions.clear();
    this.#orders.clear();
  }

  #changed(login: Login, state: State, reason: ConnectionClosedError | undefined): void {
    if (this.#login !== login) return;
    if (state === "reconnecting") {
      this.#panel.dataset["lost"] = "true";
      this.#say("The connection is lost; on the way back…");
    } else if (state === "open") {
      if (this.#ended) return;
      delete this.#panel.dataset["lost"];
      this.#say("");
    } else if (state === "closed") {
      const expired = login.leftMs <= 0;
      this.#leave(expired ? "Logged out: the token has expired." : login.why(reason));
    }
  }

  #leave(why: string): void {
    const login = this.#login;
    this.#login = undefined;
    login?.client.close();
    this.#stop();
    this.#ids.replaceChildren();
    this.#submit.disabled = false;
    this.#panel.dataset["state"] = "out";
    delete this.#tab.dataset["state"];
    this.#ask(true);
    this.#say(why, why !== "");
    this.#warn();
    this.admitted(null);
  }

  /** Asks for a token, or shows what one has got by it. */
  #ask(asked: boolean): void {
    const again = asked && this.#login !== undefined;
    this.#form.hidden = !asked;
    this.#back.hidden = !again;
    setText(this.#submit, again ? "Renew" : "Log in");
    for (const element of this.#shown) element.hidden = asked;
    if (asked) this.#token.focus();
  }

  #say(text: string, wrong = false): void {
    setText(this.#word, text);
    this.#word.dataset["kind"] = wrong ? "wrong" : "news";
  }
}
