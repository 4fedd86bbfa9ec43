/**
 * What a history comes to, told without a registry and without an order between its lanes: each source's last words, who
 * is believed, what was taken back, what is one. A registry must show the same, however the lanes interleaved.
 */
import canonicalize from "canonicalize";
import { inSequence, stateOf } from "../../src/domain/canonical.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import type { LifecycleState } from "../../src/domain/lifecycle.ts";
import { decide, foldRecords, type Claim, type SourceRecord } from "../../src/domain/provenance.ts";
import type { EventState } from "../../src/domain/state.ts";
import type { EventFields, FieldName } from "../../src/domain/submission.ts";
import type { LicenseStatus } from "../../src/domain/vocabulary.ts";
import { endsAfter, instantOf } from "../../src/domain/when.ts";
import { BEGIN, documentOf, INITIAL, itemOf, saidAt } from "./claims-universe.ts";
import { EVENTS, SOURCES, type EventNo, type History, type MergeStep, type SourceNo, type Words } from "./histories.ts";

/** Rules that a control leaves out, to see that their want is noticed. */
export type Rule = "trust" | "license" | "taken back" | "withdrawn sources" | "undo" | "pins";

export type Shown =
  | { as: "event"; lifecycleState: LifecycleState; fields: Record<string, unknown> }
  /** Nobody speaks for it. */
  | { as: "hidden" }
  | { as: "merged"; into: EventNo };

interface Source {
  records: Map<EventNo, SourceRecord>;
  trust: number;
  license: LicenseStatus;
  withdrawn: boolean;
  takenBack: { of: EventNo; field: FieldName; value: string }[];
}

/** What each event shows in the end. `sourceIds` break ties, as they do in the registry. */
export async function expected(mark: string, history: History, sourceIds: readonly string[], without?: Rule): Promise<Shown[]> {
  const sources: Source[] = [];
  for (const n of SOURCES) sources.push(await lastWords(mark, history, n));
  const pins = new Map(
    history.curator
      .map(({ field, value }) => [field, field === "name" ? `${value} ${mark}` : value] as const)
      .filter(() => without !== "pins"),
  );
  const heads = headsOf(history.merges, without !== "undo");
  return EVENTS.map((of): Shown => {
    if (heads[of] !== of) return { as: "merged", into: heads[of]! };
    const members = EVENTS.filter((one) => heads[one] === of);
    const claims = sources.flatMap((source, n) => claimsOf(source, sourceIds[n]!, members, without));
    if (claims.length === 0) return { as: "hidden" };
    if (of === 0)
      for (const [field, value] of pins)
        claims.push(claim(field, value, { sourceId: "curator", trust: 10, licenseStatus: "cc0", pinned: true }));
    const winners = decide(claims, endsAfter);
    const fields = Object.fromEntries([...winners].map(([field, { value }]) => [field, value])) as unknown as EventFields;
    return { as: "event", lifecycleState: stateOf(fields.eventStatus), fields: readable(fields) };
  });
}

async function lastWords(mark: string, { speaks, sources }: History, n: SourceNo): Promise<Source> {
  const { trust, license } = BEGIN[n];
  const source: Source = { records: new Map(), trust, license, withdrawn: false, takenBack: [] };
  const say = async (of: EventNo, words: Words, observedAt: number) => {
    const { payloadHash, submission } = await itemOf(documentOf(mark, n, of, words));
    const before = source.records.get(of);
    if (before?.payloadHash === payloadHash) return;
    try {
      source.records.set(of, { payloadHash, observedAt, fields: inSequence(before?.fields ?? {}, submission.fields) });
    } catch (error) {
      // What a source may not say after what it said before is refused.
      if (!(error instanceof RegistryError)) throw error;
    }
  };
  for (const of of speaks[n]) await say(of, INITIAL, saidAt(0, of));
  let turn = 0;
  for (const step of sources[n]) {
    switch (step.do) {
      case "say":
        turn++;
        if (!source.withdrawn) await say(step.of, step.words, saidAt(turn, step.of));
        break;
      case "take back": {
        const of = speaks[n][0]!;
        const value = canonicalize(source.records.get(of)!.fields[step.field]);
        const known = source.takenBack.some((one) => one.field === step.field && one.value === value);
        if (!source.withdrawn && value !== undefined && !known) source.takenBack.push({ of, field: step.field, value });
        break;
      }
      case "let in":
        source.takenBack.pop();
        break;
      case "withdraw":
      case "reinstate":
        source.withdrawn = step.do === "withdraw";
        break;
      case "trust":
        source.trust = step.level;
        break;
      case "license":
        source.license = step.status;
    }
  }
  return source;
}

/** Which event each leads to. */
function headsOf(merges: readonly MergeStep[], undoes: boolean): EventNo[] {
  const parents = new Map<EventNo, EventNo>();
  const standing: EventNo[] = [];
  const head = (of: EventNo): EventNo => (parents.has(of) ? head(parents.get(of)!) : of);
  for (const step of merges) {
    if (step.do === "merge") {
      const [kept, gone] = step.ids.map(head).toSorted((a, b) => a - b) as [EventNo, EventNo];
      if (kept === gone) continue;
      parents.set(gone, kept);
      standing.push(gone);
    } else if (undoes && standing.length > 0) parents.delete(standing.splice(step.which % standing.length, 1)[0]!);
  }
  return EVENTS.map(head);
}

function claimsOf(source: Source, sourceId: string, members: readonly EventNo[], without: Rule | undefined): Claim[] {
  if (source.withdrawn && without !== "withdrawn sources") return [];
  const records = members.flatMap((of) => source.records.get(of) ?? []);
  const { fields, observedAt } = foldRecords(records);
  const by = {
    sourceId,
    observedAt,
    trust: without === "trust" ? 5 : source.trust,
    licenseStatus: without === "license" ? ("cc0" as const) : source.license,
  };
  return (Object.entries(fields) as [Exclude<FieldName, "overrides">, unknown][])
    .filter(([field, value]) => {
      if (without === "taken back") return true;
      return !source.takenBack.some((one) => members.includes(one.of) && one.field === field && one.value === canonicalize(value));
    })
    .map(([field, value]) => claim(field, value, by));
}

const claim = (
  field: Exclude<FieldName, "overrides">,
  value: unknown,
  by: Partial<Claim> & Pick<Claim, "sourceId" | "trust" | "licenseStatus">,
): Claim => ({
  field,
  value,
  confidence: 1,
  pinned: false,
  observedAt: 0,
  ...by,
});

/** What can be told apart in a state as well as in claims. */
function readable({
  name,
  description,
  url,
  keywords,
  eventStatus,
  startDate,
  endDate,
  previousStartDate,
  organizer,
  offers,
  location,
}: EventFields) {
  const instant = (text: string | undefined) => text && instantOf(text);
  return without({
    name,
    description,
    url,
    keywords: keywords?.toSorted(),
    eventStatus,
    start: instant(startDate),
    end: instant(endDate),
    previousStart: instant(previousStartDate),
    organizer: organizer?.name,
    price: offers?.[0]?.price,
    street: location?.address?.streetAddress,
  });
}

/** The same of what a registry shows. */
export function shownBy(state: EventState, ids: readonly string[]): Shown {
  if (state.supersededBy !== undefined) return { as: "merged", into: ids.indexOf(state.supersededBy.id) as EventNo };
  if (!state.public) return { as: "hidden" };
  const { name, description, url, keywords, eventStatus, startDate, endDate, previousStartDate, organizer, offers, location } = state;
  const instant = (text: string | undefined) => text && Date.parse(text);
  return {
    as: "event",
    lifecycleState: state.lifecycleState,
    fields: without({
      name,
      description,
      url,
      keywords: keywords?.toSorted(),
      eventStatus,
      start: instant(startDate),
      end: instant(endDate),
      previousStart: instant(previousStartDate),
      organizer: organizer?.name,
      price: offers?.[0]?.price,
      street: location?.address?.streetAddress,
    }),
  };
}

/** Without members that have no value. */
const without = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
