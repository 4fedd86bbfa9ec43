/**
 * One ear per process: LISTENs to what the sequencer says and wakes everyone who waits for the head to move.
 *
 * NOTIFY is only a wake-up. A poll every few seconds, one for all who wait, finds what a lost one has missed.
 */
import type { Database } from "../db/database.ts";
import { readFeedHead } from "../db/feed-log.ts";
import type { SequencerLog } from "./sequencer.ts";

export const FEED_CHANNEL = "calends_feed";
/** Said on the channel instead of a head when what old items show was replaced. */
export const REDACTED = "redacted";

export interface FeedSignal extends AsyncDisposable {
  /** Resolves when the head is no longer at this epoch and position, or after `milliseconds`, or when `until` aborts. */
  moved(from: { epoch: string; position: number }, milliseconds: number, until: AbortSignal): Promise<void>;
  /** Calls back when an item may have been redacted; everything rendered from items must be dropped. */
  onRedacted(drop: () => void): void;
}

export interface SignalParts {
  database: Database;
  log: SequencerLog;
  /** Milliseconds between polls while somebody waits. */
  poll?: number;
}

interface Waiter {
  epoch: string;
  position: number;
  wake(): void;
}

/** Listens from the first call on; disposing it wakes all who wait. */
export function createFeedSignal({ database, log, poll = 3_000 }: SignalParts): FeedSignal {
  const waiters = new Set<Waiter>();
  const drops: (() => void)[] = [];
  let listening: Promise<AsyncDisposable | undefined> | undefined;
  let polling: NodeJS.Timeout | undefined;
  let closed = false;
  /** The newest head that was heard of: a waiter may come just after it was told. */
  let known: { epoch: string; position: number } | undefined;

  const tell = (epoch: string, position: number) => {
    known = { epoch, position };
    for (const waiter of waiters) if (waiter.epoch !== epoch || waiter.position < position) waiter.wake();
  };
  const look = async () => {
    try {
      const head = await database.read(readFeedHead);
      tell(head.epoch, head.position);
    } catch (error) {
      log.warn({ err: error }, "feed: the head could not be read; trying again");
    }
  };
  const keepLooking = () => {
    polling ??= setTimeout(() => {
      void look().finally(() => {
        polling = undefined;
        if (waiters.size > 0 && !closed) keepLooking();
      });
    }, poll);
  };
  const heard = (payload: string) => {
    const [epoch, position] = payload.split(".");
    if (epoch !== undefined && position !== undefined) return tell(epoch, Number(position));
    // "redacted", or nothing: the connection was lost and anything may have been said meanwhile.
    for (const drop of drops) drop();
    for (const waiter of waiters) waiter.wake();
  };
  const listen = () => {
    listening ??= database.listen(FEED_CHANNEL, heard).then(
      // What was said before we listened is found by looking.
      (listener) => look().then(() => listener),
      (error: unknown) => {
        log.warn({ err: error }, "feed: cannot LISTEN; polling only, and trying again");
        listening = undefined;
        return undefined;
      },
    );
  };

  return {
    moved: (from, milliseconds, until) =>
      new Promise((resolve) => {
        const ahead = known !== undefined && known.epoch === from.epoch && known.position > from.position;
        if (closed || until.aborted || ahead) return resolve();
        const end = () => {
          clearTimeout(timer);
          waiters.delete(waiter);
          until.removeEventListener("abort", end);
          resolve();
        };
        const waiter = { ...from, wake: end };
        const timer = setTimeout(end, milliseconds);
        until.addEventListener("abort", end, { once: true });
        waiters.add(waiter);
        listen();
        keepLooking();
      }),
    onRedacted(drop) {
      drops.push(drop);
      listen();
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(polling);
      for (const waiter of waiters) waiter.wake();
      await (await listening)?.[Symbol.asyncDispose]();
    },
  };
}
