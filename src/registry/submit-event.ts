/** One event from one source: known again, merged into another's, or new. */
import type { Tx } from "../db/database.ts";
import { RegistryError, type Problem } from "../domain/errors.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { applyItems, type ItemResult, type Outcome } from "./apply-items.ts";
import type { Caller, Registry } from "./context.ts";
import { prepare, type Received } from "./prepare.ts";
import { speakerOf } from "./speaker.ts";

export interface Submission extends Received {
  /** The payload, parsed. */
  document: unknown;
}

/** Throws `invalid_body` naming the field, `invalid_transition`, or `gone` for an event that was deleted here. */
export async function submitEvent(registry: Registry, caller: Caller, tx: Tx, input: Submission): Promise<Accepted> {
  const speaker = await speakerOf(registry, caller, tx);
  const submission = await decodeEvent(input.document, { base: registry.base });
  const item = prepare(
    submission,
    { payload: input.payload, mediaType: input.mediaType },
    { sourceTimezone: speaker.timezone, defaultTimezone: registry.defaultTimezone },
    registry.base,
  );
  const [result] = await applyItems(registry, caller, tx, speaker, [item], { observedAt: registry.clock().getTime() });
  return accepted(result!);
}

export interface Accepted {
  outcome: Outcome;
  /** The event that now stands for what was said, merges followed. */
  eventId: string;
  /** Ids of the review items that came of it: a person must look at them. */
  reviews?: string[];
}

/** The result of a request for one item; a refusal is thrown. */
export function accepted(result: ItemResult): Accepted {
  if (result.outcome === "rejected") throw thrown(result.problem);
  return result;
}

function thrown(problem: Problem): RegistryError {
  const { code, detail, errors, type: _type, title: _title, status: _status, ...extra } = problem;
  return new RegistryError(code, { detail, ...(errors && { errors }), extra });
}
