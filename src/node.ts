/**
 * createNode: the only place where the parts are wired together.
 *
 * Start: 1. open the database and bring its schema up; 2. listen (the base of every @id may depend on the port);
 * 3. keep or check that base; 4. open the feed's epoch; 5. start what ROLES names. The end goes the other way round:
 * drain requests, stop jobs, stop the sequencer, close the database.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pino, type Logger } from "pino";
import { Registry as Metrics } from "prom-client";
import packageJson from "../package.json" with { type: "json" };
import { ConfigError, tzdataVersion, type NodeConfig, type Secrets } from "./config.ts";
import type { Database } from "./db/database.ts";
import { openDatabase } from "./db/open.ts";
import { streamingPeers } from "./db/peers.ts";
import { openServer, type ServerOptions as DatabaseOptions } from "./db/server.ts";
import type { Clock } from "./domain/clock.ts";
import { createMint } from "./domain/iri.ts";
import { createClosedPages, type ClosedPages } from "./feed/closed-pages.ts";
import { openEpoch } from "./feed/epoch.ts";
import { drainOutbox, runSequencer, type SequencerParts } from "./feed/sequencer.ts";
import { redactEntity } from "./feed/redact.ts";
import { createFeedSignal } from "./feed/signal.ts";
import { createSnapshots } from "./feed/snapshot.ts";
import { removeStaleSnapshots } from "./feed/snapshot-files.ts";
import { createFeedStream } from "./feed/stream.ts";
import { harvestSource, type HarvestParts, type VisitResult } from "./federation/harvest/visit.ts";
import { runRelay } from "./federation/nats/relay.ts";
import { createPeerClient } from "./federation/peer/client.ts";
import { followPeers } from "./federation/peer/follow.ts";
import type { PullParts, PullResult } from "./federation/peer/pull.ts";
import { runFeedWebhooks } from "./federation/run-feed-webhooks.ts";
import { createSafeFetch } from "./federation/safe-fetch.ts";
import { feedRoutes } from "./http/feeds.ts";
import { RAW_HEADERS } from "./http/frame.ts";
import { serveAt } from "./http/listen-fault.ts";
import { DEFAULT_LIMITS, type Limits } from "./http/parts.ts";
import { findAmong, savedAt } from "./http/saved-queries.ts";
import type { RunningServer } from "./http/server.ts";
import { jobHandlers, pullToTheEnd } from "./jobs/handlers.ts";
import { openJobs } from "./jobs/jobs.ts";
import { EVERY_MINUTE, type QueueName } from "./jobs/queues.ts";
import type { Registry } from "./registry/context.ts";
import { makeFirstAdminKey } from "./registry/first-admin-key.ts";
import { queuePulls } from "./registry/peer-runs.ts";
import { createPeerStore } from "./registry/peer-store.ts";
import { settleBase } from "./registry/settle-base.ts";
import { matchesAmong } from "./registry/tell-matches.ts";
import { createEmbedders } from "./search/embedders/create-embedders.ts";
import { createToVector } from "./search/query-vector.ts";
import { createSearch } from "./search/search.ts";

const { version } = packageJson;

export interface CalendsNode extends AsyncDisposable {
  /** Where it listens, such as http://127.0.0.1:8080; undefined without the api role. */
  readonly url: string | undefined;
  /** Public base of every minted @id. */
  readonly base: string;
  readonly database: Database;
  readonly registry: Registry;
  readonly log: Logger;
  /** False when the embedded database was left by a crash. */
  readonly wasClosedCleanly: boolean;
  /** On the first start only, and only where no ADMIN_KEY is given: an admin's key, which is kept nowhere. */
  readonly firstAdminKey: string | undefined;
  /** Jobs that were tried to the end in vain, by queue. */
  deadLetters(): Promise<Record<QueueName, number>>;
  /** Puts them back into their queues; resolves with how many. */
  retryDeadLetters(): Promise<number>;
  /** Visits a source now, due or not. */
  harvest(sourceId: string): Promise<VisitResult>;
  /** Pulls from a peer up to its head now, due or not; its profile is read first. */
  pull(nodeId: string): Promise<PullResult>;
  /** Runs every queued job, numbers every committed change and tells webhooks what is due, without waiting for their time. */
  processAll(): Promise<void>;
}

export interface NodeOptions {
  secrets?: Secrets;
  clock?: Clock;
  log?: Logger;
  /** Rates and sizes other than the usual, for tests. */
  limits?: Partial<Limits>;
  /** A database that is open and migrated already, and stays open. For tests. */
  database?: Database;
}

/** `await using node = await createNode(parseConfig(readEnv()))`. Throws in one line what keeps it from starting. */
export async function createNode(config: NodeConfig, options: NodeOptions = {}): Promise<CalendsNode> {
  const { roles, tuning } = config;
  const { secrets = {}, clock = () => new Date() } = options;
  await using stack = new AsyncDisposableStack();
  const log = options.log ?? openLog(config, stack);

  const { database, clean } = options.database
    ? { database: options.database, clean: true }
    : await openConfigured(config, secrets.databaseUrl, log);
  if (options.database === undefined) stack.use(database);
  const readDatabase =
    secrets.databaseReadUrl === undefined ? database : stack.use(openServer(serverOptions(config, secrets.databaseReadUrl, log)));

  const assemble = async (port: number) => {
    const { base, fault } = await settleBase(database, { ...config, port });
    if (base === undefined) throw new ConfigError(fault);
    await openEpoch(database, { clean, clock });
    const sequencing: SequencerParts = { database, clock, base, log, batch: tuning.sequencerBatch, tick: { idle: tuning.sequencerTickMs } };
    if (roles.has("sequencer")) stack.use(runSequencer(sequencing));
    const jobs = stack.use(await openJobs(database, { log, worker: roles.has("worker"), drainMs: tuning.drainMs }));
    const registry: Registry = {
      database,
      clock,
      mint: createMint(),
      base,
      defaultTimezone: config.defaultTimezone,
      horizonDays: config.horizonDays,
      tzdata: tzdataVersion(),
      enqueue: (tx, job) => jobs.enqueue(tx, job),
    };
    const embedders = createEmbedders({ embeddings: config.embeddings, apiKey: secrets.embeddingsKey, log });
    const toVector = createToVector({ ...embedders, log });
    const search = createSearch({ database: readDatabase, clock, toVector });
    // What a replica has not seen yet must not be passed over, nor hidden from who wrote it.
    const freshSearch = readDatabase === database ? search : createSearch({ database, clock, toVector });
    const stopping = new AbortController();
    stack.defer(() => stopping.abort());
    const dialling = { allow: config.fetchAllow ?? [], userAgent: `Calends/${version} (+${base})` };
    const fetch = createSafeFetch(dialling);
    const harvesting: HarvestParts = {
      registry,
      fetch,
      random: Math.random,
      wait: pause,
      signal: stopping.signal,
    };
    const pulling: PullParts = {
      store: createPeerStore(registry, { random: Math.random, redact: redactEntity }),
      client: createPeerClient(dialling),
      clock,
      random: Math.random,
      wait: pause,
      folder: join(config.dataDir, "peers"),
      signal: stopping.signal,
      log,
    };
    const handlers = jobHandlers({
      registry,
      ...embedders,
      matchesSince: matchesAmong(registry, (query, eventIds) => findAmong(freshSearch, savedAt(registry), query, eventIds)),
      fetch,
      harvesting,
      pulling,
      closing: stopping.signal,
      log,
    });
    if (roles.has("worker")) {
      await jobs.work(handlers);
      // Another setting of EMBEDDINGS, or what a stop left undone.
      await database.transact((tx) => jobs.enqueue(tx, { queue: "embed-events" }));
      stack.use(
        followPeers({
          client: pulling.client,
          random: pulling.random,
          wait: pause,
          log,
          peers: () => database.read(streamingPeers),
          nudge: (nodeId) => database.transact((tx) => queuePulls(registry, tx, [nodeId])),
        }),
      );
      const feedSignal = stack.use(createFeedSignal({ database, log }));
      stack.use(runFeedWebhooks({ registry, fetch, random: Math.random, wait: pause, feedSignal, log }));
    }
    if (roles.has("relay") && secrets.natsUrl !== undefined) {
      const signal = stack.use(createFeedSignal({ database, log }));
      stack.use(runRelay({ registry, to: { url: secrets.natsUrl, ...config.nats }, signal, log, random: Math.random, wait: pause }));
    }
    return { base, sequencing, jobs, registry, handlers, harvesting, pulling, search, freshSearch };
  };

  let inner: Awaited<ReturnType<typeof assemble>>;
  let server: RunningServer | undefined;
  if (roles.has("api")) {
    const closing = new AbortController();
    let closedPages: ClosedPages | undefined;
    server = await serveAt(config, {
      drainMs: tuning.drainMs,
      before: (request, response) => closedPages?.serve(request, response) ?? false,
      async createParts(port) {
        inner = await assemble(port);
        const { base, registry, jobs, search, freshSearch } = inner;
        const signal = stack.use(createFeedSignal({ database, log }));
        closedPages = createClosedPages({
          database,
          base,
          signal,
          size: tuning.feedPageSize,
          headers: RAW_HEADERS,
          // At debug: these are what a cache in front would answer, and a line for each costs a tenth of their rate.
          onServed: ({ method, url }, status) => log.debug({ method, path: url, status, route: "closed page" }, "request"),
        });
        const folder = join(config.dataDir, "snapshots");
        // What was taken down while this process did not run, it did not hear of.
        await removeStaleSnapshots(database, folder);
        const snapshots = createSnapshots({ database, clock, signal, log, folder });
        const feed = feedRoutes({
          database,
          base,
          closedPages,
          stream: createFeedStream({ database, base, signal }),
          snapshots,
          closing: closing.signal,
        });
        return {
          registry,
          search,
          freshSearch,
          database,
          readDatabase,
          base,
          nodeName: config.nodeName,
          tiles: config.tiles,
          version,
          secrets,
          clock,
          log,
          metrics: new Metrics(),
          closing: closing.signal,
          feed,
          fetchAllow: config.fetchAllow,
          limits: {
            ...DEFAULT_LIMITS,
            eventBodyBytes: tuning.eventBodyBytes,
            batchBodyBytes: tuning.batchBodyBytes,
            batchItems: tuning.batchItems,
            rates: config.rates,
            trustedProxies: config.trustedProxies,
            ...options.limits,
          },
          deadLetters: () => jobs.deadLetters(),
        };
      },
    });
    // Opened early, but the first to end: streams are told, then requests under way may finish.
    const open = server;
    stack.defer(() => {
      closing.abort();
      return open.close();
    });
  } else inner = await assemble(config.port);

  const { base, registry, jobs, handlers, harvesting, pulling, sequencing } = inner!;
  const firstAdminKey = roles.has("api") && secrets.adminKey === undefined ? await makeFirstAdminKey(registry) : undefined;
  const running = stack.move();
  return {
    url: server?.url,
    base,
    database,
    registry,
    log,
    wasClosedCleanly: clean,
    firstAdminKey,
    deadLetters: () => jobs.deadLetters(),
    retryDeadLetters: () => jobs.retryDeadLetters(),
    harvest: (sourceId) => harvestSource(harvesting, sourceId, { early: true }),
    pull: (nodeId) => pullToTheEnd(pulling, nodeId),
    async processAll() {
      const work = async () => (await jobs.drain(handlers)) + (await drainOutbox(sequencing));
      while ((await work()) > 0);
      for (const queue of EVERY_MINUTE) await database.transact((tx) => jobs.enqueue(tx, { queue }));
      while ((await work()) > 0);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> => wait(milliseconds, undefined, signal && { signal });

/** Lines to stderr, written a few at a time: a system call for each request would be a tenth of its cost. */
function openLog({ logLevel }: NodeConfig, stack: AsyncDisposableStack): Logger {
  const lines = pino.destination({ fd: 2, sync: false, minLength: 4096, periodicFlush: 250 });
  stack.defer(() => lines.flushSync());
  return pino({ level: logLevel }, lines);
}

function openConfigured(config: NodeConfig, url: string | undefined, log: Logger) {
  return openDatabase(url === undefined ? { folder: config.dataDir } : serverOptions(config, url, log));
}

const serverOptions = ({ tuning }: NodeConfig, url: string, log: Logger): DatabaseOptions => ({
  url,
  connections: tuning.poolSize,
  statementTimeout: tuning.statementTimeoutMs,
  onIdleError: (error) => log.warn({ err: error }, "database: an idle connection was lost"),
});
