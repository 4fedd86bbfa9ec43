/** The calendar of a venue with 10,000 occurrences over HTTP, against pg that only reads the states of the same events. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import pg from "pg";
import { ulidOf } from "../../src/domain/iri.ts";
import { importEvents, openQuietNode, type Benchmark } from "./context.ts";
import { query } from "./database.ts";
import { interleave } from "./rounds.ts";
import { AUTHORIZATION, freePort, serve } from "./serving.ts";

/** Each an entry of the calendar; as many happen once, but for a few that recur. */
const OCCURRENCES = 10_000;
const SERIES = 20;
const DAY_MS = 86_400_000;

/** `GET /places/{ulid}/calendar.ics`, from the request to the last byte, ÷ one statement of all states; events a second. */
export const benchCalendar: Benchmark = async (bench) => {
  const url = await bench.server.fresh();
  const file = join(bench.folder, "venue.jsonl");
  await writeFile(file, venueEvents(new Date()));
  {
    await using quiet = await openQuietNode(url);
    await importEvents(quiet, file);
  }
  await copyEvening(url, OCCURRENCES - SERIES - 1);
  await query(url, "vacuum analyze");
  const [venue] = await query<{ id: string }>(url, "select id from places");
  const port = await freePort();
  await using node = await serve(url, port);
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  try {
    const path = `/places/${ulidOf(venue!.id)}/calendar.ics`;
    const calendar = () => rate(async () => count(await whole(port, path), "BEGIN:VEVENT\r\n"));
    const rows = () => rate(async () => (await reader.query(STATES, [venue!.id])).rows.length);
    await calendar();
    await rows();
    const rounds = await node.blame(interleave(bench.rounds, calendar, rows));
    await node.stop();
    bench.say("calendar of a venue: done");
    return [
      {
        name: "venue's calendar",
        what: `GET /places/{ulid}/calendar.ics of ${OCCURRENCES} events (${SERIES} of them series) ÷ pg that reads their states in one statement`,
        unit: "events/s",
        target: 0.5,
        rounds,
      },
    ];
  } finally {
    await reader.end();
    await bench.server.drop(url);
  }
};

const STATES = "select s.state from entity_states('event', array(select id from events where primary_venue_id = $1)) s";

async function rate(work: () => Promise<number>): Promise<number> {
  const started = process.hrtime.bigint();
  const events = await work();
  if (events !== OCCURRENCES) throw new Error(`expected ${OCCURRENCES} events, found ${events}`);
  return events / (Number(process.hrtime.bigint() - started) / 1e9);
}

async function whole(port: number, path: string): Promise<Buffer> {
  const asked = request({ port, host: "127.0.0.1", path, headers: AUTHORIZATION }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`);
  return Buffer.concat(parts);
}

function count(body: Buffer, line: string): number {
  let found = 0;
  for (let at = body.indexOf(line); at >= 0; at = body.indexOf(line, at + line.length)) found++;
  return found;
}

/** One evening that happens once, and some that recur; of one venue, with what such events have. */
function venueEvents(now: Date): string {
  const day = new Date(now.getTime() + DAY_MS).toISOString().slice(0, 10);
  const lines = Array.from({ length: SERIES + 1 }, (_, n) => ({
    "@context": "https://schema.org",
    "@type": "MusicEvent",
    "@id": `https://calendar.example/evenings/${n}`,
    name: `Evening ${n}: quartet, guests and friends`,
    startDate: `${day}T${10 + Math.floor(n / 2)}:${n % 2 === 0 ? "00" : "30"}:00`,
    description: `The ${n}th evening of this house. Improvised music in two sets; doors open an hour before, the bar is open throughout.`,
    url: `https://calendar.example/evenings/${n}`,
    image: `https://calendar.example/images/${n}.jpg`,
    keywords: ["jazz", "improvised music"],
    offers: { "@type": "Offer", price: "15.00", priceCurrency: "CAD" },
    organizer: { "@type": "Organization", name: "The House" },
    performer: [{ "@type": "MusicGroup", name: `Quartet ${n}` }],
    location: {
      "@type": "Place",
      name: "The House",
      address: {
        "@type": "PostalAddress",
        streetAddress: "1 Queen St W",
        addressLocality: "Toronto",
        addressRegion: "ON",
        addressCountry: "CA",
      },
      geo: { "@type": "GeoCoordinates", latitude: 43.65, longitude: -79.38 },
    },
    ...(n > 0 && { eventSchedule: { "@type": "Schedule", repeatFrequency: "P1W", repeatCount: 52, scheduleTimezone: "America/Toronto" } }),
  }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Copies the evening that happens once, day by day, past the registry: to submit as many takes minutes, and is measured elsewhere. */
async function copyEvening(url: string, times: number): Promise<void> {
  const copied = async (table: string, changes: string, one: string) => {
    const columns = await query<{ name: string }>(
      url,
      "select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
      [table],
    );
    const names = columns.map(({ name }) => `"${name}"`).join(", ");
    // The id of the copy n of an event is made of n, so that what belongs to the event finds it.
    await query(
      url,
      `set session_replication_role = replica; insert into ${table} (${names}) select ${columns.map(({ name }) => `(r)."${name}"`).join(", ")} from (
        select jsonb_populate_record(t, ${changes}) as r from ${table} t, generate_series(1, ${times}) n where ${one}) copies`,
    );
  };
  const id = "lpad(to_hex(n), 32, '0')::uuid";
  const [evening] = await query<{ id: string }>(url, "select id from events where name like 'Evening 0:%'");
  const own = `event_id = '${evening!.id}'`;
  await copied(
    "events",
    `jsonb_build_object('id', ${id}, 'name', 'Evening ' || n || ': quartet, guests and friends', 'public_url', t.public_url || n)`,
    `id = '${evening!.id}'`,
  );
  await copied(
    "event_occurrences",
    `jsonb_build_object('id', gen_random_uuid(), 'event_id', ${id}, 'start_at', t.start_at + n * interval '1 day')`,
    own,
  );
  await copied("event_performers", `jsonb_build_object('event_id', ${id})`, own);
  await copied("event_sources", `jsonb_build_object('id', gen_random_uuid(), 'event_id', ${id}, 'record_key', null)`, own);
}
