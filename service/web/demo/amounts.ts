/** Money and quantities: decimal text, which is written out without ever being a number. */

/** With commas, and a true minus. */
export function amount(text: string): string {
  const [, sign = "", units = "", rest = ""] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
  if (units === "") return text;
  return `${sign && "−"}${units.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}`;
}

/** A gain or a loss, with its sign; nothing has none. */
export function gain(text: string): string {
  return directionOfAmount(text) === "up" ? `+${amount(text)}` : amount(text);
}

export function directionOfAmount(text: string): "up" | "down" | "flat" {
  if (!/[1-9]/.test(text)) return "flat";
  return text.startsWith("-") ? "down" : "up";
}

/** Without the zeros at its end, but with as many decimals as another amount has. */
export function shorter(text: string, other: string): string {
  const least = (other.split(".")[1] ?? "").length;
  const [units = "", decimals = ""] = text.split(".");
  const kept = decimals.slice(0, least) + decimals.slice(least).replace(/0+$/, "");
  return kept === "" ? units : `${units}.${kept}`;
}
