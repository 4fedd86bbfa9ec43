/**
 * Polygons as a query gives them: `lon,lat;lon,lat;…` on a plate carrée map. What is no simple polygon is refused with
 * the sides at fault, as what lies inside it would be a matter of taste.
 */
import { decimalOf } from "./filter-fields.ts";

export type Vertex = readonly [longitude: number, latitude: number];

const LEAST_VERTICES = 3;
export const MOST_VERTICES = 100;

/**
 * "0,0;1,0;1,1" -> [[0,0],[1,0],[1,1]]; or, in words, what is wrong with it. A last vertex that repeats the first is
 * left out, as is one that repeats the vertex before it.
 */
export function parsePolygon(text: string): Vertex[] | string {
  const parts = text.split(";", MOST_VERTICES + 2);
  if (parts.length > MOST_VERTICES + 1) return `expected at most ${MOST_VERTICES} vertices`;
  const vertices: Vertex[] = [];
  for (const [index, part] of parts.entries()) {
    const [longitude = Number.NaN, latitude = Number.NaN, ...rest] = part.split(",").map(decimalOf);
    if (rest.length > 0 || !(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90))
      return `expected longitude,latitude in degrees, parted by semicolons, such as -79.4,43.6;-79.3,43.6;-79.3,43.7; vertex ${index + 1} is none`;
    vertices.push([longitude, latitude]);
  }
  const apart = vertices.filter((vertex, index) => index === 0 || !same(vertex, vertices[index - 1]!));
  if (apart.length > 1 && same(apart[0]!, apart.at(-1)!)) apart.pop();
  if (apart.length < LEAST_VERTICES) return `expected at least ${LEAST_VERTICES} different vertices`;
  if (apart.length > MOST_VERTICES) return `expected at most ${MOST_VERTICES} vertices`;
  return faultOf(apart) ?? apart;
}

/** Of a ring that is not closed: a side too long to say which way round the world it goes, or two that meet. */
function faultOf(ring: readonly Vertex[]): string | undefined {
  const count = ring.length;
  const at = (index: number) => ring[index % count]!;
  for (let one = 0; one < count; one++) {
    if (Math.abs(at(one)[0] - at(one + 1)[0]) > 180)
      return `the side from ${said(at(one))} to ${said(at(one + 1))} spans more than 180 degrees of longitude; a polygon cannot cross the antimeridian: ask for each half, or use bbox`;
    if (foldsBack(at(one), at(one + 1), at(one + 2)))
      return `the sides that meet in ${said(at(one + 1))} lie upon each other; expected a polygon with an inside`;
    for (let other = one + 2; other < count; other++) {
      if (one === 0 && other === count - 1) continue; // they meet in the first vertex, as they should
      if (meet(at(one), at(one + 1), at(other), at(other + 1)))
        return `the side from ${said(at(one))} to ${said(at(one + 1))} meets the one from ${said(at(other))} to ${said(at(other + 1))}; expected sides that do not cross`;
    }
  }
  return undefined;
}

const same = (a: Vertex, b: Vertex): boolean => a[0] === b[0] && a[1] === b[1];
const said = ([longitude, latitude]: Vertex): string => `${longitude},${latitude}`;

/** Positive where c lies left of the line from a to b, 0 on it. */
const turn = (a: Vertex, b: Vertex, c: Vertex): number => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

const foldsBack = (a: Vertex, corner: Vertex, b: Vertex): boolean =>
  turn(a, corner, b) === 0 && (a[0] - corner[0]) * (b[0] - corner[0]) + (a[1] - corner[1]) * (b[1] - corner[1]) > 0;

/** Whether two sides have any point in common, an end included. */
function meet(a: Vertex, b: Vertex, c: Vertex, d: Vertex): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && within(a, b, c)) || (abd === 0 && within(a, b, d)) || (cda === 0 && within(c, d, a)) || (cdb === 0 && within(c, d, b))
  );
}

/** Of a point on the line through a and b: whether it lies between them. */
const within = (a: Vertex, b: Vertex, point: Vertex): boolean =>
  Math.min(a[0], b[0]) <= point[0] &&
  point[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= point[1] &&
  point[1] <= Math.max(a[1], b[1]);
