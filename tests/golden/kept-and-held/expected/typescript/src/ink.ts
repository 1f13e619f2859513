// Generated from asyncapi.yaml. Do not edit; this is a copy of typescript/ink.ts beside it.

/** The colour of a line by how fast the wind is. */
export function ink(knots: number): string {
  return knots > 50 ? "red" : "black";
}
