/** The list of all there is, beside the page: it follows the reader, and on a narrow screen it opens over the page. */

import { breakable, byId, make } from "../shared/dom.js";
import { isSent, type Channel, type Message, type Page } from "./page.js";

export class Navigation {
  readonly #root = byId("pageContents", HTMLElement);
  readonly #toggle = byId("contentsToggle", HTMLButtonElement);
  readonly #list = byId("contentsList", HTMLDivElement);
  readonly #links = new Map<string, HTMLAnchorElement>();
  readonly #main: HTMLElement;

  constructor(page: Page, main: HTMLElement) {
    this.#main = main;
    this.#list.append(this.#group("Start", [this.#link("pageTop", "Overview"), this.#link(page.socket, "How it works"), ...page.rules.map((rule) => this.#link(rule.anchor, rule.title, "inner"))]));
    this.#list.append(this.#group("Channels", page.channels.map((channel) => this.#channel(channel))));
    if (page.types.length > 0) {
      const folded = make("details", "channel-links");
      const summary = make("summary");
      summary.append(this.#link(page.types_anchor, `${page.types.length} types`));
      folded.append(summary, ...page.types.map((type) => this.#link(type.anchor, type.name, "inner")));
      this.#list.append(this.#group("Types", [folded]));
    }
    this.#list.append(this.#group("Changes", [this.#link(page.changes_anchor, "All changes"), ...page.changes.map((one) => this.#link(one.anchor, one.title, "inner"))]));
    this.#toggle.addEventListener("click", () => this.#open(this.#toggle.getAttribute("aria-expanded") !== "true"));
    this.#root.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("a") !== null) this.#open(false);
    });
    this.#root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#toggle.getAttribute("aria-expanded") !== "true") return;
      this.#open(false);
      this.#toggle.focus();
    });
    this.#follow();
  }

  #channel(channel: Channel): HTMLElement {
    const details = make("details", "channel-links");
    details.open = true;
    const summary = make("summary");
    summary.append(this.#link(channel.anchor, channel.name));
    details.append(summary);
    if (channel.exchange.length > 0) details.append(this.#link(channel.exchange_anchor, "An exchange", "inner"));
    for (const section of channel.sections) for (const message of section.messages) details.append(this.#message(message));
    if (channel.errors !== "") details.append(this.#link(channel.errors_anchor, "Errors", "inner"));
    return details;
  }

  #message(message: Message): HTMLAnchorElement {
    const link = this.#link(message.anchor, message.name, "inner");
    const arrow = make("span", "way", isSent(message.role) ? "↑" : "↓");
    arrow.setAttribute("role", "img");
    arrow.setAttribute("aria-label", isSent(message.role) ? "sent:" : "received:");
    link.prepend(arrow, "\u00a0");
    return link;
  }

  #group(title: string, entries: readonly HTMLElement[]): HTMLElement {
    const group = make("section");
    const list = make("ul");
    for (const entry of entries) {
      const item = make("li");
      item.append(entry);
      list.append(item);
    }
    group.append(make("h2", "", title), list);
    return group;
  }

  #link(anchor: string, words: string, className = ""): HTMLAnchorElement {
    const link = make("a", className);
    link.append(...breakable(words));
    link.href = `#${anchor}`;
    this.#links.set(anchor, link);
    return link;
  }

  #open(open: boolean): void {
    this.#toggle.setAttribute("aria-expanded", String(open));
    this.#root.dataset["open"] = String(open);
  }

  /** Marks the entry of what is being read: the last heading that has passed the upper edge. */
  #follow(): void {
    const headings = [...this.#links.keys()].map((anchor) => document.getElementById(anchor)).filter((one) => one !== null);
    headings.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    let waiting = false;
    const look = (): void => {
      waiting = false;
      const edge = this.#main.getBoundingClientRect().top + 120;
      const ends = this.#main.scrollTop + this.#main.clientHeight >= this.#main.scrollHeight - 2;
      const passed = headings.filter((one) => one.getBoundingClientRect().top <= edge);
      const linked = ends && location.hash !== "" ? headings.find((one) => `#${one.id}` === location.hash) : undefined;
      this.#mark((linked ?? passed.at(-1) ?? headings[0])?.id ?? "");
    };
    this.#main.onscroll = (): void => {
      if (!waiting) requestAnimationFrame(look);
      waiting = true;
    };
    look();
  }

  #mark(anchor: string): void {
    for (const [name, link] of this.#links) {
      if (name !== anchor) link.removeAttribute("aria-current");
      else if (link.getAttribute("aria-current") === null) {
        link.setAttribute("aria-current", "location");
        this.#show(link);
      }
    }
  }

  /** Scrolls the list, and nothing else, so that the entry is in view. */
  #show(link: HTMLElement): void {
    const box = link.getBoundingClientRect();
    const view = this.#list.getBoundingClientRect();
    if (box.height === 0) return;
    if (box.top < view.top + 20) this.#list.scrollTop -= view.top + 60 - box.top;
    else if (box.bottom > view.bottom - 20) this.#list.scrollTop += box.bottom - view.bottom + 60;
  }
}
