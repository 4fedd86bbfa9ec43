/** An item of a SEL feed: what it leaves out is made up from what it says, as far as that can be. */
import { z } from "zod";
import { KIND_OF_PATH } from "../../domain/iri.ts";
import { shapeWords } from "../../domain/shape-faults.ts";
import { ENTITY_KINDS, type EntityKind } from "../../domain/vocabulary.ts";
import { ACTIONS } from "../../feed/cursor.ts";
import { oneLine } from "./answers.ts";
import { documentForm, malformed, readEntity, type ReadItem, type Teller } from "./read-item.ts";

const textForm = z.string().max(2048).nullish();
const itemForm = z.object({
  action: z.enum(ACTIONS),
  uri: textForm,
  federation_uri: textForm,
  kind: z.enum(ENTITY_KINDS).nullish().catch(null),
  // Some send the 64 bits of their database as text.
  sequence_number: z
    .union([
      z.int().min(0),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ])
    .nullish(),
  version: z.int().min(0).nullish().catch(null),
  changed_at: textForm,
  snapshot: documentForm.nullish(),
  tombstone: documentForm.nullish(),
});

/** What had to be made up, or could not be. */
export type SelGap = "no snapshot" | "no tombstone" | "no position";
export interface SelItem {
  read: ReadItem;
  /** Its own, or the one after `after`; undefined where it cannot be read. */
  position: number | undefined;
  gaps: SelGap[];
}

/** `after` is the position before it, for feeds whose items bear none. */
export function readSelItem(raw: unknown, teller: Teller, after: number): SelItem {
  const form = itemForm.safeParse(raw);
  if (!form.success) {
    const read = malformed(raw, oneLine(shapeWords(form.error, raw, 1)));
    return { read, position: read.bad.position, gaps: [] };
  }
  const item = form.data;
  const gaps: SelGap[] = [];
  if (item.sequence_number === null || item.sequence_number === undefined) gaps.push("no position");
  const position = item.sequence_number ?? after + 1;
  const gone = item.action === "delete";
  const said = (gone ? (item.tombstone ?? item.snapshot) : item.snapshot) ?? undefined;
  const made = gone && item.tombstone?.["@id"] === undefined;
  // An entity of another node's keeps that one's name, whatever this node calls it.
  const uri = (item.federation_uri || item.uri) ?? said?.["@id"];
  if (typeof uri !== "string" || uri === "") return { read: malformed(raw, "it names no uri, and its document no @id"), position, gaps };
  if (made || said === undefined) gaps.push(gone ? "no tombstone" : "no snapshot");
  const kind = item.kind ?? kindOf(uri, said);
  // What it showed last is no tombstone: some servers tell a deletion with that.
  const document = made ? { ...tombstone(uri, item.changed_at ?? undefined), ...named(said) } : said && withOwnId(said, uri);
  const entity = {
    uri,
    kind,
    sequence_number: position,
    ...(typeof item.version === "number" && { version: item.version }),
    ...(document !== undefined && { [gone ? "tombstone" : "snapshot"]: document }),
  };
  return { read: readEntity(raw, entity, teller, { gone }), position, gaps };
}

/** A document that leaves its own address out, or writes it relative to itself, is that of the item. */
function withOwnId(document: Record<string, unknown>, uri: string): Record<string, unknown> {
  const { "@id": id, id: alias } = document;
  const resolved = typeof id === "string" ? URL.parse(id, uri)?.href : undefined;
  const isLeftOut = id === undefined && alias === undefined;
  const isRelative = resolved !== undefined && resolved !== id && resolved === uri;
  return isLeftOut || isRelative ? { ...document, "@id": uri } : document;
}

const tombstone = (uri: string, deletedAt: string | undefined) => ({
  "@id": uri,
  "@type": "Event",
  "sel:tombstone": true,
  ...(deletedAt !== undefined && { "sel:deletedAt": deletedAt }),
});

/** What a tombstone keeps of a document. */
const named = (document: Record<string, unknown> = {}) =>
  Object.fromEntries(["@id", "@type", "sel:supersededBy"].flatMap((key) => (document[key] === undefined ? [] : [[key, document[key]]])));

/** SEL feeds told of events alone for long. */
export function kindOf(uri: string, document: Record<string, unknown> | undefined): EntityKind {
  const folder = URL.parse(uri)?.pathname.split("/").at(-2) ?? "";
  if (Object.hasOwn(KIND_OF_PATH, folder)) return KIND_OF_PATH[folder as keyof typeof KIND_OF_PATH];
  const type = document?.["@type"];
  return type === "Place" ? "place" : type === "Organization" ? "organization" : type === "Person" ? "person" : "event";
}
