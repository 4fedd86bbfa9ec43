/** The Range header (RFC 9110 §14.1.2), one range of bytes at a time: enough to resume a download. */

/**
 * `parseRange("bytes=10-19", 100)` -> bytes 10 to 19, both included. Undefined where the header is absent, of another
 * unit, malformed or of several ranges: the whole is sent then, as a server may. "unsatisfiable" is a 416.
 */
export function parseRange(header: string | undefined, bytes: number): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, from, to] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const last = Math.min(Number(to), bytes);
    return last === 0 ? "unsatisfiable" : { start: bytes - last, end: bytes - 1 };
  }
  const [start, end] = [Number(from), to === "" ? bytes - 1 : Math.min(Number(to), bytes - 1)];
  if (to !== "" && Number(to) < start) return undefined;
  return start >= bytes ? "unsatisfiable" : { start, end };
}
