/** The colour of a line by how fast the wind is. */
export function ink(knots: number): string {
  return knots > 50 ? "red" : "black";
}
