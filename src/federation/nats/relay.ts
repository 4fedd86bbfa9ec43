/**
 * The relay: the log -> a stream of NATS JetStream, one message a change, in order, each once, for as long as both exist.
 *
 * What the stream has is asked of the stream itself, at every start and after every trouble:
 *   1. Connect; make the stream where it is missing; read the headers of its newest message.
 *   2. Find where it stands against the log (place.ts).
 *   3. Where items were redacted since that message was told, erase them in the stream before anything else is told: so the newest message
 *      always says which takedowns have reached the stream.
 *   4. Read the next changes and append them in one go. Each names the sequence that must be the stream's last, so that nothing comes between
 *      (of another relay, or of this one's own past), and an id by which the broker knows a double.
 *   5. Refused or unheard of from some message on: back to 1, after a while.
 * No lock is held: of two relays on one log the broker takes one's message, and the other looks where it stands.
 */
import { readChangesAfter, readStreamRelay, type StreamRelay } from "../../db/stream-relays.ts";
import type { FeedSignal } from "../../feed/signal.ts";
import { noteRelay } from "../../registry/note-relay.ts";
import type { Registry } from "../../registry/context.ts";
import { messageOf } from "./message.ts";
import { eraseRedacted, placeOf } from "./place.ts";
import { openStream, type Stream, type StreamEnd, type StreamOptions } from "./stream.ts";
import { MovedError, troubleOf, type Trouble } from "./trouble.ts";

export interface RelayLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RelayParts {
  registry: Pick<Registry, "database" | "clock" | "base">;
  /** Where and under which names; the address may bear credentials. */
  to: Pick<StreamOptions, "url" | "stream" | "prefix">;
  signal: FeedSignal;
  log: RelayLog;
  /** In [0, 1). */
  random: () => number;
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** How the broker is reached, if not as usual; for tests. */
  open?: typeof openStream;
  /** Changes that are under way at once. */
  window?: number;
  /** Milliseconds between looks at a stream to which nothing is to be told. */
  idle?: number;
  /** The longest wait between tries, in milliseconds. */
  patience?: number;
}

const WINDOW = 200;
const IDLE = 10_000;
const PATIENCE = 30_000;
const FIRST_WAIT = 250;
/** Another relay is at work: let it. */
const STAND_BY = 2_000;
/** A stream that is missing is not made sooner. */
const SETTLE = 2_000;

/** Tells in the background until it is disposed of; what is under way then is finished or told again by the next. */
export function runRelay(parts: RelayParts): AsyncDisposable {
  const stopping = new AbortController();
  const ended = keepTelling(parts, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
    },
  };
}

async function keepTelling(parts: RelayParts, stopping: AbortSignal): Promise<void> {
  const { registry, to, log, random, open = openStream, patience = PATIENCE } = parts;
  const notes = openNotes(parts);
  let tries = 0;
  while (!stopping.aborted) {
    const progress = () => void (tries = 0);
    try {
      await using stream = await open({
        ...to,
        node: registry.base,
        name: `calends relay of ${registry.base}`,
        settle: () => parts.wait(SETTLE, stopping),
        signal: stopping,
      });
      await tell(stream, parts, notes, { stopping, progress });
    } catch (error) {
      if (stopping.aborted) return;
      const trouble = troubleOf(error);
      tries += 1;
      if (trouble.kind === "moved") log.info({ stream: to.stream, why: trouble.why }, "relay: looking anew where the stream stands");
      else await notes.blocked(trouble);
      const most = Math.min(trouble.kind === "moved" ? STAND_BY : patience, FIRST_WAIT * 2 ** Math.min(tries, 20));
      await parts.wait(Math.ceil(random() * most), stopping).catch(() => undefined);
    }
  }
}

type Course = { stopping: AbortSignal; progress: () => void };

/** Until it is stopped, or throws what came in its way. */
async function tell(stream: Stream, parts: RelayParts, notes: Notes, { stopping, progress }: Course): Promise<void> {
  const { registry, to, signal, log, window = WINDOW, idle = IDLE } = parts;
  const { database, base } = registry;
  const until = AbortSignal.any([stopping, stream.lost]);
  let end = await stream.end();
  let swept = end.mark?.redactions ?? 0;
  let place = await placeOf(database, stream, end, await database.read((on) => readStreamRelay(on, to.stream)));
  log.info({ stream: to.stream, ...place }, "relay: the stream goes so far; going on from there");

  while (!stopping.aborted) {
    const { head, oldest, changes } = await database.read((on) => readChangesAfter(on, place.position, window));
    if (head.epoch !== place.epoch || head.position < place.position) throw new MovedError(`the feed is in epoch ${head.epoch} now`);
    if (head.redactions !== swept) {
      const erased = await eraseRedacted(database, stream, end.sequence);
      if (erased > 0) log.info({ stream: to.stream, erased }, "relay: a takedown reached the stream");
      const now = await stream.end();
      // What another relay told meanwhile was not looked at.
      swept = now.sequence === end.sequence ? head.redactions : (now.mark?.redactions ?? 0);
      place = await placeOf(database, stream, now, kept(to.stream, end, place));
      end = now;
      continue;
    }
    const [first] = changes;
    if (first === undefined) {
      progress();
      await notes.told(end, place, head.position);
      await signal.moved(head, idle, until);
      if (until.aborted) break;
      await assertUnmoved(stream, end);
      continue;
    }
    if (first.position > place.position + 1 && place.position >= oldest - 1)
      throw new Error(`The log has a gap: position ${first.position} follows ${place.position}.`);
    if (first.position > place.position + 1)
      log.warn(
        { stream: to.stream, from: place.position + 1, to: oldest - 1 },
        "relay: the log no longer keeps these changes; the stream will not have them",
      );
    const messages = changes.map((change) => messageOf(change, { node: base, prefix: to.prefix, head }));
    const { stored, fault } = await stream.append(messages, end.sequence);
    if (stored > 0) {
      const last = changes[stored - 1]!;
      end = { ...end, sequence: end.sequence + stored };
      place = { epoch: head.epoch, position: last.position };
      progress();
      await notes.told(end, place, head.position);
    }
    if (fault !== undefined) throw fault;
  }
  if (stream.lost.aborted && !stopping.aborted) throw new Error("the connection was lost");
}

async function assertUnmoved(stream: Stream, before: StreamEnd): Promise<void> {
  const now = await stream.end();
  if (now.madeAt !== before.madeAt) throw new MovedError("the stream is another one of the same name");
  if (now.sequence !== before.sequence) throw new MovedError("something else was told to the stream");
}

const kept = (
  stream: string,
  end: Pick<StreamEnd, "madeAt" | "sequence">,
  place: { epoch: string; position: number },
): Omit<StreamRelay, "toldAt"> => ({
  stream,
  madeAt: end.madeAt,
  epoch: place.epoch,
  position: place.position,
  sequence: end.sequence,
  blockedBy: null,
  blockedSince: null,
});

interface Notes {
  told(end: StreamEnd, place: { epoch: string; position: number }, head: number): Promise<void>;
  blocked(trouble: Trouble): Promise<void>;
}

/** For people: in the log once, when it changes; in the database for metrics and doctor, where it can be reached. */
function openNotes({ registry, to, log }: RelayParts): Notes {
  const { database, clock } = registry;
  let last = "";
  let trouble: string | undefined;
  let [since, isKept] = [clock(), true];
  return {
    async told(end, place, head) {
      if (trouble !== undefined) log.info({ stream: to.stream, ...place, head }, "relay: telling again");
      trouble = undefined;
      const note = kept(to.stream, end, place);
      if (JSON.stringify(note) === last) return;
      await noteRelay(registry, note);
      last = JSON.stringify(note);
    },
    async blocked({ kind, why }) {
      const isNew = why !== trouble;
      if (isNew) {
        if (trouble === undefined) since = clock();
        [trouble, last, isKept] = [why, "", false];
        const message = "relay: nothing can be told to the stream now; trying again, nothing is lost";
        log[kind === "blocked" ? "error" : "warn"]({ stream: to.stream, why }, message);
      }
      // The database may have been away when it was first to be kept.
      if (isKept) return;
      try {
        const before = await database.read((on) => readStreamRelay(on, to.stream));
        await noteRelay(registry, {
          ...(before ?? kept(to.stream, { madeAt: "", sequence: 0 }, { epoch: "", position: 0 })),
          blockedBy: why,
          blockedSince: before?.blockedSince ?? since,
        });
        isKept = true;
      } catch (error) {
        if (isNew) log.warn({ err: error }, "relay: its state could not be kept");
      }
    },
  };
}
