/** The interactive documentation: the contract as the generator tells it, its changes, and a console to try it. */

import { byId, setText } from "../shared/dom.js";
import { installTheme } from "../shared/theme.js";
import { changelog } from "./changelog.js";
import { Console } from "./console.js";
import { Judge } from "./judge.js";
import { Navigation } from "./navigation.js";
import type { Page } from "./page.js";
import { reference } from "./reference.js";
import { Search } from "./search.js";

const REFERENCE = "/api/v1/ws/reference.json";

const status = byId("pageStatus", HTMLParagraphElement);
const said = byId("pageSaid", HTMLParagraphElement);

installTheme(byId("themeSwitch", HTMLButtonElement), () => undefined);
try {
  show(await fetchPage());
} catch (error) {
  setText(status, error instanceof Error ? error.message : String(error));
}

async function fetchPage(): Promise<Page> {
  const response = await fetch(REFERENCE, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${REFERENCE} answered ${response.status}; reload the page to try again.`);
  const page: unknown = await response.json();
  if (typeof page !== "object" || page === null || !("channels" in page)) throw new Error(`${REFERENCE} is no reference.`);
  return page as Page;
}

function show(page: Page): void {
  document.title = `${page.title} ${page.version}`;
  const root = byId("pageReference", HTMLElement);
  const main = byId("pageMain", HTMLElement);
  const console_ = new Console(page, new Judge(page), location);
  root.append(reference(page, { tryOut: (channel, frame) => console_.tryOut(channel, frame), tell: (words) => setText(said, words) }));
  root.append(changelog(page));
  new Navigation(page, main);
  new Search(page);
  status.remove();
  window.addEventListener("hashchange", arrive);
  arrive();
  root.dataset["ready"] = "true";
}

/** Goes where the address says: the element was not there yet when the browser looked for it. */
function arrive(): void {
  const anchor = decoded(location.hash.slice(1));
  const target = anchor === "" ? null : document.getElementById(anchor);
  if (target === null) return;
  target.scrollIntoView();
  target.focus({ preventScroll: true });
}

function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
