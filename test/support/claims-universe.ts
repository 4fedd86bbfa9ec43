/** A history as it happens: in a registry, with events, venues and sources that no other history shares. */
import { readSpeaker } from "../../src/db/speaker.ts";
import type { Tx } from "../../src/db/database.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import type { EventState } from "../../src/domain/state.ts";
import { decodeEvent } from "../../src/jsonld/decode.ts";
import { applyItems } from "../../src/registry/apply-items.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { prepare, type PreparedItem } from "../../src/registry/prepare.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { changeSource } from "../../src/registry/sources.ts";
import { liftWithdrawal, withdrawClaim } from "../../src/registry/withdraw-claim.ts";
import { reinstateSource, withdrawSource } from "../../src/registry/withdraw-source.ts";
import {
  EVENTS,
  interleave,
  SOURCES,
  type EventNo,
  type History,
  type MergeStep,
  type SourceNo,
  type SourceStep,
  type Words,
} from "./histories.ts";
import { BASE, concert, type TestRegistry } from "./registry.ts";

const ADMIN: Caller = { actor: "key:curator", role: "admin" };
/** Trust and license with which sources begin. */
export const BEGIN = [
  { trust: 2, license: "proprietary" },
  { trust: 5, license: "cc-by" },
  { trust: 5, license: "cc0" },
] as const;
/** Names of events, far enough from each other. */
const TITLES = ["Lanterns on the river", "Concert for two pianos", "A history of salt"] as const;
export const INITIAL: Words = {
  startDate: "2026-05-08T21:00:00-04:00",
  endDate: null,
  venue: 0,
  description: null,
  keywords: [],
  url: null,
  eventStatus: null,
  organizer: null,
  price: null,
};

/** When a source said its nth thing; what it said first comes before, event by event. */
export const saidAt = (turn: number, of: EventNo): number => 1_000_000 + turn * 1_000 + of;

/** The document in which `source` says these words of that event; `mark` tells one history's from another's. */
export function documentOf(
  mark: string,
  source: SourceNo,
  of: EventNo,
  { name, venue, organizer, price, ...words }: Words,
): Record<string, unknown> {
  const hall = {
    "@type": "Place",
    name: `${["Wharf", "Attic", "Mill"][of]} ${mark}`,
    address: { "@type": "PostalAddress", streetAddress: `${venue + 1} ${mark} Street` },
  };
  return concert({
    ...words,
    identifier: `${mark} ${source} ${of}`,
    name: `${TITLES[of]}${name === undefined ? "" : `: ${name}`} (${mark})`,
    location: hall,
    organizer: organizer === null ? undefined : { "@type": "Organization", name: organizer },
    offers: price === null ? undefined : { "@type": "Offer", price, priceCurrency: "CAD" },
  });
}

export async function itemOf(document: Record<string, unknown>): Promise<PreparedItem> {
  const payload = Buffer.from(JSON.stringify(document));
  return prepare(await decodeEvent(document, { base: BASE }), { payload, mediaType: "application/ld+json" }, {}, BASE);
}

/** What a refused step answers: nothing happened. */
const REFUSED = ["conflict", "not_found", "forbidden"];

export interface Outcome {
  states: EventState[];
  /** Ids of the sources, in their order. */
  sourceIds: string[];
}

/** Lets a history happen in this order; returns what each of its events shows in the end. */
export async function happen(on: TestRegistry, mark: string, history: History, order: readonly number[]): Promise<Outcome> {
  const { registry } = on;
  const callers: Caller[] = [];
  for (const n of SOURCES) callers.push(await on.source(`${["curious", "listings", "venue"][n]} ${mark}`, BEGIN[n]));
  const act = async <T>(work: (tx: Tx) => Promise<T>): Promise<T | undefined> => {
    on.later();
    try {
      return await registry.database.transact(work, ADMIN);
    } catch (error) {
      if (error instanceof RegistryError && REFUSED.includes(error.code)) return undefined;
      throw error;
    }
  };
  const jobs = async () => {
    for (const job of on.jobs.splice(0)) if (job.queue === "resettle-source") await resettleSource(registry, job.sourceId);
  };
  const say = async (source: SourceNo, of: EventNo, words: Words, observedAt: number) => {
    const item = await itemOf(documentOf(mark, source, of, words));
    const [result] = (await act(async (tx) =>
      applyItems(registry, callers[source]!, tx, await readSpeaker(tx, callers[source]!.sourceId!), [item], { observedAt }),
    ))!;
    return result!;
  };

  const ids: string[] = [];
  for (const of of EVENTS) {
    const speakers = SOURCES.filter((n) => history.speaks[n].includes(of));
    // Who is first to speak of an event differs from order to order, too.
    for (const source of order[0]! % 2 === 0 ? speakers : speakers.toReversed()) {
      const result = await say(source, of, INITIAL, saidAt(0, of));
      if (result.outcome === "rejected") throw new Error(`refused: ${result.problem.detail}`);
      if (ids[of] !== undefined && ids[of] !== result.eventId) throw new Error("two events were made of one");
      ids[of] = result.eventId;
    }
  }

  const turn = [0, 0, 0];
  const takenBack: string[][] = [[], [], []];
  const withdrawn = [false, false, false];
  const merges: string[] = [];
  const name = (source: SourceNo) => `${["curious", "listings", "venue"][source]} ${mark}`;
  const bySource = async (source: SourceNo, step: SourceStep): Promise<void> => {
    const sourceId = callers[source]!.sourceId!;
    switch (step.do) {
      case "say":
        await say(source, step.of, step.words, saidAt(++turn[source]!, step.of));
        break;
      case "take back": {
        if (withdrawn[source]) break;
        const eventId = ids[history.speaks[source][0]!]!;
        const made = await act((tx) => withdrawClaim(registry, ADMIN, tx, { eventId, sourceId, field: step.field }));
        if (made !== undefined) takenBack[source]!.push(made.withdrawalId);
        break;
      }
      case "let in": {
        const withdrawalId = takenBack[source]!.pop();
        if (withdrawalId !== undefined) await act((tx) => liftWithdrawal(registry, ADMIN, tx, { withdrawalId }));
        break;
      }
      case "withdraw":
      case "reinstate":
        withdrawn[source] = step.do === "withdraw";
        await act((tx) =>
          (step.do === "withdraw" ? withdrawSource : reinstateSource)(registry, ADMIN, tx, { name: name(source), reason: "for this test" }),
        );
        break;
      case "trust":
        await act((tx) => changeSource(registry, ADMIN, tx, name(source), { trustLevel: step.level }));
        break;
      case "license":
        await act((tx) => changeSource(registry, ADMIN, tx, name(source), { licenseStatus: step.status }));
    }
  };
  const byMerging = async (step: MergeStep): Promise<void> => {
    if (step.do === "merge") {
      const merge = await act((tx) => mergeEvents(registry, ADMIN, tx, { ids: [ids[step.ids[0]]!, ids[step.ids[1]]!] }));
      if (merge !== undefined) merges.push(merge.mergeId);
    } else if (merges.length > 0) {
      const [mergeId] = merges.splice(step.which % merges.length, 1);
      await act((tx) => undoMerge(registry, ADMIN, tx, { mergeId: mergeId! }));
    }
  };

  for (const one of interleave(history, order)) {
    if (one.lane === "jobs") await jobs();
    else if (one.lane === "merges") await byMerging(one.step);
    else if (one.lane === "curator") {
      const { field, value } = one.step;
      await act((tx) => pinField(registry, ADMIN, tx, { eventId: ids[0]!, field, value: field === "name" ? `${value} ${mark}` : value }));
    } else await bySource(one.lane, one.step);
  }
  await jobs();
  return { states: await Promise.all(ids.map((id) => on.event(id))), sourceIds: callers.map((caller) => caller.sourceId!) };
}
