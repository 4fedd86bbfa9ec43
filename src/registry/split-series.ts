/**
 * "This and all following": the series ends before one of its occurrences, and a new event with an address of its own goes on from
 * there. Both halves know each other.
 */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { readState } from "../db/entities.ts";
import { linkContinuation } from "../db/series.ts";
import { RegistryError } from "../domain/errors.ts";
import { occurrenceUri, ulidOf } from "../domain/iri.ts";
import { firstOf } from "../domain/recurrence/expand.ts";
import { splitSets } from "../domain/recurrence/split.ts";
import type { EventState } from "../domain/state.ts";
import type { EventFields } from "../domain/submission.ts";
import { applyItems } from "./apply-items.ts";
import { foreignTexts } from "./claimed-value.ts";
import type { Caller, Registry } from "./context.ts";
import { followingItem } from "./following-series.ts";
import { keepApart } from "./keep-apart.ts";
import { findOccurrence, startOf } from "./occurrences.ts";
import { itemOf, ownWord } from "./own-word.ts";
import { lockForRevision } from "./revise-event.ts";
import { speakerOf } from "./speaker.ts";
import { accepted, type Accepted } from "./submit-event.ts";

export interface Split {
  eventId: string;
  recurrenceId: string;
  /** A partial schema.org Event: what is different from there on. */
  document: unknown;
  /** The If-Match header as sent. */
  ifMatch?: string | undefined;
}

/**
 * Returns the event that goes on. Throws `not_found`, `gone`, `forbidden`, `precondition_failed`, `invalid_body`, and `conflict` for an
 * event that does not recur, for its first occurrence, for one that has begun, and where another source's rule stands above the caller's.
 */
export async function splitSeries(registry: Registry, caller: Caller, tx: Tx, split: Split): Promise<Accepted> {
  const { eventId, recurrenceId, document, ifMatch } = split;
  const speaker = await speakerOf(registry, caller, tx);
  const state = await lockForRevision(registry, tx, eventId, ifMatch);
  const own = await ownWord(tx, eventId, speaker);
  const now = registry.clock();
  const found = await findOccurrence(tx, state, recurrenceId, now);
  const cut = found.shown.recurrenceId;
  const { before, after } = splitSets(found.state.series.recurrence, cut);
  if (firstOf(before) === undefined)
    throw new RegistryError("conflict", {
      detail: `${cut} is the first occurrence of the series: from there on is all of it; PATCH the event itself.`,
    });
  if (startOf(found.plain) < now.getTime())
    throw new RegistryError("conflict", {
      detail: `${cut} has begun already: what was is not rewritten; split at an occurrence that is to come.`,
    });
  const sent = { "@id": occurrenceUri(registry.base, state, cut), method: "SPLIT", document };
  const following = await followingItem(registry, { ...found, foreignTexts: await foreignTexts(tx, eventId) }, after, document);

  const { overrides, ...said } = own.fields;
  const kept = Object.entries(overrides ?? {}).filter(([key]) => key < cut);
  const fields = { ...said, recurrence: before, ...(kept.length > 0 && { overrides: Object.fromEntries(kept) }) } as EventFields;
  const options = { observedAt: now.getTime() };
  const [ended] = await applyItems(registry, caller, tx, speaker, [await itemOf(registry, state, own, fields, sent)], options);
  accepted(ended!);
  assertEnded((await readState(tx, "event", eventId)) as EventState, cut);

  const [begun] = await applyItems(registry, caller, tx, speaker, [following], options);
  const result = accepted(begun!);
  await linkContinuation(tx, { id: result.eventId, continuesId: eventId });
  const { continuedBy } = found.state.series;
  if (continuedBy !== undefined) await linkContinuation(tx, { id: continuedBy.id, continuesId: result.eventId });
  await keepApart(registry, caller, tx, { kind: "event", ids: [eventId, result.eventId], reason: `split at ${cut}` });
  const { actor, onBehalfOf, requestId } = caller;
  const details = { recurrenceId: cut, continuedBy: ulidOf(result.eventId) };
  await audit(tx, [{ actor, onBehalfOf, action: "event.split", entityKind: "event", entityId: eventId, requestId, details }], now);
  return result;
}

/** Throws `conflict` where the series goes on all the same, because another's word on its rule counts for more. */
function assertEnded({ series }: EventState, cut: string): void {
  if (series === undefined || splitSets(series.recurrence, cut).after.length === 0) return;
  throw new RegistryError("conflict", {
    detail: "Another source's word on when this event recurs counts for more than yours, so the series would go on; ask the node's admin.",
  });
}
