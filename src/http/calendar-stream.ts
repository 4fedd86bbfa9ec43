/** A calendar as a stream: one page of events is written while the next is read, and no more than these two are held. */
import { setImmediate } from "node:timers/promises";
import type { Database } from "../db/database.ts";
import { listEvents, type EventFilters } from "../db/lists.ts";
import type { EventState } from "../domain/state.ts";
import { calendarHead, createCalendarBody, type CalendarHead, type CalendarOptions } from "../icalendar/encode.ts";
import type { Search } from "../search/search.ts";

const PAGE = 500;
/** The most that search gives at once. */
const FOUND_PAGE = 200;

export type EventPages = AsyncGenerator<readonly EventState[], void, void>;

/** All events that match, in the order in which they came: what changes meanwhile is neither skipped nor told twice. */
export async function* eventPages(database: Database, filters: EventFilters): EventPages {
  for (let after: { key: string; id: string } | undefined, more = true; more;) {
    const request = { sort: "created" as const, descending: false, limit: PAGE, ...(after !== undefined && { after }) };
    const page = await database.read((on) => listEvents(on, filters, request));
    yield page.rows.map(({ state }) => state);
    after = page.rows.at(-1);
    more = page.more;
  }
}

/** All events that have these words, as the list finds them. */
export async function* foundPages(search: Search, filters: EventFilters, { q, timezone }: { q: string; timezone: string }): EventPages {
  for (let after: string | undefined, more = true; more;) {
    const { hits, next } = await search.find({
      q,
      filters,
      mode: "lexical",
      sort: "start",
      limit: FOUND_PAGE,
      ...(after !== undefined && { after }),
      bound: { q, "": "calendar" },
      facets: [],
      explain: false,
      highlight: false,
      timezone,
      strict: true,
    });
    yield hits.map(({ event }) => event);
    after = next;
    more = next !== undefined;
  }
}

/** Characters: so much is written at once, and then others have their turn. */
const PIECE = 64 * 1024;

export interface StreamOptions extends Omit<CalendarOptions, "since"> {
  /** Told of an event that no calendar can say, such as one in a year of five digits; the others are written without it. */
  leftOut: (event: EventState, error: unknown) => void;
}

/**
 * The calendar's bytes, read only as fast as they are taken. Ends broken off, without END:VCALENDAR, when the events cannot be
 * read to their end.
 */
export function calendarStream(pages: EventPages, head: CalendarHead, options: StreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pieces = piecesOf(pages, head, options);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value: text, done } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(
  pages: EventPages,
  head: CalendarHead,
  { leftOut, ...options }: StreamOptions,
): AsyncGenerator<string, void, void> {
  const body = createCalendarBody({ ...options, since: 0 });
  const written = (state: EventState): string => {
    try {
      return body.write(state);
    } catch (error) {
      leftOut(state, error);
      return "";
    }
  };
  const readAhead = () => {
    const next = pages.next();
    // Whoever pulls next is told; perhaps nobody does.
    next.catch(() => undefined);
    return next;
  };
  let ahead = readAhead();
  yield calendarHead(head);
  for (;;) {
    const { value: states, done } = await ahead;
    if (done === true) break;
    ahead = readAhead();
    let text = "";
    for (const state of states) {
      text += written(state);
      if (text.length < PIECE) continue;
      yield text;
      text = "";
      await setImmediate();
    }
    if (text !== "") yield text;
  }
  yield body.end();
}
