/** What one source says of one field of an event, now. */
import { claimsOn } from "../db/claims.ts";
import type { Reader } from "../db/database.ts";
import { findSource, type SourceRow } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";

/** The source of that name. Throws `not_found`. */
export async function sourceNamed(on: Reader, name: string): Promise<SourceRow> {
  const source = await findSource(on, name);
  if (source === undefined)
    throw new RegistryError("not_found", { detail: `source: there is no source named ${name}.`, pointer: "/source" });
  return source;
}

/** `claimedValue(on, { eventId, field: "name", source: "City calendar" })` -> "Free Jazz". Throws `not_found`. */
export async function claimedValue(
  on: Reader,
  { eventId, field, source }: { eventId: string; field: string; source: string },
): Promise<unknown> {
  const { id } = await sourceNamed(on, source);
  const claim = (await claimsOn(on, [eventId])).find((one) => one.sourceId === id && one.field === field);
  if (claim === undefined)
    throw new RegistryError("not_found", { detail: `field: ${source} says nothing of ${field} of this event.`, pointer: "/field" });
  return claim.value;
}
