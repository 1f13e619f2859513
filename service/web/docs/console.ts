/** A console for the socket that the document describes; everything it offers comes from the document. */

import { byId, make, setText } from "../shared/dom.js";
import { isObject, operations, text, type Json, type JsonObject } from "./document.js";

/** So many frames are kept in view. */
const KEPT = 200;

interface Offer {
  group: string;
  label: string;
  frame: Json;
}

type State = "idle" | "connecting" | "open" | "closed";

export class Console {
  readonly #root = byId("console", HTMLElement);
  readonly #body = byId("console-body", HTMLDivElement);
  readonly #toggle = byId("console-toggle", HTMLButtonElement);
  readonly #state = byId("console-state", HTMLSpanElement);
  readonly #url = byId("console-url", HTMLInputElement);
  readonly #connect = byId("console-connect", HTMLButtonElement);
  readonly #example = byId("console-example", HTMLSelectElement);
  readonly #frame = byId("console-frame", HTMLTextAreaElement);
  readonly #problem = byId("console-problem", HTMLParagraphElement);
  readonly #count = byId("console-count", HTMLSpanElement);
  readonly #hold = byId("console-hold", HTMLInputElement);
  readonly #list = byId("console-frames", HTMLOListElement);
  readonly #offers: readonly Offer[];
  readonly #tag: (frame: JsonObject) => string;
  #socket: WebSocket | null = null;
  /** Frames that wait until the reader no longer holds the list. */
  #held: HTMLLIElement[] = [];
  #counts = { sent: 0, received: 0 };

  constructor(document: JsonObject, location: Location) {
    this.#url.value = socketUrl(document, location);
    this.#offers = offersOf(document);
    this.#tag = taggerOf(document);
    this.#fillExamples();
    this.#toggle.addEventListener("click", () => this.#open(this.#root.dataset["open"] !== "true"));
    this.#connect.addEventListener("click", () => {
      if (this.#isLive()) this.#socket?.close(1000);
      else this.#dial();
    });
    this.#example.addEventListener("change", () => this.#choose());
    byId("console-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#frame.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send();
    });
    this.#frame.addEventListener("input", () => setText(this.#problem, ""));
    this.#hold.addEventListener("change", () => this.#release());
    byId("console-clear", HTMLButtonElement).addEventListener("click", () => this.#clear());
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
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.#url.value);
    } catch {
      setText(this.#problem, `${this.#url.value} is no address of a socket.`);
      return;
    }
    this.#socket = socket;
    this.#show("connecting", "Connecting");
    socket.addEventListener("open", () => {
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
      let group = groups.get(offer.group);
      if (group === undefined) {
        group = make("optgroup");
        group.label = offer.group;
        groups.set(offer.group, group);
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
    if (offer !== undefined) this.#frame.value = JSON.stringify(offer.frame, null, 2);
    setText(this.#problem, "");
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
    setText(this.#count, `${this.#counts.sent} sent, ${this.#counts.received} received`);
  }

  #row(way: "sent" | "received", frame: string): HTMLLIElement {
    const row = make("li");
    row.dataset["way"] = way;
    const details = make("details");
    const summary = make("summary");
    const parsed = parse(frame);
    const tag = isObject(parsed) ? this.#tag(parsed) : "";
    const moment = new Date().toISOString().slice(11, 23);
    const arrow = make("span", "way", way === "sent" ? "↑" : "↓");
    arrow.setAttribute("aria-label", way);
    arrow.setAttribute("role", "img");
    summary.append(arrow, make("time", "", moment));
    if (tag !== "") summary.append(make("b", "", tag));
    summary.append(make("code", "", frame));
    details.append(summary, make("pre", "", parsed === undefined ? frame : JSON.stringify(parsed, null, 2)));
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
    this.#counts = { sent: 0, received: 0 };
    setText(this.#count, "No frames yet");
  }
}

function parse(frame: string): Json | undefined {
  try {
    return JSON.parse(frame) as Json;
  } catch {
    return undefined;
  }
}

/** What clients may send: the examples of each message, in the order of the document. */
function offersOf(document: JsonObject): Offer[] {
  const offers: Offer[] = [];
  for (const { channel, verb, message } of operations(document)) {
    if (verb !== "publish") continue;
    const name = text(message["name"]) || text(message["title"]) || text(message["messageId"]) || "message";
    const examples = Array.isArray(message["examples"]) ? message["examples"] : [];
    for (const example of examples) {
      if (!isObject(example) || example["payload"] === undefined) continue;
      const about = text(example["summary"]) || text(example["name"]);
      offers.push({ group: channel, label: about === "" ? name : `${name}: ${about}`, frame: example["payload"] });
    }
  }
  return offers;
}

/** Reads what kind of message a frame is, where the document names the field that says so. */
function taggerOf(document: JsonObject): (frame: JsonObject) => string {
  const envelope = document["x-envelope"];
  const field = isObject(envelope) ? text(envelope["type"]) : "";
  return (frame) => text(frame[field]);
}

/** The socket at this host: the path of the document's first server, or of its first channel where channels are paths. */
function socketUrl(document: JsonObject, location: Location): string {
  const servers = isObject(document["servers"]) ? Object.values(document["servers"]) : [];
  const server = servers.find((candidate) => isObject(candidate) && text(candidate["protocol"]).startsWith("ws"));
  const url = isObject(server) ? text(server["url"]) : "";
  let path = url.replace(/^\w+:\/\//, "").replace(/^[^/]*/, "");
  if (document["x-envelope"] === undefined) {
    const channel = Object.keys(isObject(document["channels"]) ? document["channels"] : {})[0] ?? "";
    path = `${path.replace(/\/$/, "")}/${channel.replace(/^\//, "")}`;
  }
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path || "/"}`;
}
