/**
 * Tells the feed's subscribers by webhook (Standard Webhooks): that there is something new, or the changes themselves, in order, at least
 * once.
 *
 *   1. A worker takes a subscription that is behind the head, for two minutes; nobody else tells it meanwhile.
 *   2. What comes next is read from the log, now: the log knows of takedowns, a kept copy would not. Only its id and where it ends are
 *      kept, so that the next attempt tells the same under the same id.
 *   3. It is sent. A receipt (2xx) moves the subscription to where the message ends, and the next message goes out. Anything else is tried
 *      again later, and nothing is told before it.
 *   4. An epoch that is over, or a position that is no longer kept, cannot be gone on from: the receiver is told so (`feed.epoch`), goes
 *      by the snapshot, and hears what follows the head of that moment.
 */
import { ulidOf } from "../domain/iri.ts";
import type { FeedHead } from "../db/feed-log.ts";
import { encodeCursor, filterMark, SNAPSHOT_PATH, type FeedFilters } from "../feed/cursor.ts";
import { readEntries, splice } from "../feed/read.ts";
import {
  keepMessage,
  noteReceipt,
  noteTroubled,
  passOver,
  release,
  takeDueSubscriptions,
  type FeedMessage,
  type FeedMessageType,
  type FeedSubscriptionRow,
} from "../registry/feed-messages.ts";
import { tellWebhook, type WebhookParts } from "./webhooks.ts";

export interface FeedWebhookParts extends WebhookParts {
  /** 0 to 1: spreads the attempts of receivers that failed together. */
  random: () => number;
}

export interface ToldSubscribers {
  /** Messages that were received, that are tried again later, and that were given up with their subscription. */
  delivered: number;
  retried: number;
  dead: number;
}

/** Told at once; one that has much to hear, or is slow to take it, gives way to others after so many messages or milliseconds. */
const AT_A_TIME = 30;
const MESSAGES_PER_TURN = 20;
const TURN_MS = 5_000;
/** After so long no more are taken: whoever is behind then is told by the next round. */
const ROUND_MS = 45_000;
/** Of one message: items, and their letters, where more than one item is in it. */
const MOST_ITEMS = 100;
const MOST_LETTERS = 1024 * 1024;

/** Tells whoever is due until nobody is, for 45 seconds at most. Safe to run twice, at once too. */
export async function tellSubscribers(parts: FeedWebhookParts): Promise<ToldSubscribers> {
  const { registry, signal } = parts;
  const { clock } = registry;
  const begun = clock().getTime();
  const turns = openTurns(parts);
  try {
    while (clock().getTime() - begun < ROUND_MS) {
      signal?.throwIfAborted();
      const seen = turns.ended();
      const started = await turns.start();
      if ((started > 0 && !turns.isFull()) || turns.ended() !== seen) continue;
      if (turns.isIdle()) break;
      await turns.oneEnded();
    }
  } finally {
    await turns.allEnded();
  }
  return turns.told;
}

/** The subscriptions that one process tells at a time; where one is through, the next is taken. */
export interface Turns {
  /** Takes as many of those that are due as there is room for; returns how many. Rejects where a turn met a fault of ours, or was cut off. */
  start(): Promise<number>;
  isFull(): boolean;
  isIdle(): boolean;
  /** How many have ended: one that did since somebody looked for who is due may be due again itself. */
  ended(): number;
  /** Resolves when a turn has ended; there is one under way. */
  oneEnded(): Promise<void>;
  /** Resolves when none is under way; rejects as `start` does. */
  allEnded(): Promise<void>;
  told: ToldSubscribers;
}

export function openTurns(parts: FeedWebhookParts): Turns {
  const told: ToldSubscribers = { delivered: 0, retried: 0, dead: 0 };
  const underWay = new Set<Promise<void>>();
  const faults: unknown[] = [];
  let ended = 0;
  const throwFault = () => {
    if (faults.length > 0) throw faults.shift();
  };
  const begin = (subscription: FeedSubscriptionRow) => {
    const turn = tellOne(subscription, parts, told)
      .catch((error: unknown) => void faults.push(error))
      .finally(() => {
        underWay.delete(turn);
        ended++;
      });
    underWay.add(turn);
  };
  return {
    told,
    isFull: () => underWay.size >= AT_A_TIME,
    isIdle: () => underWay.size === 0,
    ended: () => ended,
    async start() {
      throwFault();
      const room = AT_A_TIME - underWay.size;
      if (room <= 0) return 0;
      const due = await takeDueSubscriptions(parts.registry, room);
      due.forEach(begin);
      return due.length;
    },
    oneEnded: () => Promise.race(underWay),
    async allEnded() {
      await Promise.all(underWay);
      throwFault();
    },
  };
}

async function tellOne(subscription: FeedSubscriptionRow, parts: FeedWebhookParts, told: ToldSubscribers): Promise<void> {
  const { registry } = parts;
  const until = registry.clock().getTime() + TURN_MS;
  let standing = subscription;
  for (let sent = 0; sent < MESSAGES_PER_TURN && registry.clock().getTime() < until;) {
    const next = await nextFor(standing, parts);
    if (next === undefined) break;
    if ("passed" in next) {
      if (!(await passOver(registry, standing, next.passed))) return;
      standing = { ...standing, position: next.passed, message: null };
      continue;
    }
    const { message, body } = next;
    if (message !== standing.message && !(await keepMessage(registry, standing, message))) return;
    const reply = await tellWebhook(standing, { id: `msg_${ulidOf(message.id)}`, body }, parts);
    sent++;
    if (!reply.received) {
      told[await noteTroubled(registry, standing, reply, parts.random)]++;
      return;
    }
    told.delivered++;
    if (!(await noteReceipt(registry, standing, message, reply.httpStatus))) return;
    standing = { ...standing, epoch: message.epoch, position: message.until, message: null, failures: 0 };
  }
  await release(registry, standing);
}

type Next = { message: FeedMessage; body: Buffer } | { passed: number } | undefined;

/** What a subscription is to be told now; `passed`: up to there nothing is for it; undefined: it has heard everything. */
async function nextFor(standing: FeedSubscriptionRow, { registry }: FeedWebhookParts): Promise<Next> {
  const { epoch, position } = standing;
  const filters = filtersOf(standing);
  const limit = standing.payload === "nudge" ? 1 : MOST_ITEMS;
  const { head, entries, position: scanned } = await registry.database.read((on) => readEntries(on, position, limit, filters));

  const pending = (type: FeedMessageType, until?: number): FeedMessage => {
    const { message } = standing;
    if (message?.type === type && message.epoch === head.epoch && (until === undefined || message.until === until)) return message;
    const at = registry.clock();
    return { id: registry.mint(at.getTime()), type, at, epoch: head.epoch, until: until ?? head.position };
  };
  const lost = epoch !== head.epoch ? "new_epoch" : position + 1 < head.oldest ? "retention_passed" : undefined;
  if (lost !== undefined) {
    const message = pending("feed.epoch");
    return { message, body: epochBody(registry.base, standing, message, { head, reason: lost }) };
  }
  if (position >= head.position) return undefined;
  if (entries.length === 0) return { passed: scanned };
  if (standing.payload === "nudge") {
    const message = pending("feed.nudge", head.position);
    return { message, body: nudgeBody(registry.base, standing, message, head) };
  }
  const begun = begunUntil(standing, scanned);
  const items = begun === undefined ? cut(entries) : entries.filter((entry) => entry.position <= begun);
  const until = begun ?? (items.length < entries.length ? items.at(-1)!.position : scanned);
  const message = pending("feed.changes", until);
  return {
    message,
    body: changesBody(
      registry.base,
      standing,
      message,
      head,
      items.map(({ item }) => item),
    ),
  };
}

/** Where a message ends that was begun: it goes on as it was, for the log does not change but by takedowns. */
function begunUntil({ message, epoch }: FeedSubscriptionRow, scanned: number): number | undefined {
  return message?.type === "feed.changes" && message.epoch === epoch && message.until <= scanned ? message.until : undefined;
}

/** As many from the beginning as one message holds; one in any case. */
function cut<Entry extends { item: string }>(entries: readonly Entry[]): readonly Entry[] {
  let letters = 0;
  const over = entries.findIndex(({ item }, n) => (letters += item.length) > MOST_LETTERS && n > 0);
  return over < 0 ? entries : entries.slice(0, over);
}

const filtersOf = ({ action, kind, origin }: FeedSubscriptionRow): FeedFilters => ({
  ...(action && { action }),
  ...(kind && { kind }),
  ...(origin && { origin }),
});

/** The beginning that all messages have in common, up to where members of `data` follow. */
const opening = (base: string, { id }: FeedSubscriptionRow, { type, at }: FeedMessage, epoch: string): string =>
  `{"type":"${type}","timestamp":"${at.toISOString()}","data":{"subscription":"${ulidOf(id)}","node":${JSON.stringify(base)},"epoch":"${epoch}"`;

function cursorAt(standing: FeedSubscriptionRow, epoch: string, position: number): string {
  return encodeCursor({ epoch, position, filters: filterMark(filtersOf(standing)) });
}

/** `cursor` and `position`: what follows them is new; the receiver reads it from the feed. */
function nudgeBody(base: string, standing: FeedSubscriptionRow, message: FeedMessage, head: FeedHead): Buffer {
  const { epoch, position } = standing;
  const cursor = cursorAt(standing, epoch, position);
  return Buffer.from(`${opening(base, standing, message, epoch)},"position":${position},"cursor":"${cursor}","head":${head.position}}}`);
}

/** The changes between two cursors, byte for byte as the feed has them. */
function changesBody(base: string, standing: FeedSubscriptionRow, message: FeedMessage, head: FeedHead, items: readonly string[]): Buffer {
  const { epoch, position } = standing;
  return splice(
    `${opening(base, standing, message, epoch)},"position":${message.until},"cursor":"${cursorAt(standing, epoch, position)}","changes":[`,
    items,
    `],"next_cursor":"${cursorAt(standing, epoch, message.until)}","head":${head.position}}}`,
  );
}

/** The receiver loads the snapshot, reads on from there up to `position`, and is told what follows it. */
function epochBody(
  base: string,
  standing: FeedSubscriptionRow,
  message: FeedMessage,
  { head, reason }: { head: FeedHead; reason: "new_epoch" | "retention_passed" },
): Buffer {
  const { epoch, until } = message;
  const snapshot = JSON.stringify(`${base}${SNAPSHOT_PATH}`);
  return Buffer.from(
    `${opening(base, standing, message, epoch)},"position":${until},"cursor":"${cursorAt(standing, epoch, until)}","head":${head.position},` +
      `"previous_epoch":"${standing.epoch}","reason":"${reason}","snapshot":${snapshot}}}`,
  );
}
