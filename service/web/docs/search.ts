/** Finds channels, messages, fields, types, codes and limits by a part of their names or of what is said of them. */

import { breakable, byId, make, setText } from "../shared/dom.js";
import { messagesOf, plain, type Page, type Shape } from "./page.js";

interface Entry {
  kind: string;
  name: string;
  anchor: string;
  /** What else of it may be asked for, in lower case. */
  text: string;
}

const MOST = 40;

export class Search {
  readonly #input = byId("searchBox", HTMLInputElement);
  readonly #found = byId("foundList", HTMLUListElement);
  readonly #count = byId("foundCount", HTMLParagraphElement);
  readonly #list = byId("contentsList", HTMLDivElement);
  readonly #entries: readonly Entry[];

  constructor(page: Page) {
    this.#entries = [...entriesOf(page)];
    this.#input.addEventListener("input", () => this.#show());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#found.addEventListener("keydown", (event) => this.#move(event));
    this.#found.addEventListener("click", () => this.#clear());
    document.addEventListener("keydown", (event) => {
      const writes = event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
      if (event.key !== "/" || writes || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#input.focus();
      this.#input.select();
    });
  }

  #show(): void {
    const words = this.#input.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const asked = words.length > 0;
    const found = asked ? this.#matches(words) : [];
    this.#found.replaceChildren(...found.slice(0, MOST).map((entry) => itemOf(entry)));
    this.#found.hidden = !asked;
    this.#list.hidden = asked;
    const more = found.length > MOST ? `, the first ${MOST} shown` : "";
    setText(this.#count, asked ? `${found.length === 0 ? "Nothing" : found.length} found${more}` : "");
  }

  #matches(words: readonly string[]): Entry[] {
    const ranked: [number, Entry][] = [];
    for (const entry of this.#entries) {
      const name = entry.name.toLowerCase();
      if (!words.every((word) => name.includes(word) || entry.text.includes(word))) continue;
      const first = words[0] ?? "";
      ranked.push([name === first ? 0 : name.startsWith(first) ? 1 : name.includes(first) ? 2 : 3, entry]);
    }
    return ranked.sort(([a], [b]) => a - b).map(([, entry]) => entry);
  }

  #key(event: KeyboardEvent): void {
    const links = this.#found.querySelectorAll("a");
    if (event.key === "Escape") this.#clear();
    else if (event.key === "ArrowDown") links[0]?.focus();
    else if (event.key === "Enter") links[0]?.click();
    else return;
    event.preventDefault();
  }

  #move(event: KeyboardEvent): void {
    const links = [...this.#found.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === "Escape") this.#input.focus();
    else if (event.key === "ArrowDown") links[Math.min(here + 1, links.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (here <= 0 ? this.#input : links[here - 1])?.focus();
    else return;
    event.preventDefault();
  }

  #clear(): void {
    this.#input.value = "";
    this.#show();
  }
}

function itemOf(entry: Entry): HTMLLIElement {
  const item = make("li");
  const link = make("a");
  link.href = `#${entry.anchor}`;
  const name = make("span", "name");
  name.append(...breakable(entry.name));
  link.append(name, " ", make("span", "kind", entry.kind));
  item.append(link);
  return item;
}

function* entriesOf(page: Page): Generator<Entry> {
  for (const channel of page.channels) {
    const facts = channel.facts.map((fact) => `${fact.title} ${fact.text}`).join(" ");
    yield entry("channel", channel.name, channel.anchor, `${channel.address} ${channel.description} ${facts}`);
    for (const one of channel.parameters) yield entry(`parameter of ${channel.name}`, one.name, channel.anchor, `${one.meaning} ${one.values}`);
  }
  for (const { message } of messagesOf(page)) {
    yield entry(message.role, message.name, message.anchor, `${message.title} ${message.description}`);
    for (const shape of [message.shape, ...message.outcomes.map((one) => one.shape)]) yield* fieldsOf(shape, message.name, message.anchor);
  }
  for (const rule of page.rules) {
    yield entry("how it works", rule.title, rule.anchor, `${rule.text} ${rule.more}`);
    for (const row of rule.rows) {
      const [first = "", second = ""] = row.map(plain);
      // A number by itself says little: its name stands beside it.
      yield entry(rule.title.toLowerCase(), /^\d+$/.test(first) ? `${first} ${second}` : first, rule.anchor, row.join(" "));
    }
  }
  for (const type of page.types) {
    yield entry("type", type.name, type.anchor, type.description);
    yield* fieldsOf(type.shape, type.name, type.anchor);
  }
  for (const release of page.changes) {
    for (const one of release.entries) yield entry(`${one.verdict} change in ${release.title}`, one.subject, release.anchor, one.reason);
  }
}

function* fieldsOf(shape: Shape, owner: string, anchor: string): Generator<Entry> {
  for (const field of shape.fields) yield entry(`field of ${owner}`, field.name, anchor, `${field.meaning} ${field.allowed}`);
}

function entry(kind: string, name: string, anchor: string, text: string): Entry {
  return { kind, name, anchor, text: plain(text).toLowerCase() };
}
