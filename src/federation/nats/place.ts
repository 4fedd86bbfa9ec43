/**
 * Where a stream stands against the log. A reader holds, by position, the newest message of the stream: one of position p puts in the place of
 * all that it held from p on (after a restored backup the log goes on from an earlier position, in a new epoch).
 */
import type { Database } from "../../db/database.ts";
import { hashesAt, markedItems, readChangesAfter, type StreamRelay } from "../../db/stream-relays.ts";
import { isRedacted } from "../../feed/item.ts";
import type { Stream, StreamEnd } from "./stream.ts";

/** How many messages are looked at first on the way back; four times as many each time. */
const FIRST_LOOK = 1_000;

/**
 * The last position up to which stream and log are the same: the relay goes on from there.
 *   1. The log has the stream's last item, hash and all: there. The chain covers all before.
 *   2. The log no longer keeps that position: there too.
 *   3. Otherwise the log has lost what the stream has (restored, crashed): back through the stream to what both have.
 *   4. A stream without messages: from the beginning, unless it is known how far it went before its own limits emptied it.
 */
export async function placeOf(
  database: Database,
  stream: Stream,
  end: StreamEnd,
  kept: Omit<StreamRelay, "toldAt"> | undefined,
): Promise<{ epoch: string; position: number }> {
  const { head, oldest } = await database.read((on) => readChangesAfter(on, 0, 0));
  const { mark } = end;
  const at = (position: number) => ({ epoch: head.epoch, position });
  if (mark === undefined) return at(emptied(end, kept, head));
  const there = await database.read((on) => hashesAt(on, [mark.position]));
  if (there.get(mark.position) === mark.hash || mark.position < oldest - 1) return at(mark.position);
  return at(await lastShared(database, stream, end.sequence));
}

function emptied(end: StreamEnd, kept: Omit<StreamRelay, "toldAt"> | undefined, head: { epoch: string; position: number }): number {
  const same =
    kept !== undefined && kept.madeAt === end.madeAt && kept.epoch === head.epoch && end.sequence >= kept.sequence && kept.sequence > 0;
  // A window may have been stored whose end was not noted any more: a message a position.
  return same ? Math.min(kept.position + end.sequence - kept.sequence, head.position) : 0;
}

/** Back from the end, over what readers still hold, to the first that the log has too; 0 where there is none. */
async function lastShared(database: Database, stream: Stream, last: number): Promise<number> {
  let lowest = Infinity;
  for (let to = last, look = FIRST_LOOK; to > 0; to -= look, look *= 4) {
    const marks = (await Array.fromAsync(stream.marks(Math.max(1, to - look + 1), to))).flat().flatMap(({ mark }) => mark ?? []);
    const hashes = await database.read((on) =>
      hashesAt(
        on,
        marks.map(({ position }) => position),
      ),
    );
    for (const { position, hash } of marks.toReversed()) {
      if (position >= lowest) continue;
      lowest = position;
      if (hashes.get(position) === hash) return position;
    }
  }
  return 0;
}

/**
 * A takedown reaches the stream: erases every message that shows what the log has redacted since it was told, and those of positions that the
 * log lost, of which nobody knows what they show. Returns how many.
 */
export async function eraseRedacted(database: Database, stream: Stream, last: number): Promise<number> {
  const marked = await database.read(markedItems);
  const redacted = new Set(marked.filter(({ item }) => isRedacted(item)).map(({ position }) => position));
  const { head, oldest } = await database.read((on) => readChangesAfter(on, 0, 0));
  let erased = 0;
  for await (const some of stream.marks(1, last)) {
    const hashes = await database.read((on) =>
      hashesAt(
        on,
        some.flatMap(({ mark }) => mark?.position ?? []),
      ),
    );
    for (const { sequence, mark } of some) {
      if (mark === undefined || mark.redacted) continue;
      const lost = hashes.get(mark.position) !== mark.hash && (mark.position >= oldest || mark.position > head.position);
      if (!lost && !redacted.has(mark.position)) continue;
      await stream.erase(sequence);
      erased += 1;
    }
  }
  return erased;
}
