/**
 * Which of a source's earlier records an item speaks of again (data.md, "Identity and duplicates"), pass by pass, each
 * pass one to one and over what the passes before left on both sides.
 */

/** What a pass may look at, of an item and of a record alike. */
export interface Matchable {
  recordKey: string | null | undefined;
  payloadHash: string;
  matchKey: string;
}
/** In a visit the whole of a source is before us, so that what is left over may be compared by less. */
export interface VisitMatchable extends Matchable {
  nameKey: string;
  startKey: string;
  url: string | null | undefined;
}

type Key<T> = (one: T) => string | undefined;

/** The source's own id; the same bytes; exact identity. */
export function matchRecords<I extends Matchable, R extends Matchable>(items: readonly I[], records: readonly R[]): Map<I, R> {
  return inPasses(items, records, [
    { key: (one) => one.recordKey ?? undefined },
    { key: (one) => one.payloadHash, compatible: sameOrNoKey },
    { key: (one) => one.matchKey, compatible: sameOrNoKey },
  ]);
}

/** As matchRecords, then by name and start with the address, by name and start, by name and address: where that is unique on both sides. */
export function matchVisit<I extends VisitMatchable, R extends VisitMatchable>(items: readonly I[], records: readonly R[]): Map<I, R> {
  const withUrl =
    (rest: Key<VisitMatchable>): Key<VisitMatchable> =>
    (one) =>
      one.url ? `${rest(one)}\n${one.url}` : undefined;
  return inPasses<VisitMatchable, I, R>(items, records, [
    { key: (one) => one.recordKey ?? undefined },
    { key: (one) => one.payloadHash, compatible: sameOrNoKey },
    { key: (one) => one.matchKey, compatible: sameOrNoKey },
    { key: withUrl((one) => `${one.nameKey}\n${one.startKey}`), unique: true, compatible: sameOrNoKey },
    { key: (one) => `${one.nameKey}\n${one.startKey}`, unique: true, compatible: sameOrNoKey },
    { key: withUrl((one) => one.nameKey), unique: true, compatible: sameOrNoKey },
  ]);
}

interface Pass<T> {
  key: Key<T>;
  unique?: boolean;
  compatible?: (item: T, record: T) => boolean;
}

/** Two ids that a source gave and that differ name two records, whatever else they share. */
const sameOrNoKey = (item: Matchable, record: Matchable) => !item.recordKey || !record.recordKey || item.recordKey === record.recordKey;

function inPasses<T extends Matchable, I extends T, R extends T>(
  items: readonly I[],
  records: readonly R[],
  passes: readonly Pass<T>[],
): Map<I, R> {
  const matched = new Map<I, R>();
  let leftItems = [...items];
  let leftRecords = [...records];
  for (const { key, unique = false, compatible = () => true } of passes) {
    const byKey = Map.groupBy(leftRecords, key);
    const itemsByKey = Map.groupBy(leftItems, key);
    const taken = new Set<R>();
    for (const [value, some] of itemsByKey) {
      const candidates = value === undefined ? undefined : byKey.get(value);
      if (candidates === undefined || (unique && (some.length > 1 || candidates.length > 1))) continue;
      for (const item of some) {
        const record = candidates.find((one) => !taken.has(one) && compatible(item, one));
        if (record === undefined) continue;
        taken.add(record);
        matched.set(item, record);
      }
    }
    leftItems = leftItems.filter((item) => !matched.has(item));
    leftRecords = leftRecords.filter((record) => !taken.has(record));
  }
  return matched;
}
