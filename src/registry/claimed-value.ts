/** What one source says of one field of an event, now, and whether it may be said anew in a name of ours. */
import { claimsOn } from "../db/claims.ts";
import type { Reader } from "../db/database.ts";
import { findSource, type SourceRow } from "../db/sources.ts";
import { readSpeakers } from "../db/speaker.ts";
import { RegistryError } from "../domain/errors.ts";
import { isProtectedField } from "../domain/protected-fields.ts";

/** The source of that name. Throws `not_found`. */
export async function sourceNamed(on: Reader, name: string): Promise<SourceRow> {
  const source = await findSource(on, name);
  if (source === undefined)
    throw new RegistryError("not_found", { detail: `source: there is no source named ${name}.`, pointer: "/source" });
  return source;
}

/**
 * For a curator to pin: `claimedValue(on, { eventId, field: "name", source: "City calendar" })` -> "Free Jazz". Throws `not_found`, and
 * `conflict` for a text or image that is not anybody's: the curator's copy would be under cc0, and stay when its origin takes it down.
 */
export async function claimedValue(
  on: Reader,
  { eventId, field, source }: { eventId: string; field: string; source: string },
): Promise<unknown> {
  const { id, type } = await sourceNamed(on, source);
  const claim = (await claimsOn(on, [eventId])).find((one) => one.sourceId === id && one.field === field);
  if (claim === undefined)
    throw new RegistryError("not_found", { detail: `field: ${source} says nothing of ${field} of this event.`, pointer: "/field" });
  const isForeign = type === "federation";
  if (isProtectedField(field) && (isForeign || claim.licenseStatus !== "cc0"))
    throw new RegistryError("conflict", {
      detail: `field: the ${field} of ${source} (${isForeign ? "another node, " : ""}license: ${claim.licenseStatus}) cannot be pinned, which would make it this node's own, under cc0. Raise that source's trust, or give one of your own as value.`,
      pointer: "/field",
    });
  return claim.value;
}

/** Which texts and images of an event are shown as a peer says them: copies of them would be out of reach of its origin's takedowns. */
export async function foreignTexts(on: Reader, eventId: string): Promise<Set<string>> {
  const shown = (await claimsOn(on, [eventId])).filter(({ field, isWinner }) => isWinner && isProtectedField(field));
  const speakers = await readSpeakers(
    on,
    shown.map(({ sourceId }) => sourceId),
  );
  const peers = new Set(speakers.filter(({ type }) => type === "federation").map(({ id }) => id));
  return new Set(shown.filter(({ sourceId }) => peers.has(sourceId)).map(({ field }) => field));
}
