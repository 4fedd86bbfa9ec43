/** Tells the feed's subscribers as soon as the head moves, or an attempt is due again; the job `tell-subscribers` finds what this misses. */
import { readFeedHead } from "../db/feed-log.ts";
import type { FeedSignal } from "../feed/signal.ts";
import { nextAttemptAt } from "../registry/feed-messages.ts";
import { openTurns, type FeedWebhookParts } from "./feed-webhooks.ts";

export interface FeedWebhookRunner extends Omit<FeedWebhookParts, "signal"> {
  feedSignal: FeedSignal;
  wait: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  log: { warn(details: object, message: string): void };
}

/** Longest pause without a look, in milliseconds. */
const IDLE = 60_000;
/** After a fault of ours. */
const PAUSE = 5_000;

/**
 * Runs until it is disposed: what is under way then is given up, and due again when its lease is over. A receiver that takes its time keeps
 * its own place only: who becomes due meanwhile is told at once.
 */
export function runFeedWebhooks({ feedSignal, wait, log, ...parts }: FeedWebhookRunner): AsyncDisposable {
  const stop = new AbortController();
  const { registry } = parts;

  const turns = openTurns({ ...parts, signal: stop.signal });

  const round = async () => {
    const head = await registry.database.read(readFeedHead);
    const seen = turns.ended();
    if ((await turns.start()) > 0) return;
    if (turns.isFull()) return turns.oneEnded();
    const due = await nextAttemptAt(registry);
    const pause = due === undefined ? IDLE : due.getTime() - registry.clock().getTime();
    if (pause <= 0 || turns.ended() !== seen) return;
    const enough = new AbortController();
    const moved = feedSignal.moved(head, Math.min(pause, IDLE), AbortSignal.any([stop.signal, enough.signal]));
    await (turns.isIdle() ? moved : Promise.race([moved, turns.oneEnded()]).finally(() => enough.abort()));
  };
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        await round();
      } catch (error) {
        if (stop.signal.aborted) return;
        log.warn({ err: error }, "feed subscriptions: could not tell them; trying again");
        await wait(PAUSE, stop.signal).catch(() => undefined);
      }
    }
  };

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await turns.allEnded().catch(() => undefined);
    },
  };
}
