/** What changed in the contract, release by release: made from diffs, and shown as it was written. */

import { make } from "../shared/dom.js";
import { blocks } from "./markdown.js";
import { heading } from "./reference.js";

const ADDRESS = "/api/v1/ws/changelog.md";
export const ANCHOR = "changes";

/** The changelog as a part of the page; null where the contract has none. */
export async function changelog(): Promise<HTMLElement | null> {
  const response = await fetch(ADDRESS);
  if (response.status !== 200) return null;
  const text = (await response.text()).replace(/<!--[\s\S]*?-->/g, "").trim();
  if (text === "") return null;
  const section = make("section", "changelog");
  section.append(heading(2, "Changes", ANCHOR));
  const ids = new Set<string>();
  // Its own title would say again what the heading says.
  const rest = text.replace(/^# .*\n/, "");
  section.append(
    blocks(rest, {
      below: 1,
      named: (element) => {
        const base = `${ANCHOR}-${(element.textContent ?? "").toLowerCase().replace(/[^\w]+/g, "-").replace(/^-|-$/g, "")}`;
        let id = base;
        for (let number = 1; ids.has(id); number += 1) id = `${base}-${number}`;
        ids.add(id);
        element.id = id;
        element.tabIndex = -1;
      },
    }),
  );
  // Its links lead to files beside it, and to its own headings by their own names: neither is here.
  for (const link of section.querySelectorAll("a:not(.here)")) {
    const target = link.getAttribute("href") ?? "";
    if (target.startsWith("#") && document.getElementById(target.slice(1)) === null) link.replaceWith(...link.childNodes);
  }
  return section;
}
