/** Tables that stay tables for those who hear the page, and become lists of cards where it is narrow. */

import { make } from "../shared/dom.js";
import { inline } from "./markdown.js";
import type { Shape } from "./page.js";

/** A name or a constant, which is read in one piece; whatever else may be broken where the line ends. */
const NAME = /^"?[\w.:-]{1,40}"?$/;

/** A table of Markdown texts, without the columns that are empty; `what` says to those who do not see it what it is a table of. */
export function tableOf(what: string, all: readonly string[], cells: readonly (readonly string[])[]): HTMLElement {
  const kept = all.map((_, index) => index).filter((index) => cells.some((row) => (row[index] ?? "") !== ""));
  const columns = kept.map((index) => all[index] ?? "");
  const rows = cells.map((row) => kept.map((index) => row[index] ?? ""));
  const table = make("table", "stacks");
  table.setAttribute("role", "table");
  const caption = make("caption", "hush", what);
  const head = make("tr");
  head.setAttribute("role", "row");
  for (const column of columns) {
    const cell = make("th", "", column);
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    head.append(cell);
  }
  const top = make("thead");
  top.setAttribute("role", "rowgroup");
  top.append(head);
  const body = make("tbody");
  body.setAttribute("role", "rowgroup");
  for (const row of rows) {
    const line = make("tr");
    line.setAttribute("role", "row");
    for (const [index, text] of row.entries()) {
      const cell = make(index === 0 ? "th" : "td");
      cell.setAttribute("role", index === 0 ? "rowheader" : "cell");
      if (cell.tagName === "TH") (cell as HTMLTableCellElement).scope = "row";
      cell.dataset["label"] = columns[index] ?? "";
      cell.append(inline(text));
      for (const part of cell.querySelectorAll("code")) part.classList.toggle("name", NAME.test(part.textContent));
      if (text === "") cell.classList.add("empty");
      line.append(cell);
    }
    body.append(line);
  }
  table.append(caption, top, body);
  const scroller = make("div", "table-scroller");
  scroller.append(table);
  return scroller;
}

/** What a schema allows. */
export function shapeOf(what: string, shape: Shape): DocumentFragment {
  const fragment = document.createDocumentFragment();
  if (shape.fields.length > 0) {
    fragment.append(
      tableOf(
        `Fields of ${what}`,
        ["field", "type", "allowed", "default", "meaning"],
        shape.fields.map((field) => [
          `${code(field.name)}${field.required ? " **required**" : ""}`,
          field.type,
          field.allowed,
          field.default,
          field.meaning,
        ]),
      ),
    );
  }
  for (const text of [shape.what, shape.rest]) {
    if (text === "") continue;
    const paragraph = make("p");
    paragraph.append(inline(text));
    fragment.append(paragraph);
  }
  return fragment;
}

/** A text as Markdown's code. */
export function code(text: string): string {
  const ticks = text.includes("`") ? "``" : "`";
  return `${ticks}${text}${ticks}`;
}
