// Generated from asyncapi.yaml. Do not edit; this is a copy of typescript/plot.ts beside it.

/**
 * Draws a diagram:
 *
 *     layers.map(line).join("\n");
 */
import { ink } from "./ink.js";
import type { Layer } from "./models.js";

/** One line of a diagram. */
export function line(layer: Layer): string {
  return `${layer.metres}: ${layer.knots} (${ink(layer.knots)})`;
}
