/** Dark or light: what the reader chose, else what the system prefers. */

export type Theme = "dark" | "light";

const KEY = "tapewire.theme";
const preference = window.matchMedia("(prefers-color-scheme: light)");

/** The theme that is shown now. */
export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen === "dark" || chosen === "light") return chosen;
  return preference.matches ? "light" : "dark";
}

/**
 * Applies the remembered choice, lets `button` switch it, and calls `changed` after every switch, the system's included.
 */
export function installTheme(button: HTMLElement, changed: (theme: Theme) => void): void {
  const remembered = recall();
  if (remembered !== null) document.documentElement.dataset["theme"] = remembered;
  const announce = (): void => {
    button.setAttribute("aria-label", currentTheme() === "dark" ? "Use light colours" : "Use dark colours");
    changed(currentTheme());
  };
  button.addEventListener("click", () => {
    const next: Theme = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    remember(next);
    announce();
  });
  preference.addEventListener("change", announce);
  announce();
}

// Storage may be forbidden (private windows, embedded pages); the choice then lasts as long as the page.
function recall(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "dark" || value === "light" ? value : null;
  } catch {
    return null;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return;
  }
}
