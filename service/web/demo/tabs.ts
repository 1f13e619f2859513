/** A row of tabs, of which one's panel is shown. */

import { byId } from "../shared/dom.js";

export class Tabs {
  readonly #tabs: readonly HTMLButtonElement[];

  constructor(id: string) {
    const list = byId(id, HTMLDivElement);
    this.#tabs = [...list.querySelectorAll("button")];
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.#show(tab));
    // As tabs are gone through by keyboard everywhere: arrows move, and what one comes to is shown.
    list.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const at = this.#tabs.findIndex((tab) => tab.ariaSelected === "true");
      const next = step === undefined ? undefined : this.#tabs.at((at + step) % this.#tabs.length);
      if (next === undefined) return;
      this.#show(next);
      next.focus();
    });
  }

  #show(shown: HTMLButtonElement): void {
    for (const tab of this.#tabs) {
      tab.ariaSelected = String(tab === shown);
      tab.tabIndex = tab === shown ? 0 : -1;
      byId(tab.getAttribute("aria-controls") ?? "", HTMLElement).hidden = tab !== shown;
    }
  }
}
