/** Writes settled events: finds or makes the places and agents that won, then the rows that point at them. */
import { agentKey, identityKey, placeKey, whereKey } from "../domain/similarity.ts";
import type { AgentMention, PlaceMention } from "../domain/submission.ts";
import type { Tx } from "../db/database.ts";
import { writeEvents, type EventRow, type Origin } from "../db/events.ts";
import { writeSeries, type SeriesRow } from "../db/series.ts";
import { overAt, partsOf, type CanonicalSeries } from "../domain/canonical-series.ts";
import { firstOf } from "../domain/recurrence/expand.ts";
import { upsertAgents, upsertPlaces, type Mention } from "../db/mentions.ts";
import { betterDescribed, describe } from "./content.ts";
import type { Registry } from "./context.ts";
import { expandWritten } from "./expand-series.ts";
import type { Settled, StandingClaim } from "./settle.ts";

export interface SettledEvent {
  id: string;
  isNew: boolean;
  /** Of a new event of a peer. */
  origin?: Origin | undefined;
  /** False when the event shows what it showed before; a place or agent of it may be described better all the same. */
  differs: boolean;
  settled: Settled;
}

export async function writeSettled(registry: Registry, tx: Tx, events: readonly SettledEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const mint = () => registry.mint(now.getTime());
  const places = collector<PlaceMention>(placeKey, mint);
  const organizations = collector<AgentMention>(agentKey, mint);
  const persons = collector<AgentMention>(agentKey, mint);
  const mentioned = (claim: StandingClaim, known: boolean) => {
    const note = (agent: AgentMention) =>
      (agent.kind === "person" ? persons : organizations).note(agent, claim.trust, claim.observedAt, known);
    if (claim.field === "location" || partsOf(claim.field)?.term === "location")
      places.note(claim.value as PlaceMention, claim.trust, claim.observedAt, known);
    if (claim.field === "organizer") note(claim.value as AgentMention);
    if (claim.field === "performer") (claim.value as AgentMention[]).forEach(note);
  };
  const claims = events.flatMap(({ settled }) => settled.claims);
  for (const claim of claims) if (claim.isWinner) mentioned(claim, false);
  // A source that did not win may still describe the winning place best: whoever came first must make no difference.
  for (const claim of claims) if (!claim.isWinner) mentioned(claim, true);
  const placeIds = await upsertPlaces(tx, places.all(), now);
  const organizationIds = await upsertAgents(tx, "organization", organizations.all(), now);
  const personIds = await upsertAgents(tx, "person", persons.all(), now);

  const idOf = (agent: AgentMention | undefined, kind: AgentMention["kind"]) =>
    agent?.kind === kind ? (kind === "person" ? personIds : organizationIds).get(agentKey(agent).toString("hex")) : undefined;
  await writeEvents(
    tx,
    events
      .filter((one) => one.differs)
      .map(({ id, isNew, origin, settled }): EventRow => {
        const { fields, occurrences } = settled.canonical;
        const venueId = fields.location && placeIds.get(placeKey(fields.location).toString("hex"));
        return {
          id,
          isNew,
          origin,
          canonical: settled.canonical,
          lifecycleState: settled.lifecycleState,
          license: settled.license,
          contentHash: settled.contentHash,
          venueId,
          organizerId: idOf(fields.organizer, "organization"),
          organizerPersonId: idOf(fields.organizer, "person"),
          performers: onceEach(
            (fields.performer ?? []).map((one) => {
              const organizationId = idOf(one, "organization");
              const personId = idOf(one, "person");
              return { ...(organizationId !== undefined && { organizationId }), ...(personId !== undefined && { personId }) };
            }),
          ),
          dedupKey: identityKey(fields, whereKey(fields, venueId)).toString("hex"),
          occurrenceIds: occurrences.map(mint),
        };
      }),
    now,
  );
  const written = events.filter((one) => one.differs);
  const recurring = written.flatMap(({ id, settled }) =>
    settled.canonical.series === undefined ? [] : [seriesRow(id, settled.canonical.series, placeIds)],
  );
  const over = written.filter((one) => !one.isNew && one.settled.canonical.series === undefined);
  await writeSeries(
    tx,
    recurring,
    over.map((one) => one.id),
    now,
  );
  await expandWritten(
    registry,
    tx,
    recurring.map((row) => row.eventId),
  );
  // What the events show may be worded anew, also where only a place or an agent is: the index queues what changed, at commit.
  await registry.enqueue(tx, { queue: "embed-events" });
}

function seriesRow(eventId: string, series: CanonicalSeries, placeIds: ReadonlyMap<string, string>): SeriesRow {
  const overrides = Object.entries(series.overrides).map(([recurrenceId, { location, ...own }]) => {
    const venueId = location && placeIds.get(placeKey(location).toString("hex"));
    return [recurrenceId, { ...own, ...(venueId !== undefined && { venueId }) }] as const;
  });
  const over = overAt(series);
  return {
    eventId,
    series: { ...series, overrides: Object.fromEntries(overrides) },
    first: series.sets.map((set) => firstOf([set])!),
    ...(over !== undefined && { overAt: over }),
  };
}

/** Two names of one performer, merged here, are one performer, where the first of them stands. */
const onceEach = (performers: EventRow["performers"]) => [
  ...new Map(performers.map((one) => [one.organizationId ?? one.personId, one])).values(),
];

/** Gathers mentions, the best of each key; with `known`, only of a key that was noted before. */
function collector<T extends PlaceMention | AgentMention>(keyOf: (mention: T) => Buffer, mint: () => string) {
  const best = new Map<string, Mention<T>>();
  return {
    note(said: T, trust: number, observedAt: number, known: boolean): void {
      const key = keyOf(said);
      const described = describe(said, trust, observedAt);
      const standing = best.get(key.toString("hex"));
      if (known && standing === undefined) return;
      if (standing === undefined) best.set(key.toString("hex"), { id: mint(), key, said, described });
      else if (betterDescribed(described, standing.described)) best.set(key.toString("hex"), { ...standing, said, described });
    },
    all: () => [...best.values()],
  };
}
