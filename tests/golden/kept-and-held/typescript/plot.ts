import type { Layer } from "./models.js";

/** One line of a diagram. */
export function line(layer: Layer): string {
  return `${layer.metres}: ${layer.knots}`;
}
