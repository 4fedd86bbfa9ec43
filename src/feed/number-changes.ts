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
 */
import type { Change, OutboxRow } from "../db/feed.ts";
import { encodeEntity, tombstone, type EncodeOptions, type JsonLdObject } from "../jsonld/encode.ts";
import type { AnyState } from "../domain/state.ts";
import { PROTECTED_FIELDS } from "../domain/protected-fields.ts";
import { changedFields } from "./changed-fields.ts";
import { isRedacted, itemText, snapshotOf, type ItemFacts } from "./item.ts";

/** The last document that readers saw of an entity. */
interface Shown {
  text: string;
  document: JsonLdObject;
  /** Texts or images were taken out of it since. */
  redacted: boolean;
}

export interface Numbered {
  changes: Change[];
  /** Hash of the newest change, or of the head before when there is none. */
  hash: string;
}

/** Numbers `rows` in their order from `head.position + 1`; `lastItems` holds, by entity id, the item that showed it last. */
export function numberChanges(
  rows: readonly OutboxRow[],
  lastItems: ReadonlyMap<string, string>,
  head: { position: number; hash: string },
  options: EncodeOptions,
): Numbered {
  const changes: Change[] = [];
  const shown = new Map<string, Shown | undefined>();
  let { position, hash } = head;

  for (const row of rows) {
    const before = shown.has(row.id) ? shown.get(row.id) : parseShown(lastItems.get(row.id));
    const change = nextChange(row, before, options);
    shown.set(row.id, change === undefined ? before : change.shown);
    if (change === undefined) continue;
    position += 1;
    const { action, uri, fields, text } = change;
    const item = itemText({ ...factsOf(row), action, position, uri, ...(fields && { changedFields: fields }) }, text, hash);
    hash = item.hash;
    changes.push({
      seq: row.seq,
      action,
      uri,
      version: row.state.version,
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
  shown: Shown | undefined;
}

function nextChange({ state }: OutboxRow, before: Shown | undefined, options: EncodeOptions): NextChange | undefined {
  if (!state.public) {
    if (before === undefined) return undefined;
    const stone = tombstone(state, options);
    return { action: "delete", uri: stone["@id"] as string, text: JSON.stringify(stone), shown: undefined };
  }
  const document = encodeEntity(state, options);
  const text = JSON.stringify(document);
  if (before?.text === text && !before.redacted) return undefined;
  const now = { uri: document["@id"] as string, text, shown: { text, document, redacted: false } };
  return before === undefined ? { action: "create", ...now } : { action: "update", fields: fieldsChanged(before, document), ...now };
}

/** What a redacted item showed at first is not known any more: any of it may have changed for its readers. */
function fieldsChanged({ document, redacted }: Shown, now: JsonLdObject): string[] {
  const fields = changedFields(document, now);
  return redacted ? [...new Set([...fields, ...PROTECTED_FIELDS.map((field) => `/${field}`)])].toSorted() : fields;
}

function parseShown(item: string | undefined): Shown | undefined {
  const text = item === undefined ? undefined : snapshotOf(item);
  return text === undefined ? undefined : { text, document: JSON.parse(text) as JsonLdObject, redacted: isRedacted(item!) };
}

function factsOf({ kind, state, changedAt, sourceAt }: OutboxRow): Omit<ItemFacts, "action" | "position" | "uri"> {
  const received = changedAt.toISOString();
  return {
    kind,
    changedAt: received,
    receivedAt: received,
    // What no source said (a curator's word, a rename of its venue) has this node for its source.
    sourceAt: sourceAt?.toISOString() ?? received,
    federationUri: state.federationUri,
    ...licenseOf(state),
    version: state.version,
  };
}

/** Only events bear a license; names and addresses of places and agents are facts that nobody licensed. */
function licenseOf(state: AnyState): Pick<ItemFacts, "licenseStatus" | "licenseUrl"> {
  return state.kind === "event" ? { licenseStatus: state.licenseStatus, licenseUrl: state.license } : { licenseStatus: "unknown" };
}
