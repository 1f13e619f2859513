/** The page's elements, typed; and drawing once a frame, however often something changes. */

/** The element with this id; an error names it where the page lacks it. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no <${kind.name}> with the id "${id}".`);
  return found;
}

/** A new element of a class, with texts as cells. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...cells: string[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  for (const text of cells) element.append(cell(text));
  return element;
}

function cell(text: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

/** Gives a function that has `draw` run before the next picture; once, however often it is called until then. */
export function framed(draw: () => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };
}
