/**
 * Events of peers: each is an event of this node whose @id is its origin's, and what the origin says of it are the claims of the
 * origin's source, beside which local claims stand as beside any other's. Found by its URI alone, never by what it is like.
 */
import { setImmediate } from "node:timers/promises";
import { writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { lapseEvents } from "../db/events.ts";
import { replaceRecords } from "../db/records.ts";
import { isUnder } from "../domain/custody.ts";
import { statusOfLicense } from "../domain/license.ts";
import { isOpen } from "../domain/provenance.ts";
import type { AgentMention, EventFields, EventSubmission, PlaceMention } from "../domain/submission.ts";
import { LICENSE_STATUSES } from "../domain/vocabulary.ts";
import { decodeEach } from "../jsonld/decode.ts";
import type { Registry } from "./context.ts";
import { findDuplicates } from "./find-duplicates.ts";
import { LONGEST_URI, unreadable, type Came, type CameIn, type Refusal, type Told } from "./foreign-entities.ts";
import { prepare, problemOf, type PreparedItem } from "./prepare.ts";
import { raiseReviews } from "./raise-reviews.ts";
import { differs, gone, isSettled, settle, type EventRecord } from "./settle.ts";
import { withoutTexts } from "./without-texts.ts";
import { claimChanges, loadWorkings, newRecord, newWorking, type Working } from "./working.ts";
import { writeSettled } from "./write-settled.ts";

/** Takes in what is told of events; what cannot be read leaves its event as it was. The answer is by URI. */
export async function ingestEvents(registry: Registry, tx: Tx, told: readonly Told[], now: Date): Promise<Map<string, Came>> {
  const items = await readEvents(
    registry,
    told.filter((one) => !one.gone),
  );
  const workings = await loadWorkings(
    tx,
    told.flatMap(({ held }) => held?.entityId ?? []),
  );
  const came = new Map<string, Came>();
  const touched = new Set<Working>();
  for (const one of told) {
    const { uri } = one.heard;
    const entityId = one.held?.entityId ?? null;
    const read = items.get(uri);
    if (read !== undefined && "reason" in read) {
      came.set(uri, read);
      continue;
    }
    // Of an event that never was here, and whose origin says that it is gone or is not listened to, there is only the statement.
    const unknown = entityId === null && (read === undefined || one.speaker.withdrawn);
    const working =
      entityId === null ? newWorking(one.held?.toldId ?? registry.mint(now.getTime()), originOf(one)) : workings.get(entityId)!;
    const decided = unknown ? { entityId, keepTexts: mayPassOn(one, read) } : decide(registry, working, one, read, now);
    came.set(uri, decided);
    if (unknown || "reason" in decided) continue;
    touched.add(working);
  }
  await write(registry, tx, [...touched], now);
  return came;
}

const originOf = ({ heard, origin }: Told) => ({ federationUri: heard.uri, originNodeId: origin.nodeId });

/** Texts and images whose license does not let them out are kept with the record, and never told on. Of what is gone there are none. */
const mayPassOn = ({ speaker }: Told, read: PreparedItem | undefined): boolean =>
  read === undefined ||
  isOpen(read.submission.asserted?.licenseStatus ?? statusOfLicense(read.submission.fields.license) ?? speaker.licenseStatus);

/** What one word of an origin makes of its event (`read` undefined: it is gone). */
function decide(registry: Registry, working: Working, told: Told, read: PreparedItem | undefined, now: Date): Came {
  const { speaker, held } = told;
  const entityId = held?.entityId ?? working.id;
  const came: CameIn = { entityId, keepTexts: !working.takenDown && mayPassOn(told, read) };
  // A person has deleted it here: what is said of it changes nothing.
  if (working.now.lifecycleState === "deleted") return came;
  const home = entityId === working.id ? null : entityId;
  const isOfIt = (one: EventRecord) => one.sourceId === speaker.id && (one.homeEventId ?? working.id) === entityId;
  const replaced = working.now.records.filter(isOfIt);
  const others = working.now.records.filter((one) => !replaced.includes(one));
  if (read === undefined && home === null) {
    working.now = gone(working.now);
    working.settled = undefined;
    return came;
  }
  try {
    if (read === undefined) {
      // Merged, here, into another event, which stays without its words.
      take(working, settle(working.id, working.now, others, speaker, false), replaced);
      return came;
    }
    const item = working.takenDown ? withoutTexts(read) : read;
    const mine: EventRecord = {
      id: registry.mint(now.getTime()),
      sourceId: speaker.id,
      recordKey: item.recordKey ?? null,
      recordUri: item.recordUri ?? null,
      payloadHash: item.payloadHash,
      observedAt: now.getTime(),
      homeEventId: home,
      asserted: item.submission.asserted,
      fields: item.submission.fields,
    };
    const before = home === null ? { ...working.now, gone: false } : working.now;
    take(working, settle(working.id, before, [...others, mine], speaker, false), replaced);
    working.added.set(mine.id, newRecord(working.id, mine, item));
    return came;
  } catch (error) {
    return unreadable(problemOf(error));
  }
}

function take(working: Working, next: ReturnType<typeof settle>, replaced: readonly EventRecord[]): void {
  for (const one of replaced) if (!working.added.delete(one.id)) working.superseded.add(one.id);
  working.settled = isSettled(next) ? next : undefined;
  working.now = next;
}

async function write(registry: Registry, tx: Tx, touched: readonly Working[], now: Date): Promise<void> {
  const shown = touched.filter((working) => working.settled !== undefined);
  await writeSettled(
    registry,
    tx,
    shown.map((one) => ({ id: one.id, isNew: one.isNew, origin: one.origin, differs: differs(one.found, one.now), settled: one.settled! })),
    now,
  );
  await lapseEvents(
    tx,
    touched.flatMap(({ id, now: standing, settled }) =>
      settled === undefined ? [{ id, state: standing.lifecycleState!, hash: standing.contentHash! }] : [],
    ),
    now,
  );
  await replaceRecords(
    tx,
    touched.flatMap((one) => [...one.added.values()]),
    touched.flatMap((one) => [...one.superseded]),
    now,
  );
  await writeClaims(tx, claimChanges(touched), now);
  await raiseReviews(registry, tx, touched, now);
  await findDuplicates(registry, tx, shown, now);
}

/** What the documents say, by URI; all are read in one go. */
async function readEvents(registry: Registry, told: readonly Told[]): Promise<Map<string, PreparedItem | Refusal>> {
  const decoded = await decodeEach(
    told.map((one) => one.heard.document),
    { base: registry.base },
  );
  const read = new Map<string, PreparedItem | Refusal>();
  for (const [n, one] of told.entries()) {
    const item = decoded[n]!;
    read.set(one.heard.uri, "problem" in item ? unreadable(item.problem) : prepared(registry, one, item.submission));
    // A peer may send rules that take long; whoever else waits for this process comes in between.
    await setImmediate();
  }
  return read;
}

function prepared(registry: Registry, told: Told, submission: EventSubmission): PreparedItem | Refusal {
  const { heard, speaker } = told;
  if (submission.id !== heard.uri) return { reason: "identity", detail: `its document calls itself ${submission.id ?? "nothing"}` };
  const received = { payload: Buffer.from(heard.text), mediaType: "application/ld+json" };
  const said: EventSubmission = { ...submission, asserted: assertedIn(heard.document), fields: ofOrigin(submission.fields, told) };
  try {
    // Not in our own zone where theirs is not known: their clock's offset says enough.
    return prepare(said, received, { sourceTimezone: speaker.timezone, defaultTimezone: undefined }, registry.base);
  } catch (error) {
    return unreadable(problemOf(error));
  }
}

function assertedIn(document: Told["heard"]["document"]): NonNullable<EventSubmission["asserted"]> {
  const { "sel:confidence": confidence, "sel:licenseStatus": said } = document;
  const licenseStatus = LICENSE_STATUSES.find((status) => status === said);
  return {
    // As precisely as it is kept.
    ...(typeof confidence === "number" && confidence >= 0 && confidence <= 1 && { confidence: Math.round(confidence * 1000) / 1000 }),
    ...(licenseStatus !== undefined && { licenseStatus }),
  };
}

/** The fields with every place and agent marked as the origin's: a peer's word never describes one of ours. */
function ofOrigin(fields: EventFields, { origin }: Told): EventFields {
  const mark = <T extends PlaceMention | AgentMention>(mention: T): T => {
    const uri = mention.id !== undefined && isUnder(origin.base, mention.id) && Buffer.byteLength(mention.id) <= LONGEST_URI;
    return { ...mention, originNodeId: origin.nodeId, ...(uri && { federationUri: mention.id }) };
  };
  const { location, organizer, performer, overrides } = fields;
  return {
    ...fields,
    ...(location && { location: mark(location) }),
    ...(organizer && { organizer: mark(organizer) }),
    ...(performer && { performer: performer.map(mark) }),
    ...(overrides && {
      overrides: Object.fromEntries(
        Object.entries(overrides).map(([recurrenceId, one]) => [
          recurrenceId,
          { ...one, ...(one.location && { location: mark(one.location) }) },
        ]),
      ),
    }),
  };
}
