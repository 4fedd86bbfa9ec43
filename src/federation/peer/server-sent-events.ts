/**
 * Server-Sent Events (WHATWG HTML, 9.2) of a stranger, as far as a nudge needs them: the name of each event and the beginning of its
 * data. However long a line is, no more of it is held.
 */
export interface ServerSentEvent {
  event: string;
  /** The first line of its data, cut. */
  data: string;
  /** True where the line was longer than is held. */
  cut: boolean;
}

const LINE_FEED = 10;
/** Held of a line. */
const MOST_LINE = 64 * 1024;

/** One event after another, until the body ends. */
export async function* eventsOf(body: AsyncIterable<Buffer>, most = MOST_LINE): AsyncGenerator<ServerSentEvent, void, void> {
  const lines = lineReader(most);
  let [event, data, cut] = ["message", undefined as string | undefined, false];
  for await (const chunk of body) {
    // Line by line without a wait in between: a chunk may be nothing but line feeds.
    for (let line = lines.next(chunk); line !== undefined; line = lines.next()) {
      if (line.text === "") {
        if (data !== undefined) yield { event, data, cut };
        [event, data, cut] = ["message", undefined, false];
        continue;
      }
      const [, field, value] = /^(event|data):[ ]?(.*)$/s.exec(line.text) ?? [];
      if (field === "event") event = value!.slice(0, 100);
      if (field === "data" && data === undefined) [data, cut] = [value!, line.isCut];
    }
  }
}

/** `next(chunk)` begins a chunk, `next()` goes on with it; undefined when no whole line is left of it. Lines of other fields are passed over unread. */
function lineReader(most: number): { next(chunk?: Buffer): { text: string; isCut: boolean } | undefined } {
  let [chunk, at] = [EMPTY_CHUNK as Buffer, 0];
  let held: Buffer[] = [];
  let [length, isCut] = [0, false];
  const hold = (end: number): void => {
    const room = Math.max(0, most - length);
    if (end - at > room) isCut = true;
    // A copy: a few held bytes would keep the whole chunk.
    if (room > 0 && end > at) held.push(Buffer.from(chunk.subarray(at, Math.min(end, at + room))));
    length += end - at;
  };
  return {
    next(fresh) {
      if (fresh !== undefined) [chunk, at] = [fresh, 0];
      while (at < chunk.length) {
        const end = chunk.indexOf(LINE_FEED, at);
        if (length === 0 && end >= 0 && !MEANT.has(chunk[at])) {
          at = end + 1;
          continue;
        }
        hold(end < 0 ? chunk.length : end);
        at = end < 0 ? chunk.length : end + 1;
        if (end < 0) break;
        // However many empty lines follow, they say no more than one.
        while (length === 0 && chunk[at] === LINE_FEED) at += 1;
        const line = { text: Buffer.concat(held).toString("utf8").replace(/\r$/, ""), isCut };
        [held, length, isCut] = [[], 0, false];
        return line;
      }
      return undefined;
    },
  };
}
const EMPTY_CHUNK = Buffer.alloc(0);
/** What a line begins with that is read: an end of its own (CR, LF), "data", "event". */
const MEANT: ReadonlySet<number | undefined> = new Set([13, LINE_FEED, 100, 101]);
