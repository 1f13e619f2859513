/** A console for the socket that the contract describes: what it offers, and what it holds frames against, is the contract. */

import { byId, make, setText } from "../shared/dom.js";
import { coloured } from "./code.js";
import { draft } from "./draft.js";
import type { Judge } from "./judge.js";
import { isSent, messagesOf, plain, type Channel, type Json, type Page } from "./page.js";

/** So many frames are kept in view. */
const KEPT = 200;

interface Offer {
  channel: Channel;
  label: string;
  frame: Json;
}

type State = "idle" | "connecting" | "open" | "closed";

export class Console {
  readonly #root = byId("pageConsole", HTMLElement);
  readonly #body = byId("consoleBody", HTMLDivElement);
  readonly #toggle = byId("consoleToggle", HTMLButtonElement);
  readonly #state = byId("consoleState", HTMLSpanElement);
  readonly #url = byId("consoleUrl", HTMLInputElement);
  readonly #connect = byId("consoleConnect", HTMLButtonElement);
  readonly #example = byId("consoleExample", HTMLSelectElement);
  readonly #frame = byId("consoleFrame", HTMLTextAreaElement);
  readonly #problem = byId("consoleProblem", HTMLParagraphElement);
  readonly #count = byId("consoleCount", HTMLSpanElement);
  readonly #hold = byId("consoleHold", HTMLInputElement);
  readonly #list = byId("consoleFrames", HTMLOListElement);
  readonly #fit = byId("consoleFit", HTMLParagraphElement);
  readonly #offers: readonly Offer[];
  readonly #judge: Judge;
  readonly #location: Location;
  #socket: WebSocket | null = null;
  /** Frames that wait until the reader no longer holds the list. */
  #held: HTMLLIElement[] = [];
  #counts = { sent: 0, received: 0, wrong: 0 };
  /** What the address was set to last, whatever the reader has made of it. */
  #socketUrl = "";

  constructor(page: Page, judge: Judge, location: Location) {
    this.#judge = judge;
    this.#location = location;
    this.#socketUrl = socketUrl(page.channels[0]?.path ?? "/", location);
    this.#url.value = this.#socketUrl;
    this.#offers = offersOf(page);
    this.#fillExamples();
    this.#toggle.addEventListener("click", () => this.#open(this.#root.dataset["open"] !== "true"));
    this.#connect.addEventListener("click", () => {
      if (this.#isLive()) this.#socket?.close(1000);
      else this.#dial();
    });
    this.#example.addEventListener("change", () => this.#choose());
    byId("consoleForm", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#frame.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send();
    });
    this.#frame.addEventListener("input", () => {
      setText(this.#problem, "");
      this.#judgeDraft();
    });
    this.#hold.addEventListener("change", () => this.#release());
    byId("consoleClear", HTMLButtonElement).addEventListener("click", () => this.#clear());
  }

  /** Sends a frame of a channel, on a new connection where there is none to its socket. */
  tryOut(channel: Channel, frame: Json): void {
    this.#open(true);
    const index = this.#offers.findIndex((offer) => offer.channel === channel && offer.frame === frame);
    if (index >= 0) this.#example.value = String(index);
    this.#choose();
    this.#frame.focus();
    this.#send();
  }

  #open(open: boolean): void {
    this.#body.hidden = !open;
    this.#root.dataset["open"] = String(open);
    this.#toggle.setAttribute("aria-expanded", String(open));
  }

  #isLive(): boolean {
    return this.#socket !== null && this.#socket.readyState <= WebSocket.OPEN;
  }

  /** Opens the socket, then sends `first` where there is one. */
  #dial(first?: string): void {
    setText(this.#problem, "");
    this.#open(true);
    const [, unfilled] = /(\{[^}]*\})/.exec(this.#url.value) ?? [];
    if (unfilled !== undefined) {
      setText(this.#problem, `Write a value for ${unfilled} into the socket's address first.`);
      this.#url.focus();
      return;
    }
    const wrong = problemOf(this.#url.value, this.#location);
    if (wrong !== "") {
      setText(this.#problem, wrong);
      this.#url.focus();
      return;
    }
    const socket = new WebSocket(this.#url.value);
    let opened = false;
    this.#socket = socket;
    this.#show("connecting", "Connecting");
    socket.addEventListener("open", () => {
      opened = true;
      this.#show("open", "Connected");
      if (first !== undefined) this.#transmit(first);
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      this.#add("received", typeof event.data === "string" ? event.data : "(a binary frame)");
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      const reason = event.reason === "" ? "" : `: ${event.reason}`;
      this.#show("closed", event.code === 1000 ? "Closed" : `Closed with ${event.code}${reason}`);
      if (opened) return;
      const unsent = first === undefined ? "" : " The frame was not sent.";
      setText(this.#problem, `${socket.url} could not be opened.${unsent}`);
    });
  }

  #show(state: State, words: string): void {
    this.#state.dataset["state"] = state;
    setText(this.#state, words);
    setText(this.#connect, this.#isLive() ? "Disconnect" : "Connect");
    this.#url.readOnly = this.#isLive();
  }

  #fillExamples(): void {
    const groups = new Map<string, HTMLOptGroupElement>();
    for (const [index, offer] of this.#offers.entries()) {
      const address = offer.channel.address;
      let group = groups.get(address);
      if (group === undefined) {
        group = make("optgroup");
        group.label = address;
        groups.set(address, group);
        this.#example.append(group);
      }
      const option = make("option", "", offer.label);
      option.value = String(index);
      group.append(option);
    }
    this.#example.disabled = this.#offers.length === 0;
    this.#choose();
  }

  #choose(): void {
    const offer = this.#offers[Number(this.#example.value)];
    setText(this.#problem, "");
    if (offer === undefined) return;
    this.#frame.value = JSON.stringify(offer.frame, null, 2);
    this.#judgeDraft();
    const url = socketUrl(offer.channel.path, this.#location);
    if (url === this.#socketUrl) return;
    this.#socketUrl = url;
    // A channel with a socket of its own is not spoken on the one that is open.
    this.#socket?.close(1000);
    this.#socket = null;
    this.#url.value = url;
    this.#show("idle", "Not connected");
  }

  /** Says whether what is in the editor is a message of the contract; it may be sent even if it is not. */
  #judgeDraft(): void {
    const frame = parse(this.#frame.value);
    if (frame === undefined) {
      this.#fit.dataset["fits"] = "false";
      setText(this.#fit, this.#frame.value.trim() === "" ? "" : "Not JSON yet.");
      return;
    }
    const { message, faults } = this.#judge.judge(frame, "sent");
    this.#fit.dataset["fits"] = String(faults.length === 0);
    setText(this.#fit, faults.length === 0 ? `Fits ${message?.name ?? "the contract"}.` : `Does not fit: ${faults.join(" ")}`);
  }

  #send(): void {
    let frame: string;
    try {
      frame = JSON.stringify(JSON.parse(this.#frame.value));
    } catch (error) {
      // A server's answer to a broken frame is worth seeing too, but only to whoever means it.
      setText(this.#problem, `This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    setText(this.#problem, "");
    if (this.#socket?.readyState === WebSocket.OPEN) this.#transmit(frame);
    else if (!this.#isLive()) this.#dial(frame);
  }

  #transmit(frame: string): void {
    this.#socket?.send(frame);
    this.#add("sent", frame);
  }

  #add(way: "sent" | "received", frame: string): void {
    this.#counts[way] += 1;
    const row = this.#row(way, frame);
    if (this.#hold.checked) this.#held.push(row);
    else this.#list.prepend(row);
    if (this.#held.length > KEPT) this.#held.shift();
    this.#trim();
    const { sent, received, wrong } = this.#counts;
    const judged = wrong === 0 ? "all fit the contract" : `${wrong} ${wrong === 1 ? "does" : "do"} not fit the contract`;
    setText(this.#count, `${sent} sent, ${received} received; ${judged}`);
  }

  #row(way: "sent" | "received", frame: string): HTMLLIElement {
    const row = make("li");
    row.dataset["way"] = way;
    const details = make("details");
    const summary = make("summary");
    const parsed = parse(frame);
    const { message, faults } = parsed === undefined ? { message: null, faults: ["This is no JSON."] } : this.#judge.judge(parsed, way);
    if (faults.length > 0) this.#counts.wrong += 1;
    row.dataset["fits"] = String(faults.length === 0);
    const moment = new Date().toISOString().slice(11, 23);
    const arrow = make("span", "way", way === "sent" ? "↑" : "↓");
    arrow.setAttribute("aria-label", way);
    arrow.setAttribute("role", "img");
    const fit = make("span", "fit", faults.length === 0 ? "✓" : "✗");
    fit.setAttribute("role", "img");
    fit.setAttribute("aria-label", faults.length === 0 ? "fits" : "does not fit");
    fit.title = faults.length === 0 ? `Fits ${message?.name ?? "the contract"}` : faults.join(" ");
    summary.append(arrow, make("time", "", moment), fit);
    if (message !== null) summary.append(make("b", "", message.name));
    summary.append(make("code", "", frame));
    details.append(summary);
    if (faults.length > 0) details.append(make("p", "faults", faults.join(" ")));
    // Many frames come and few are opened.
    details.addEventListener(
      "toggle",
      () => {
        const block = make("pre");
        block.tabIndex = 0;
        block.append(coloured(parsed === undefined ? frame : JSON.stringify(parsed, null, 2)));
        details.append(block);
      },
      { once: true },
    );
    row.append(details);
    return row;
  }

  #release(): void {
    if (this.#hold.checked) return;
    for (const row of this.#held) this.#list.prepend(row);
    this.#held = [];
    this.#trim();
  }

  #trim(): void {
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
  }

  #clear(): void {
    this.#list.replaceChildren();
    this.#held = [];
    this.#counts = { sent: 0, received: 0, wrong: 0 };
    setText(this.#count, "No frames yet");
  }
}

/** Why the page cannot open a socket at an address; empty where it can. The browser keeps it from other servers without a word. */
function problemOf(address: string, location: Location): string {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    return `${address.trim() === "" ? "Nothing" : address} is no address of a socket: write ${socketUrl("/…", location)}.`;
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") return `A socket's address begins with ws:// or wss://, not ${url.protocol}//.`;
  if (url.hash !== "") return "A socket's address has no part after a #.";
  if (url.host !== location.host) return `This page connects to its own server only, ${location.host}.`;
  return "";
}

function parse(frame: string): Json | undefined {
  try {
    return JSON.parse(frame) as Json;
  } catch {
    return undefined;
  }
}

/** What clients may send: the examples of each message, or a draft of it, in the order of the contract. */
function offersOf(page: Page): Offer[] {
  const offers: Offer[] = [];
  for (const { channel, message } of messagesOf(page)) {
    if (!isSent(message.role)) continue;
    for (const { title, payload } of message.examples) {
      offers.push({ channel, label: `${message.name}: ${plain(title)}`, frame: payload });
    }
    if (message.examples.length === 0) {
      const schema = page.schemas[message.schema];
      offers.push({ channel, label: `${message.name}: a draft, to be filled in`, frame: draft(schema, page.schemas) });
    }
  }
  return offers;
}

/** The socket of a path at this host. */
function socketUrl(path: string, location: Location): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}
