/** The bytes of one item, by their media type -> what its source says of one event. */
import { RegistryError } from "../domain/errors.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { decodeVevent } from "../icalendar/decode.ts";
import { decodeEvents } from "../jsonld/decode.ts";
import type { Received } from "./prepare.ts";

/**
 * The one event of a payload, a calendar (text/calendar) or JSON-LD; `document` is its JSON where the caller has parsed it.
 * Throws `malformed_json`, `invalid_body` or `too_complex`, with what was expected and where.
 */
export async function decodePayload(
  { payload, mediaType, document }: Received & { document?: unknown },
  base: string,
): Promise<EventSubmission> {
  if (mediaType === "text/calendar") return decodeVevent(payload);
  const [first, ...others] = await decodeEvents(document ?? parse(payload), { base });
  if (first === undefined || others.length > 0) {
    throw new RegistryError("invalid_body", {
      detail: `Each item must be one schema.org Event; this one holds ${first === undefined ? "none" : others.length + 1}.`,
      pointer: "",
    });
  }
  if ("submission" in first) return first.submission;
  const { code, detail, errors } = first.problem;
  throw new RegistryError(code, { detail, ...(errors !== undefined && { errors }) });
}

/** JSON in UTF-8, as RFC 8259 §8.1 wants it; throws `malformed_json` with the place of the fault. */
export function parse(payload: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch (cause) {
    throw new RegistryError("malformed_json", { detail: "The bytes are not UTF-8.", cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RegistryError("malformed_json", { detail: `Not JSON: ${(cause as Error).message}`.slice(0, 300), cause });
  }
}
