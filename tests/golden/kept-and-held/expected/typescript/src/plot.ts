// Generated from asyncapi.yaml. Do not edit; this is a copy of typescript/plot.ts beside it.

import type { Layer } from "./models.js";

/** One line of a diagram. */
export function line(layer: Layer): string {
  return `${layer.metres}: ${layer.knots}`;
}
