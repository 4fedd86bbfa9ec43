/** A document that a peer pushes, as a change that can be judged: its own word, at the time that it gives itself. */
import { z } from "zod";
import { MOST_AHEAD_MS } from "../../domain/custody.ts";
import { RegistryError } from "../../domain/errors.ts";
import type { BadItem } from "../../domain/pull.ts";
import { shapeWords } from "../../domain/shape-faults.ts";
import { assertBounded } from "../../jsonld/bounds.ts";
import { readEntity, shown, uriFault, uriIn, type ReadItem } from "./read-item.ts";
import { readSaidTime } from "./said-time.ts";
import { kindOf } from "./sel-item.ts";

const tombstoneForm = z.looseObject({ "sel:tombstone": z.boolean().optional() });

export interface PushTeller {
  base: string;
  itemBytes: number;
  /** Milliseconds since 1970: when it arrived. */
  now: number;
}

/**
 * `{"@id": …, "dateModified": …}` -> what it says, and whether it is gone (`"sel:tombstone": true`). Where it stands among its origin's
 * words is a time in milliseconds: `dateModified`; of a tombstone `sel:deletedAt`, where it has one; else its arrival.
 */
export function readPush(document: unknown, { base, itemBytes, now }: PushTeller): ReadItem {
  const unbounded = boundsFault(document);
  if (unbounded !== undefined) return { bad: unbounded };
  const refuse = (reason: BadItem["reason"], detail: string, pointer: string): ReadItem => ({
    bad: { reason, detail, pointer, uri: uriIn(document, "@id"), text: shown(document) },
  });
  if (!isObject(document)) return refuse("malformed", "The body: expected one JSON-LD object", "");
  const uri = document["@id"];
  if (typeof uri !== "string" || uri === "") return refuse("identity", `@id: expected an address under ${base}/`, "/@id");
  const fault = uriFault(uri);
  if (fault !== undefined) return refuse("malformed", `@id: ${fault}`, "/@id");
  const form = tombstoneForm.safeParse(document);
  if (!form.success) return refuse("malformed", shapeWords(form.error, document, 1), "/sel:tombstone");
  const gone = document["sel:tombstone"] === true;
  const member = gone && document["sel:deletedAt"] !== undefined ? "sel:deletedAt" : "dateModified";
  const said = readSaidTime(document[member]);
  if (said?.fault !== undefined) return refuse("malformed", `/${member}: ${said.fault}`, `/${member}`);
  if (said !== undefined && said.at > now + MOST_AHEAD_MS)
    return refuse(
      "malformed",
      `/${member}: expected a time of the past, found ${new Date(said.at).toISOString()}, more than a day in the future`,
      `/${member}`,
    );
  const entity = { uri, kind: kindOf(uri, document), sequence_number: said?.at ?? now, [gone ? "tombstone" : "snapshot"]: document };
  return readEntity(document, entity, { base, epoch: "", itemBytes }, { gone });
}

/** What is too deep to be walked through is kept without its text. */
function boundsFault(document: unknown): BadItem | undefined {
  try {
    assertBounded(document);
    return undefined;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { code, message, errors } = error;
    const reason = code === "too_complex" ? "too_large" : "malformed";
    return { reason, detail: message.replaceAll(/[\p{C}\s]+/gu, " "), pointer: errors[0]?.pointer ?? "", uri: uriIn(document, "@id") };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
