/** One item of a peer's feed, or one line of its snapshot, as a change that can be judged; one that cannot be read is bad alone. */
import { z } from "zod";
import { isUnder, type Custody, type HeardChange } from "../../domain/custody.ts";
import { RegistryError } from "../../domain/errors.ts";
import { shapeWords } from "../../domain/shape-faults.ts";
import { ENTITY_KINDS, type EntityKind } from "../../domain/vocabulary.ts";
import { withoutProtectedAnywhere } from "../../domain/protected-fields.ts";
import { canonicalForm } from "../../feed/canonical.ts";
import { ACTIONS } from "../../feed/cursor.ts";
import { sha256, spokenMember } from "../../feed/item.ts";
import { assertBounded } from "../../jsonld/bounds.ts";
import { oneLine } from "./answers.ts";
import { bareTombstone } from "./bare-tombstone.ts";
import type { BadItem } from "./ports.ts";

export const MOST_URI = 2048;
const ITEM_SHOWN = 2000;
const URI_SHOWN = 80;

/** No space and no control character, so that it is the same wherever it is written. */
const uriForm = z
  .string()
  .max(MOST_URI)
  .regex(/^https?:\/\/[^\s\\\p{C}]+$/u, "expected an http(s) address");

/** What is wrong with a URI, of which no more is shown than a person reads; undefined where nothing is. */
export function uriFault(uri: string): string | undefined {
  if (uriForm.safeParse(uri).success) return undefined;
  const found = `${JSON.stringify(uri.slice(0, URI_SHOWN))}${uri.length > URI_SHOWN ? `… (${uri.length} characters)` : ""}`;
  return `expected an absolute URI that begins with http:// or https:// in lower case, of at most ${MOST_URI} characters without a space, found ${oneLine(found)}`;
}

const baseForm = uriForm.regex(/[^/]$/, "expected no slash at its end");
const positionForm = z.int().min(0);
export const epochForm = z.string().regex(/^[\w.-]{1,64}$/, "expected an epoch");
const custodyForm = z.object({
  node: baseForm,
  epoch: z.literal("").or(epochForm),
  sequence_number: positionForm,
  version: z.int().min(0).optional(),
  hops: z.array(baseForm).max(64),
  redacted: z.boolean().optional(),
  withheld: z.boolean().optional(),
});
/** Passed on as it is: a copy would lack what its digest covers. */
export const documentForm = z.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

const entityForm = z.object({
  uri: uriForm,
  kind: z.enum(ENTITY_KINDS),
  sequence_number: positionForm,
  version: z.int().min(0).optional(),
  custody: custodyForm.optional(),
  snapshot: documentForm.optional(),
  tombstone: documentForm.optional(),
});
const itemForm = entityForm.extend({
  action: z.enum(ACTIONS),
  digest: z.string().regex(/^sha-256:[0-9a-f]{64}$/, "expected sha-256: and 64 hex digits"),
  redacted: z.boolean().optional(),
});

/** Whose feed it is, and in which epoch. */
export interface Teller {
  base: string;
  /** "" where the feed has none. */
  epoch: string;
  /** Most bytes of a document's canonical text. */
  itemBytes: number;
}

export type ReadItem = { change: HeardChange } | { bad: BadItem };

/** An item of a feed that bears digests; the digest is proven by whoever read the page. */
export function readItem(raw: unknown, teller: Teller): ReadItem {
  const form = itemForm.safeParse(raw);
  if (!form.success) return malformed(raw, oneLine(shapeWords(form.error, raw, 1)));
  const { action, digest, redacted, ...entity } = form.data;
  return readEntity(raw, entity, teller, { gone: action === "delete", digest: digest.slice("sha-256:".length), redacted });
}

/** A line of a snapshot: a snapshot, or the tombstone of what a relay passes on. */
export function readLine(raw: unknown, teller: Teller): ReadItem {
  const form = entityForm.safeParse(raw);
  if (!form.success) return malformed(raw, oneLine(shapeWords(form.error, raw, 1)));
  const { snapshot, tombstone } = form.data;
  if (snapshot !== undefined && tombstone !== undefined) return malformed(raw, "it has a snapshot and a tombstone");
  return readEntity(raw, form.data, teller, { gone: snapshot === undefined });
}

type Entity = Omit<z.infer<typeof entityForm>, "kind"> & { kind: EntityKind };

/** What is common to all; `digest` is taken of the document where nobody told it. */
export function readEntity(
  raw: unknown,
  entity: Entity,
  teller: Teller,
  { gone, digest, redacted }: { gone: boolean; digest?: string | undefined; redacted?: boolean | undefined },
): ReadItem {
  const { uri, kind, sequence_number: position, version, custody } = entity;
  const bad = (reason: BadItem["reason"], detail: string): ReadItem => ({ bad: { reason, detail, uri, position, text: shown(raw) } });
  const fault = uriFault(uri);
  if (fault !== undefined) return malformed(raw, `its uri: ${fault}`);
  const spoken = spokenMember(gone);
  const document = entity[spoken];
  if (document === undefined) return bad("malformed", `it has no ${spoken}`);
  if (document["@id"] !== uri) return bad("identity", `the @id of its document is ${oneLine(String(document["@id"]))}`);
  const written = writtenOut(document, teller);
  if ("reason" in written && !gone) return bad(written.reason, written.detail);
  const kept = "reason" in written ? bareTombstone(uri, document) : { document, text: written.text };
  return {
    change: {
      uri,
      kind,
      gone,
      ...kept,
      digest: digest ?? sha256(kept.text),
      redacted: redacted === true || custody?.redacted === true || kept.document !== document,
      ...(gone && custody?.withheld === true && { withheld: true }),
      custody: custodyOf(entity, version, teller),
      position,
    },
  };
}

/** The canonical text of a document that can be kept, or why it cannot. */
function writtenOut(document: Record<string, unknown>, { itemBytes }: Teller): { text: string } | Pick<BadItem, "reason" | "detail"> {
  let text: string;
  try {
    assertBounded(document);
    text = canonicalForm(document);
  } catch (error) {
    if (error instanceof RegistryError)
      return { reason: error.code === "too_complex" ? "too_large" : "malformed", detail: oneLine(error.message) };
    return { reason: "malformed", detail: `its document has no canonical form (RFC 8785): ${oneLine((error as Error).message)}` };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > itemBytes) return { reason: "too_large", detail: `its document has ${bytes} bytes; ${itemBytes} are taken` };
  if (HOLDS_NUL.test(text)) return { reason: "malformed", detail: "its document holds the character U+0000, which cannot be kept" };
  return { text };
}

/** An odd number of backslashes before the u. */
const HOLDS_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** A peer's own word stands where its feed has it; what it passes on stands where the origin's feed had it, and has come one hop further. */
function custodyOf(
  { uri, sequence_number: position, custody }: Entity,
  version: number | undefined,
  { base, epoch }: Teller,
): Custody | undefined {
  if (isUnder(base, uri) && (custody === undefined || custody.node === base)) return { node: base, epoch, position, version, hops: [] };
  if (custody === undefined) return undefined;
  const { node, epoch: told, sequence_number: at, version: of, hops } = custody;
  return { node, epoch: told, position: at, version: of, hops: [...hops, base] };
}

/** What is refused names itself in this member; in full where it may be the name of something that is held: a copy has met it. */
export function uriIn(raw: unknown, member: "uri" | "@id"): string {
  const uri = membersOf(raw)[member];
  return typeof uri !== "string" ? "" : uriForm.safeParse(uri).success ? uri : oneLine(uri);
}

const membersOf = (raw: unknown): Readonly<Record<string, unknown>> =>
  typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>) : {};

export function malformed(raw: unknown, detail: string): { bad: BadItem } {
  const { sequence_number: position } = membersOf(raw);
  return {
    bad: {
      reason: "malformed",
      detail,
      uri: uriIn(raw, "uri"),
      ...(Number.isSafeInteger(position) && { position: position as number }),
      text: shown(raw),
    },
  };
}

/** For the log, without texts and images, which no takedown would find there: what PostgreSQL keeps of any text. */
export const shown = (raw: unknown): string =>
  (JSON.stringify(withoutProtectedAnywhere(raw)) ?? "").slice(0, ITEM_SHOWN).toWellFormed().replaceAll("\0", "");
