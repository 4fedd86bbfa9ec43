/**
 * Lists by local time against a plain look at every occurrence in memory: weekdays, hours, local days, instants, what goes on
 * at a moment, where each occurrence is held; one row an event or one an occurrence, in both orders, at any page size.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { listEvents, type EventFilters, type EventPageRequest, type ListRow, type RowKey } from "../../src/db/lists.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import type { EventState } from "../../src/domain/state.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { analyze, insertEvents, makeEvents, PLACES, writeWorld } from "../support/search-made.ts";
import { metres, type PlainEvent, type PlainOccurrence } from "../support/search-oracle.ts";

const PUBLIC = LIFECYCLE_STATES.filter(isPublic);
const [MINUTE, DAY] = [60_000, 24 * 3_600_000];

/** An occurrence with what the search's ones lack: how long it goes on, and whether it takes place. */
interface Occasion extends PlainOccurrence {
  event: PlainEvent;
  /** Its number in the event. */
  n: number;
  /** Milliseconds, or (of a date) how many days it lasts; absent where no end is told. */
  end?: number;
  days?: number;
  cancelled: boolean;
}

let shared: TestDatabase;
let occasions: Occasion[];

beforeAll(async () => {
  shared = await openTestDatabase();
  await writeWorld(shared.database);
  const events = makeEvents(400, 20_261_121).filter(({ state }) => state !== "deleted");
  occasions = events.flatMap((event, at) =>
    event.occurrences.map((one, n) => lasting({ ...one, event, n, cancelled: (at + n) % 11 === 0 }, at + n)),
  );
  await shared.database.transact((tx) => insertEvents(tx, events));
  await shared.database.transact(async (tx) => {
    const rows = occasions.map(({ event, n, end, days, cancelled, day }) => ({
      event: event.id,
      n,
      end: end === undefined ? undefined : new Date(end).toISOString(),
      lastDay: days === undefined ? undefined : laterDay(day, days - 1),
      status: cancelled ? "EventCancelled" : undefined,
    }));
    await sql`update event_occurrences o set end_at = coalesce(x.end, x."lastDay"::timestamp at time zone o.timezone), end_is_date = x."lastDay" is not null, event_status = x.status
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) x(event uuid, n int, "end" timestamptz, "lastDay" date, status text)
      where o.event_id = x.event and o.sequence_number = x.n`.execute(kyselyOf(tx));
  });
  await analyze(shared.database);
}, 120_000);
afterAll(() => shared?.[Symbol.asyncDispose]());

function lasting(one: Occasion, seed: number): Occasion {
  if (one.minutes === undefined) return seed % 2 === 0 ? one : { ...one, days: 1 + (seed % 9) };
  return seed % 4 === 0 ? one : { ...one, end: one.start + (seed % 5 === 0 ? 20 * DAY : (seed % 300) * MINUTE) };
}
const laterDay = (day: string, days: number) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

// The same filters, said plainly. No zone of these occurrences changes its clocks while one of them lasts.

const midnightOf = ({ start, minutes = 0 }: Occasion) => start - minutes * MINUTE;
const overAt = (one: Occasion) => one.end ?? midnightOf(one) + (one.days ?? 1) * DAY;
const placeOf = (one: Occasion) => one.place ?? one.event.place;
const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase();
const between = (minutes: number, { from, until }: { from: number; until: number }) =>
  from <= until ? minutes >= from && minutes <= until : minutes >= from || minutes <= until;

function passes({ startDate, endDate, days, hours, starts, on, city, near, venue, domain, states }: EventFilters, one: Occasion): boolean {
  const place = placeOf(one);
  return (
    states.includes(one.event.state) &&
    (domain === undefined || one.event.domain === domain) &&
    (startDate === undefined || one.day >= startDate) &&
    (endDate === undefined || one.day <= endDate) &&
    (days === undefined || days.includes(new Date(`${one.day}T00:00:00Z`).getUTCDay() || 7)) &&
    (hours === undefined || (one.minutes !== undefined && between(one.minutes, hours))) &&
    (starts?.from === undefined || one.start >= starts.from) &&
    (starts?.until === undefined || one.start < starts.until) &&
    (on === undefined || (one.start <= on && on < overAt(one) && !one.cancelled)) &&
    (city === undefined || same(place?.city, city)) &&
    (near === undefined || (place?.spot !== undefined && metres(near, place.spot) <= near.radius)) &&
    (venue === undefined || ("id" in venue && place?.id === venue.id))
  );
}

type Shape = Pick<EventPageRequest, "descending"> & { sort: "start" | "name"; per: "event" | "occurrence" };

/** "event start which", or "event" where the order is none of time. */
function expected(filters: EventFilters, { per, sort, descending }: Shape): string[] {
  const compare = (a: (string | number)[], b: (string | number)[]) => {
    const at = a.findIndex((part, i) => part !== b[i]);
    return at === -1 ? 0 : (a[at]! < b[at]! ? -1 : 1) * (descending ? -1 : 1);
  };
  const passing = occasions
    .filter((one) => passes(filters, one))
    .map((one) => ({ id: one.event.id, name: one.event.name.toLowerCase(), start: one.start, which: String(one.n) }))
    .toSorted((a, b) => compare([a.start, a.id, a.which], [b.start, b.id, b.which]));
  if (per === "occurrence") return passing.map(({ id, start, which }) => `${id} ${new Date(start).toISOString()} ${which}`);
  const seen = new Set<string>();
  const firsts = passing.filter(({ id }) => !seen.has(id) && seen.add(id));
  if (sort === "start") return firsts.map(({ id, start }) => `${id} ${new Date(start).toISOString()}`);
  return firsts.toSorted((a, b) => compare([a.name, a.id], [b.name, b.id])).map(({ id }) => id);
}

async function listed(filters: EventFilters, shape: Shape, limit: number): Promise<string[]> {
  const rows: ListRow<EventState>[] = [];
  for (let after: RowKey | undefined; ;) {
    const page = await shared.database.read((on) => listEvents(on, filters, { ...shape, limit, ...(after && { after }) }));
    rows.push(...page.rows);
    after = page.rows.at(-1);
    if (!page.more) break;
    if (page.rows.length !== limit) throw new Error("a page that is not the last is not full");
  }
  return rows.map(({ id, key, which, state }) => {
    expect(state.id).toBe(id);
    return shape.sort === "name" ? id : [id, new Date(key).toISOString(), ...(which === undefined ? [] : [which])].join(" ");
  });
}

/** Most filters take after one occurrence, so that several together still find something. */
const asked = fc.record(
  {
    startDate: fc.nat(9),
    endDate: fc.nat(20),
    days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { maxLength: 3 }),
    hours: fc.tuple(fc.nat(200), fc.constantFrom(0, 1, 59, 60, 299, 1_300)),
    from: fc.nat(20 * 24),
    until: fc.nat(40 * 24),
    on: fc.tuple(fc.nat(3 * 24 * 60), fc.boolean()),
    city: fc.constantFrom("toronto", "BERLIN", "Nowhere"),
    radius: fc.constantFrom(900, 30_000, 200_000),
    venue: fc.boolean(),
    domain: fc.constant(true),
    states: fc.constantFrom(["published"] as const, ["cancelled", "sold_out"] as const),
  },
  { requiredKeys: [] },
);
const question = fc.tuple(fc.nat(100_000), asked, fc.subarray(["startDate", "endDate", "days", "hours", "from", "until", "on", "city", "radius", "venue", "domain", "states"] as const, { maxLength: 4 })); // prettier-ignore

function filtersOf([model, given, kept]: ReturnType<typeof question.generate>["value"]): EventFilters {
  const like = occasions[model % occasions.length]!;
  const { startDate, endDate, days, hours, from, until, on, city, radius, venue, domain, states } = Object.fromEntries(
    Object.entries(given).filter(([name]) => (kept as readonly string[]).includes(name)),
  ) as typeof given;
  const place = placeOf(like);
  const first = like.minutes === undefined || hours === undefined ? 0 : Math.max(0, like.minutes - hours[0]);
  return {
    states: states ?? PUBLIC,
    ...(startDate !== undefined && { startDate: laterDay(like.day, -startDate) }),
    ...(endDate !== undefined && { endDate: laterDay(like.day, endDate) }),
    ...(days !== undefined && { days: [...days, new Date(`${like.day}T00:00:00Z`).getUTCDay() || 7] }),
    ...(hours !== undefined && { hours: { from: first, until: (first + hours[0] + hours[1]) % 1_440 } }),
    ...((from !== undefined || until !== undefined) && {
      starts: {
        ...(from !== undefined && { from: like.start - (from >> 1) * 3_600_000 * (from % 2) }),
        ...(until !== undefined && { until: like.start + until * 3_600_000 }),
      },
    }),
    ...(on !== undefined && { on: on[1] ? overAt(like) - (on[0] % 2) : like.start + on[0] * MINUTE }),
    ...(city !== undefined && { city: place?.city ?? city }),
    ...(radius !== undefined && { near: { latitude: 43.6513, longitude: -79.3817, ...place?.spot, radius: clear(place?.spot, radius) } }),
    ...(venue !== undefined && { venue: { id: place?.id ?? PLACES[0]!.id } }),
    ...(domain !== undefined && { domain: like.event.domain }),
  };
}

/** Never with a place on its brink, where half a percent decides. */
function clear(spot: { latitude: number; longitude: number } | undefined, radius: number): number {
  const middle = spot ?? { latitude: 43.6513, longitude: -79.3817 };
  const distances = PLACES.flatMap((one) => (one.spot === undefined ? [] : [metres(middle, one.spot)]));
  let found = radius;
  while (distances.some((distance) => Math.abs(distance / found - 1) < 0.005)) found *= 1.003;
  return found;
}

const shape = fc.oneof(
  fc.record({
    sort: fc.constant("start" as const),
    per: fc.constantFrom("event" as const, "occurrence" as const),
    descending: fc.boolean(),
  }),
  fc.record({ sort: fc.constant("name" as const), per: fc.constant("event" as const), descending: fc.boolean() }),
);

describe("a list by local time", () => {
  test("holds what a look at every occurrence finds, in the same order, whatever the page size", async () => {
    let rowsSeen = 0;
    await fc.assert(
      fc.asyncProperty(question, shape, fc.constantFrom(3, 20, 200), async (given, how, limit) => {
        const filters = filtersOf(given);
        const should = expected(filters, how);
        rowsSeen += should.length;
        // Small pages of a long list say nothing that those of a shorter one do not.
        expect(await listed(filters, how, Math.max(limit, Math.ceil(should.length / 10)))).toEqual(should);
      }),
      { numRuns: 100, seed: 5 },
    );
    expect(rowsSeen).toBeGreaterThan(1_000);
  });

  test("a list that forgets one of the filters is found out (the control)", async () => {
    const noon = Date.parse("2026-06-10T12:00:00Z");
    const filters: EventFilters = { states: PUBLIC, days: [5], hours: { from: 900, until: 120 }, starts: { from: noon - 30 * DAY } };
    const how = { sort: "start", per: "occurrence", descending: false } as const;
    for (const forgotten of ["days", "hours", "starts"] as const) {
      const { [forgotten]: _, ...rest } = filters;
      expect(await listed(rest as EventFilters, how, 200)).not.toEqual(expected(filters, how));
    }
    expect(await listed({ states: PUBLIC }, how, 200)).not.toEqual(expected({ states: PUBLIC, on: noon }, how));
  });

  test("is of occurrences of every sort (without which it would prove nothing)", () => {
    const some = (what: (one: Occasion) => boolean) => expect(occasions.filter(what).length).toBeGreaterThan(20);
    some((one) => one.minutes === undefined && one.days === undefined);
    some((one) => one.minutes === undefined && (one.days ?? 0) > 1);
    some((one) => one.minutes !== undefined && one.end === undefined);
    some((one) => one.end !== undefined && one.end - one.start > DAY);
    some((one) => one.place !== undefined && one.event.place !== undefined && one.place.id !== one.event.place.id);
    some((one) => one.cancelled);
  });
});
