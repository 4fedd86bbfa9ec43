/** Loads the corpus' relational core by COPY, its triggers off and its secondary indexes made afterwards. */
import { query } from "../database.ts";
import { makeCast } from "./cast.ts";
import { CITIES } from "./cities.ts";
import { copyInto } from "./copy.ts";
import { drawEvents, PEERS } from "./events.ts";
import { withoutIndexes } from "./indexes.ts";
import { chance } from "./random.ts";
import { makeWording } from "./wording.ts";

const TABLES = ["places", "organizations", "persons", "events", "event_occurrences", "event_performers", "event_sources"];
const SOURCES = 12;
/** The corpus is as of this day. */
const NOW = Date.UTC(2026, 4, 22);
const YEAR = 365 * 86_400_000;

export interface Corpus {
  events: number;
  seed: number;
}

/** Fills an empty migrated database; the same seed and vocabulary make the same rows. */
export async function loadBase(url: string, { events, seed }: Corpus): Promise<void> {
  const by = chance(seed);
  const wording = makeWording();
  // Ids as the registry mints them: the time of making, then chance.
  let minted = 0;
  const total = events * (1 + 1 / 40 + 1 / 30 + 1 / 10);
  const mint = () => {
    const time = Math.floor(NOW - YEAR + (minted++ / total) * YEAR)
      .toString(16)
      .padStart(12, "0");
    const rest = by.hex(10);
    return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
  };
  const bytes = () => `\\x${by.hex(32)}`;
  const sources = Array.from({ length: SOURCES }, mint);
  const peers = Array.from({ length: PEERS }, mint);
  const cast = makeCast(events, by, wording, mint);
  await query(
    url,
    `insert into sources (id, name, type, trust_level, license_status)
    select id::uuid, 'calendar ' || n, 'api', 3 + n % 6, 'cc-by' from unnest($1::text[]) with ordinality as x (id, n)`,
    [sources],
  );
  await query(
    url,
    `insert into federation_nodes (id, base_url, name, trust_level)
    select id::uuid, 'https://peer' || n || '.example', 'Peer ' || n, 4 + n from unnest($1::text[]) with ordinality as x (id, n)`,
    [peers],
  );
  await withoutIndexes(url, TABLES, async () => {
    const places = copyInto(url, "places", [
      "id",
      "match_key",
      "name",
      "place_type",
      "street_address",
      "locality",
      "region",
      "country",
      "latitude",
      "longitude",
    ]);
    for (const { id, name, street, city, latitude, longitude } of cast.venues) {
      const { name: locality, region, country } = CITIES[city]!;
      await places.row([id, bytes(), name, "Place", street, locality, region, country, latitude, longitude]);
    }
    const organizations = copyInto(url, "organizations", ["id", "match_key", "name"]);
    const persons = copyInto(url, "persons", ["id", "match_key", "name"]);
    for (const { id, name } of cast.organizers) await organizations.row([id, bytes(), name]);
    for (const { id, name, kind } of cast.performers) await (kind === "person" ? persons : organizations).row([id, bytes(), name]);
    await Promise.all([places.end(), organizations.end(), persons.end()]);

    const rows = copyInto(url, "events", [
      "id", "schema_type", "name", "description", "lifecycle_state", "event_status", "attendance_mode", "organizer_id", "primary_venue_id",
      "image_url", "public_url", "virtual_url", "keywords", "in_language", "is_accessible_for_free", "accessibility_features", "event_domain",
      "offers", "price_low", "price_high", "price_currency", "origin_node_id", "federation_uri", "license_status", "dedup_key", "content_hash",
    ]); // prettier-ignore
    const occurrences = copyInto(url, "event_occurrences", [
      "id",
      "event_id",
      "sequence_number",
      "start_at",
      "end_at",
      "timezone",
      "start_is_date",
      "end_is_date",
      "venue_id",
    ]);
    const performers = copyInto(url, "event_performers", ["event_id", "position", "organization_id", "person_id"]);
    const records = copyInto(url, "event_sources", [
      "id", "source_id", "event_id", "record_key", "record_uri", "payload", "payload_hash", "media_type", "submission", "decoder_version",
      "match_key", "name_key", "start_key", "observed_at", "last_seen_at",
    ]); // prettier-ignore
    let n = 0;
    for (const event of drawEvents(events, by, cast, wording, mint)) {
      const { id, name, price, origin } = event;
      const page = `https://calendar.example/${n++}`;
      const offers =
        price &&
        JSON.stringify([
          { price: String(price.low), ...(price.high > price.low && { highPrice: String(price.high) }), priceCurrency: price.currency },
        ]);
      await rows.row([
        id, event.type, name, event.description, event.lifecycle, event.status,
        event.venue === undefined ? "OnlineEventAttendanceMode" : "OfflineEventAttendanceMode", event.organizer?.id, event.venue?.id,
        by.likely(0.5) ? `${page}.jpg` : undefined, page, event.virtualUrl, event.keywords, event.languages, event.free, event.accessibility,
        event.domain, offers, event.free ? 0 : price?.low, event.free ? 0 : price?.high, price?.currency,
        origin === undefined ? undefined : peers[origin], origin === undefined ? undefined : `https://peer${origin + 1}.example/events/${n}`,
        "cc-by", bytes(), bytes(),
      ]); // prettier-ignore
      for (const [sequence, one] of event.occurrences.entries())
        await occurrences.row([
          mint(),
          id,
          sequence,
          one.start,
          one.end,
          one.timezone,
          one.allDay,
          one.allDay && one.end !== undefined,
          one.venue?.id,
        ]);
      for (const [position, one] of event.performers.entries())
        await performers.row([id, position, one.kind === "organization" ? one.id : undefined, one.kind === "person" ? one.id : undefined]);
      const seen = new Date(NOW - by.below(YEAR)).toISOString();
      await records.row([
        mint(),
        sources[by.skewed(SOURCES)]!,
        id,
        page,
        page,
        "{}",
        bytes(),
        "application/ld+json",
        "{}",
        1,
        bytes(),
        name.toLowerCase(),
        event.occurrences[0]!.start,
        seen,
        seen,
      ]);
    }
    await Promise.all([rows.end(), occurrences.end(), performers.end(), records.end()]);
  });
}
