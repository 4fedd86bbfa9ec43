/** The stream at the broker: made where it is missing, its end, its marks, and the messages that a takedown deletes. */
import {
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { connect, headers, nanos, type NatsConnection } from "@nats-io/transport-node";
import { markOf, type Mark, type Message } from "./message.ts";
import { firstToSpeak } from "./first-to-speak.ts";
import { BlockedError, MovedError } from "./trouble.ts";

export interface StreamEnd {
  /** When the broker made it, in its own words. */
  madeAt: string;
  /** Of the newest message that it ever had. */
  sequence: number;
  /** Of the newest message that it has. */
  mark: Mark | undefined;
}

export interface Marked {
  sequence: number;
  mark: Mark | undefined;
}

/** One connection to the broker; nothing here tries again. */
export interface Stream extends AsyncDisposable {
  /** Aborts when the connection is lost. */
  readonly lost: AbortSignal;
  /** Its newest message, of what stands under the prefix. Makes the stream where it is missing. */
  end(): Promise<StreamEnd>;
  /**
   * Appends in order, the first behind `after`, all under way at once: each names the sequence that it expects before it, so that a message is
   * stored only where all before it were. Returns how many were, and what stopped the next.
   */
  append(messages: readonly Message[], after: number): Promise<{ stored: number; fault?: unknown }>;
  /** Where the messages of sequences `from` to `to` stand in the log, in order, without their bodies. */
  marks(from: number, to: number): AsyncIterable<readonly Marked[]>;
  /** Overwrites and deletes a message; one that is gone already is no error. */
  erase(sequence: number): Promise<void>;
}

export interface StreamOptions {
  /** `nats://user:password@host:4222`, `tls://…`; several of one cluster are parted by commas. */
  url: string;
  stream: string;
  prefix: string;
  /** Base of this node: a stream of another one's log is not touched. */
  node: string;
  /** What the broker shows of this connection. */
  name: string;
  /**
   * Awaited before a stream that is missing is made. Its operator may be about to make it anew; and a broker (2.9) that is still deleting the
   * old one takes the folder of the new one along, which then can store nothing.
   */
  settle: () => Promise<void>;
  /** Ends the attempt. */
  signal?: AbortSignal;
}

const NO_MESSAGE = 10_037;
const SEQUENCE_NOT_FOUND = 10_043;
const STREAM_NOT_FOUND = 10_059;
/** An answer of the broker may take so long, in milliseconds. */
const TIMEOUT = 10_000;
const MARKS_AT_ONCE = 1_000;

/** Throws where no broker answers, or the signal says so. */
export async function openStream({ url, stream, prefix, node, name, settle, signal }: StreamOptions): Promise<Stream> {
  const connection = await reach(url, name, signal);
  const lost = new AbortController();
  void connection.closed().then(() => lost.abort());
  const js = jetstream(connection, { timeout: TIMEOUT });
  const manager = await jetstreamManager(connection, { timeout: TIMEOUT, checkAPI: false });
  return {
    lost: lost.signal,
    async end() {
      const info = await ensureStream(manager, { stream, prefix, settle });
      const { messages, first_seq: first, last_seq: sequence } = info.state;
      const newest = messages === 0 ? undefined : await newestOf(manager, js, { stream, prefix }, { first, last: sequence });
      const mark = newest?.mark;
      if (newest !== undefined && mark === undefined)
        throw new BlockedError(
          `the newest message of ${stream} under ${prefix}.> was not put there by a relay: keep ${prefix}.> for this node`,
        );
      if (mark !== undefined && mark.node !== node)
        throw new BlockedError(
          `stream ${stream} has the log of ${mark.node} under ${prefix}.>: set NATS_STREAM or NATS_SUBJECT_PREFIX to another`,
        );
      return { madeAt: info.created, sequence, mark };
    },
    append: (messages, after) => append({ connection, js, stream }, messages, after),
    marks: (from, to) => readMarks(js, { stream, prefix }, from, to),
    async erase(sequence) {
      try {
        await manager.streams.deleteMessage(stream, sequence, true);
      } catch (error) {
        if (!(error instanceof JetStreamApiError) || ![NO_MESSAGE, SEQUENCE_NOT_FOUND].includes(error.code)) throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
    },
  };
}

/** Only what speaks is handed to the client, for of what does not it would leave the socket open for ever. */
async function reach(url: string, name: string, signal: AbortSignal | undefined): Promise<NatsConnection> {
  const address = addressOf(url);
  const server = await firstToSpeak(address.servers, { timeout: TIMEOUT, signal });
  signal?.throwIfAborted();
  const connecting = connect({
    ...address,
    servers: [server],
    name,
    reconnect: false,
    timeout: TIMEOUT,
    pingInterval: 10_000,
    maxPingOut: 2,
  });
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal!.reason as Error);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([connecting, stopped.promise]);
  } catch (error) {
    // What comes too late is not wanted any more.
    if (signal?.aborted) void connecting.then((late) => late.close()).catch(() => undefined);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** As the client wants it. Credentials stand in the first address, as a user and password or a token. */
export function addressOf(url: string): { servers: string[]; user?: string; pass?: string; token?: string; tls?: object } {
  const addresses = url.split(",").map((each) => new URL(each.trim()));
  const { username, password } = addresses[0]!;
  return {
    servers: addresses.map(({ hostname, port }) => `${hostname}:${port || "4222"}`),
    ...(username &&
      (password ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : { token: decodeURIComponent(username) })),
    ...(addresses.some(({ protocol }) => protocol === "tls:") && { tls: {} }),
  };
}

/** One that is there is left as it is, but must take our subjects. */
async function ensureStream(
  { streams }: JetStreamManager,
  { stream: name, prefix, settle }: Pick<StreamOptions, "stream" | "prefix" | "settle">,
): Promise<StreamInfo> {
  let info = await infoOf(streams, name);
  if (info === undefined) {
    await settle();
    info = await infoOf(streams, name);
  }
  info ??= await streams.add({
    name,
    subjects: [`${prefix}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    duplicate_window: nanos(120_000),
  });
  const { subjects } = info.config;
  if (!subjects.some((subject) => covers(subject, prefix)))
    throw new BlockedError(
      `stream ${name} takes ${subjects.join(", ")} but not ${prefix}.>: add that to its subjects, or set NATS_STREAM or NATS_SUBJECT_PREFIX`,
    );
  return info;
}

async function infoOf(streams: JetStreamManager["streams"], name: string): Promise<StreamInfo | undefined> {
  try {
    return await streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

/** True where a pattern of the broker's takes all of `{prefix}.KIND.DOMAIN.ACTION`. */
export function covers(pattern: string, prefix: string): boolean {
  const tokens = pattern.split(".");
  const ours = [...prefix.split("."), "*", "*", "*"];
  const open = tokens.at(-1) === ">";
  const named = open ? tokens.slice(0, -1) : tokens;
  return (
    (open ? named.length < ours.length : named.length === ours.length) && named.every((token, n) => token === "*" || token === ours[n])
  );
}

type Appending = { connection: NatsConnection; js: JetStreamClient; stream: string };

async function append(
  { connection, js, stream }: Appending,
  messages: readonly Message[],
  after: number,
): Promise<{ stored: number; fault?: unknown }> {
  const most = connection.info?.max_payload ?? Infinity;
  const answers = await Promise.allSettled(
    messages.map(async ({ subject, id, headers: said, body }, n) => {
      if (Buffer.byteLength(body) + 2_048 > most)
        throw new BlockedError(`a change of ${Buffer.byteLength(body)} bytes is more than the broker's max_payload of ${most}`);
      const bearing = headers();
      for (const [header, value] of Object.entries(said)) bearing.set(header, value);
      const answer = await js.publish(subject, body, {
        msgID: id,
        headers: bearing,
        expect: { streamName: stream, lastSequence: after + n },
        timeout: TIMEOUT,
        retries: 1,
      });
      // A double of what another relay has just stored there is as good.
      if (answer.seq !== after + n + 1) throw new MovedError(`${id} is in ${stream} already, as ${answer.seq}`);
    }),
  );
  const stored = answers.findIndex(({ status }) => status === "rejected");
  if (stored < 0) return { stored: messages.length };
  return { stored, fault: (answers[stored] as PromiseRejectedResult).reason };
}

/** Not asked for by subject: of a stream with deleted messages, servers of 2.9 answer that with none. */
async function newestOf(
  { streams }: JetStreamManager,
  js: JetStreamClient,
  names: Pick<StreamOptions, "stream" | "prefix">,
  { first, last }: { first: number; last: number },
): Promise<Marked | undefined> {
  const message = await streams.getMessage(names.stream, { seq: last });
  if (message?.subject.startsWith(`${names.prefix}.`)) return { sequence: last, mark: markOf((header) => message.header.get(header)) };
  for (let to = last; to >= first; to -= MARKS_AT_ONCE) {
    const marks = (await Array.fromAsync(readMarks(js, names, Math.max(first, to - MARKS_AT_ONCE + 1), to))).flat();
    if (marks.length > 0) return marks.at(-1);
  }
  return undefined;
}

async function* readMarks(
  js: JetStreamClient,
  { stream, prefix }: Pick<StreamOptions, "stream" | "prefix">,
  from: number,
  to: number,
): AsyncGenerator<Marked[]> {
  if (from > to) return;
  const consumer = await js.consumers.get(stream, { opt_start_seq: from, headers_only: true, filter_subjects: `${prefix}.>` });
  for (let next = from; next <= to;) {
    const some: Marked[] = [];
    let pending = 1;
    for await (const message of await consumer.fetch({ max_messages: MARKS_AT_ONCE, expires: 1_000 })) {
      next = message.seq + 1;
      if (message.seq <= to) some.push({ sequence: message.seq, mark: markOf((header) => message.headers?.get(header)) });
      ({ pending } = message.info);
      if (next > to || pending === 0) break;
    }
    // None came in time: there are none, or the broker is slow.
    if (some.length === 0 && (await consumer.info()).num_pending === 0) return;
    yield some;
    if (pending === 0) return;
  }
}
