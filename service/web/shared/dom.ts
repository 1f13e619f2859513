/** Finding and making elements, typed. */

/** The element with this id; an error names it where the page lacks it or has another kind. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no <${kind.name}> with the id "${id}".`);
  return found;
}

/** A new element with a class and a text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/** Sets a text only where it differs, and in the node that is there, so that values that change often cost little. */
export function setText(element: Element, text: string): void {
  const node = element.firstChild;
  if (!(node instanceof Text) || node.nextSibling !== null) element.textContent = text;
  else if (node.data !== text) node.data = text;
}

/** A dotted name that breaks after its dots rather than within its words, where it has to. */
export function breakable(name: string): (string | HTMLElement)[] {
  return name.split(/(?<=\.)(?=.)/).flatMap((part, index) => (index === 0 ? [part] : [make("wbr"), part]));
}
