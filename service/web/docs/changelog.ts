/** What changed in the contract, release by release, sorted by what it does to clients. */

import { make } from "../shared/dom.js";
import { inline } from "./markdown.js";
import type { Change, Changes, Page } from "./page.js";
import { heading } from "./reference.js";

const VERDICTS = {
  breaking: "Some client is certain to break",
  dangerous: "Some client may break, or mean another thing than before",
  compatible: "No client breaks",
} as const;

/** The changes as a part of the page. */
export function changelog(page: Page): HTMLElement {
  const section = make("section", "changelog");
  section.append(heading(2, "Changes", page.changes_anchor));
  if (page.changes.length === 0) section.append(make("p", "left-out", "No release of this contract came before this one."));
  for (const release of page.changes) section.append(releaseOf(release));
  return section;
}

function releaseOf(release: Changes): HTMLElement {
  const section = make("section", "release");
  section.append(heading(3, release.title, release.anchor));
  if (release.since === "") section.append(make("p", "left-out", "The first release."));
  else if (release.entries.length === 0) section.append(make("p", "left-out", `The same contract as ${release.since}.`));
  for (const verdict of Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]) {
    const entries = release.entries.filter((entry) => entry.verdict === verdict);
    if (entries.length > 0) section.append(...listOf(verdict, entries));
  }
  return section;
}

function listOf(verdict: keyof typeof VERDICTS, entries: readonly Change[]): [HTMLElement, HTMLElement] {
  const title = make("h4", "verdict");
  title.dataset["verdict"] = verdict;
  title.append(make("span", "", verdict), ` ${VERDICTS[verdict]}`);
  const list = make("ul");
  for (const entry of entries) {
    const item = make("li");
    item.append(make("strong", "", entry.subject));
    if (entry.direction !== "") item.append(" ", make("span", "label", entry.direction));
    const reason = make("p");
    reason.append(inline(entry.reason));
    item.append(reason);
    list.append(item);
  }
  return [title, list];
}
