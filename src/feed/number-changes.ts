/**
 * Committed outbox rows -> the changes that the log gets, numbered, rendered and chained. Pure: what was shown before
 * is handed in, what will be shown comes out.
 *
 *   shown before | public now | appended
 *   no           | yes        | create
 *   yes          | yes        | update with changed_fields; nothing where not one byte differs, unless the item was redacted since:
 *                |            | readers hold what it showed at first, and must hear of its end
 *   yes          | no         | delete with a tombstone
 *   no           | no         | nothing
 *
 * An entity of our own is rendered from its state; one of another node is passed on as its origin said it (foreign-word.ts), and a word
 * of its origin's that is newer than the one passed on is told although it reads the same: another one came between, which readers of
 * others may have heard and hold for the newest. That it is gone is told once, also where it was never shown.
 *
 * The version is the entity's, or one more than readers heard last: what its origin says may come without a change of what is shown here, and
 * what was gone before it was here had no version of its own.
 */
import type { Change, OutboxRow } from "../db/feed.ts";
import { encodeEntity, tombstone, type EncodeOptions, type JsonLdObject } from "../jsonld/encode.ts";
import type { AnyState } from "../domain/state.ts";
import { PROTECTED_FIELDS } from "../domain/protected-fields.ts";
import { changedFields } from "./changed-fields.ts";
import { isForeign, wordOfOrigin } from "./foreign-word.ts";
import { custodyOf, isRedacted, isWithheld, itemText, snapshotOf, versionOf, type ItemFacts } from "./item.ts";

/** The last document that readers saw of an entity. */
interface Shown {
  text: string;
  document: JsonLdObject;
  /** Texts or images were taken out of it since. */
  redacted: boolean;
}

/** What readers know of an entity. */
interface Known {
  /** That they heard last; 0: none that matters here. */
  version: number;
  /** Undefined where they see nothing. */
  shown?: Shown | undefined;
  /** It was taken away by this node alone: they have not heard of its end. */
  withheld: boolean;
  /** Of a peer's: which word of its origin they heard last. */
  heard?: HeardWord | undefined;
}

/** Where a word stands in its origin's feed. */
interface HeardWord {
  epoch: string;
  position: number;
}

export interface Numbered {
  changes: Change[];
  /** Hash of the newest change, or of the head before when there is none. */
  hash: string;
}

/** Numbers `rows` in their order from `head.position + 1`; `lastItems` holds, by entity id, the item that told of it last. */
export function numberChanges(
  rows: readonly OutboxRow[],
  lastItems: ReadonlyMap<string, string>,
  head: { position: number; hash: string },
  options: EncodeOptions,
): Numbered {
  const changes: Change[] = [];
  const known = new Map<string, Known>();
  let { position, hash } = head;

  for (const row of rows) {
    const before = known.get(row.id) ?? parseKnown(lastItems.get(row.id));
    const change = nextChange(row, before, options);
    const version = Math.max(row.state.version, before.version + 1);
    known.set(row.id, change === undefined ? before : { ...change.known, version });
    if (change === undefined) continue;
    position += 1;
    const { action, uri, fields, text, facts } = change;
    const item = itemText(
      { ...factsOf(row), ...facts, action, position, uri, version, ...(fields && { changedFields: fields }) },
      text,
      hash,
    );
    hash = item.hash;
    changes.push({
      seq: row.seq,
      action,
      uri,
      version,
      federationUri: row.state.federationUri,
      changedFields: fields ?? [],
      item: item.text,
      hash,
    });
  }
  return { changes, hash };
}

interface NextChange {
  action: Change["action"];
  uri: string;
  fields?: string[];
  text: string;
  known: Omit<Known, "version">;
  /** What is said of it in the origin's name. */
  facts?: Partial<ItemFacts>;
}

function nextChange({ state, nameless }: OutboxRow, before: Known, options: EncodeOptions): NextChange | undefined {
  if (nameless === true) return undefined;
  return isForeign(state) ? nextForeign(state, before, options) : nextOwn(state, before, options);
}

function nextOwn(state: AnyState, before: Known, options: EncodeOptions): NextChange | undefined {
  if (!state.public) return before.shown === undefined ? undefined : removal(tombstone(state, options));
  const document = encodeEntity(state, options);
  return showing(document["@id"] as string, { document, text: JSON.stringify(document), redacted: false }, before);
}

/** Nothing where its origin has said nothing of it so far: it is only mentioned. */
function nextForeign(state: AnyState & { federationUri: string }, before: Known, options: EncodeOptions): NextChange | undefined {
  const said = wordOfOrigin(state);
  if (said === undefined) return undefined;
  const { word, facts, text, document } = said;
  const uri = state.federationUri;
  const heard: HeardWord = facts.custody!;
  const isNews = isNewer(heard, before.heard);
  const inItsName = (change: NextChange | undefined) => change && { ...change, known: { ...change.known, heard }, facts };
  switch (word) {
    case "shown":
      return inItsName(showing(uri, { text, document, redacted: false }, before, isNews));
    case "gone":
      return before.shown === undefined && !before.withheld && !isNews
        ? undefined
        : inItsName({ action: "delete", uri, text, known: { withheld: false } });
    case "withheld":
      return before.shown === undefined ? undefined : inItsName({ ...removal(tombstone(state, options)), uri, known: { withheld: true } });
  }
}

/** Newer than what readers heard last, or the first that they hear. Another epoch is the newer one: older ones are never applied. */
const isNewer = ({ epoch, position }: HeardWord, before: HeardWord | undefined): boolean =>
  before === undefined || epoch !== before.epoch || position > before.position;

const removal = (stone: JsonLdObject): NextChange => ({
  action: "delete",
  uri: stone["@id"] as string,
  text: JSON.stringify(stone),
  known: { withheld: false },
});

function showing(uri: string, shown: Shown, { shown: before }: Known, isNews = false): NextChange | undefined {
  if (before?.text === shown.text && !before.redacted && !isNews) return undefined;
  const now = { uri, text: shown.text, known: { shown, withheld: false } };
  return before === undefined ? { action: "create", ...now } : { action: "update", fields: fieldsChanged(before, shown.document), ...now };
}

/** What a redacted item showed at first is not known any more: any of it may have changed for its readers. */
function fieldsChanged({ document, redacted }: Shown, now: JsonLdObject): string[] {
  const fields = changedFields(document, now);
  return redacted ? [...new Set([...fields, ...PROTECTED_FIELDS.map((field) => `/${field}`)])].toSorted() : fields;
}

function parseKnown(item: string | undefined): Known {
  if (item === undefined) return { version: 0, withheld: false };
  const text = snapshotOf(item);
  const heard = wordIn(item);
  const version = versionOf(item);
  if (text === undefined) return { version, withheld: isWithheld(item), heard };
  return { version, shown: { text, document: JSON.parse(text) as JsonLdObject, redacted: isRedacted(item) }, withheld: false, heard };
}

function wordIn(item: string): HeardWord | undefined {
  const custody = custodyOf(item);
  if (custody === undefined) return undefined;
  const { epoch, sequence_number: position } = JSON.parse(custody) as { epoch: string; sequence_number: number };
  return { epoch, position };
}

function factsOf({ kind, state, changedAt, sourceAt }: OutboxRow): Omit<ItemFacts, "action" | "position" | "uri" | "version"> {
  const received = changedAt.toISOString();
  return {
    kind,
    changedAt: received,
    receivedAt: received,
    // What no source said (a curator's word, a rename of its venue) has this node for its source.
    sourceAt: sourceAt?.toISOString() ?? received,
    federationUri: state.federationUri,
    ...licenseOf(state),
  };
}

/** Only events bear a license; names and addresses of places and agents are facts that nobody licensed. */
function licenseOf(state: AnyState): Pick<ItemFacts, "licenseStatus" | "licenseUrl"> {
  return state.kind === "event" ? { licenseStatus: state.licenseStatus, licenseUrl: state.license } : { licenseStatus: "unknown" };
}
