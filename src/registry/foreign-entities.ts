/** Places, organizations and persons of peers: each is described by its origin's own item, and by no mention or other node. */
import type { Tx } from "../db/database.ts";
import { removeForeign, writeForeign, type ForeignRow, type HeldEntity } from "../db/foreign-entities.ts";
import type { MentionKind } from "../db/mentions.ts";
import { isUnder, type Custody, type HeardChange, type RefusalReason } from "../domain/custody.ts";
import type { FieldFault, Problem } from "../domain/errors.ts";
import { statusOfLicense } from "../domain/license.ts";
import { isOpen } from "../domain/provenance.ts";
import { uriKey } from "../domain/similarity.ts";
import { LICENSE_STATUSES } from "../domain/vocabulary.ts";
import { decodeOthers } from "../jsonld/decode-others.ts";
import type { Registry } from "./context.ts";
import type { Speaker } from "./settle.ts";

/** Bytes of a URI that is kept: what an index holds. */
export const LONGEST_URI = 2048;

/** One word of an origin that is to be applied. */
export interface Told {
  heard: HeardChange;
  custody: Custody;
  gone: boolean;
  origin: { base: string; nodeId: string };
  /** The origin's source. */
  speaker: Speaker;
  held: HeldEntity | undefined;
}

/** What came of it, or why it was refused. */
export type Came = CameIn | Refusal;

export interface CameIn {
  /** The entity here; null: there is none. */
  entityId: string | null;
  /** Its texts and images may be passed on: they are under an open license, and were not taken down here. */
  keepTexts: boolean;
}

export interface Refusal {
  reason: RefusalReason;
  detail: string;
  /** One for each member of the document that is at fault. */
  faults?: readonly FieldFault[] | undefined;
}

/** A document that is no entity of its kind; in one line. */
export const unreadable = ({ detail, errors }: Problem): Refusal => ({
  reason: "unreadable",
  detail: detail.replaceAll(/\s+/g, " ").slice(0, 500),
  faults: errors,
});

const KINDS = ["place", "organization", "person"] as const satisfies MentionKind[];

/** Takes in what is told of places, organizations and persons; the answer is by URI. */
export async function ingestOthers(registry: Registry, tx: Tx, told: readonly Told[], now: Date): Promise<Map<string, Came>> {
  const came = new Map<string, Came>();
  for (const kind of KINDS) {
    const ofKind = told.filter((one) => one.heard.kind === kind);
    if (ofKind.length === 0) continue;
    const rows = await readOthers(registry, kind, ofKind, came, now);
    const written = await writeForeign(tx, kind, rows, now);
    const over = ofKind.filter((one) => one.gone);
    const removed = await removeForeign(
      tx,
      kind,
      over.map((one) => ({ uri: one.heard.uri, heir: heirOf(one) })),
      now,
    );
    const byUri = new Map(ofKind.map((one) => [one.heard.uri, one]));
    for (const { uri } of rows) came.set(uri, { entityId: written.get(uri)!, keepTexts: mayPassOn(byUri.get(uri)!) });
    for (const { heard } of over) came.set(heard.uri, { entityId: removed.get(heard.uri) ?? null, keepTexts: true });
  }
  return came;
}

/** As of events (foreign-events.ts): a text or an image only under a license that lets it out. Names and addresses are facts. */
function mayPassOn({ heard: { document }, speaker }: Told): boolean {
  const { license, "sel:licenseStatus": said } = document;
  const status = LICENSE_STATUSES.find((one) => one === said) ?? statusOfLicense(typeof license === "string" ? license : undefined);
  return isOpen(status ?? speaker.licenseStatus);
}

/** What the documents say; refusals go into `came`. */
async function readOthers(
  registry: Registry,
  kind: MentionKind,
  told: readonly Told[],
  came: Map<string, Came>,
  now: Date,
): Promise<ForeignRow[]> {
  const alive = told.filter((one) => !one.gone);
  const decoded = await decodeOthers(
    alive.map(({ heard }) => ({ kind, document: heard.document })),
    { base: registry.base },
  );
  return alive.flatMap(({ heard: { uri }, origin, held }, n): ForeignRow[] => {
    const said = decoded[n]!;
    if ("problem" in said) {
      came.set(uri, unreadable(said.problem));
      return [];
    }
    const { id, ...described } = said.entity;
    if (id !== uri) {
      came.set(uri, { reason: "identity", detail: `its document calls itself ${id ?? "nothing"}` });
      return [];
    }
    const rowId = held?.toldId ?? registry.mint(now.getTime());
    return [{ ...described, id: rowId, key: uriKey(uri).toString("hex"), uri, originNodeId: origin.nodeId }];
  });
}

/** The entity of the same origin that stands in its place, after a merge there. */
const heirOf = ({ heard, origin }: Told): string | undefined => namedIn(heard, "sel:supersededBy", origin.base);

/** The other entity of the same origin (its base) that a document names so; undefined where it names none, or another's. */
function namedIn({ uri, document }: HeardChange, member: string, base: string): string | undefined {
  const said = document[member];
  const named = typeof said === "object" && said !== null ? (said as Record<string, unknown>)["@id"] : said;
  const fits = typeof named === "string" && isUnder(base, named) && named !== uri && Buffer.byteLength(named) <= LONGEST_URI;
  return fits ? named : undefined;
}

/** Of a series that its origin has split: the halves before and behind it, of the same origin (its base). */
export const halvesNamed = (heard: HeardChange, base: string): { continues?: string | undefined; continuedBy?: string | undefined } =>
  heard.kind === "event" && !heard.gone
    ? { continues: namedIn(heard, "sel:continues", base), continuedBy: namedIn(heard, "sel:continuedBy", base) }
    : {};
