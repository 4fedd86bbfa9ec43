/** Which sources the node visits itself: set by an admin, planned by the minute, and what a person decides about an emptied one. */
import { audit } from "../db/audit.ts";
import type { Reader, Tx } from "../db/database.ts";
import { readHostTurns } from "../db/harvest-hosts.ts";
import {
  acceptMissing,
  deleteHarvest,
  dueSources,
  HARVEST_FORMATS,
  listHarvestRows,
  putHarvest,
  readHarvest,
  scheduleNext,
  type HarvestSettings,
  type ListedHarvest,
} from "../db/harvests.ts";
import { closeReviews } from "../db/reviews.ts";
import { findSource, type SourceRow } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import { assertOwnVoice } from "./speaker.ts";

export { HARVEST_FORMATS, type HarvestFormat, type HarvestSettings, type ListedHarvest } from "../db/harvests.ts";

export interface HarvestChange extends Partial<HarvestSettings> {
  /** The source's name. */
  name: string;
}

/** What this room cannot know: where this node dials. */
export interface HarvestRules {
  /** Why a URL is never dialled; undefined when it may be. */
  whyNotTarget: (url: string) => string | undefined;
}

const DEFAULTS = { everyMinutes: 360, missingAfter: 3, enabled: true } as const;
const MOST_URL = 2048;

/** Has a source visited, or changes how: what is not given stays (or is 360 minutes, 3 visits, enabled). Throws `not_found`, `invalid_body`. */
export async function setHarvest(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { name, ...change }: HarvestChange,
  rules: HarvestRules,
): Promise<HarvestSettings> {
  const source = await named(tx, name);
  assertOwnVoice(source);
  const before = await readHarvest(tx, source.id);
  const settings: HarvestSettings = {
    format: change.format ?? before?.format ?? required("format", `one of ${HARVEST_FORMATS.join(", ")}`),
    url: change.url ?? before?.url ?? required("url", "where the source is visited"),
    everyMinutes: change.everyMinutes ?? before?.everyMinutes ?? DEFAULTS.everyMinutes,
    missingAfter: change.missingAfter ?? before?.missingAfter ?? DEFAULTS.missingAfter,
    enabled: change.enabled ?? before?.enabled ?? DEFAULTS.enabled,
  };
  check(settings, rules);
  const now = registry.clock();
  await putHarvest(tx, source.id, settings, now);
  const { actor, requestId } = caller;
  await audit(tx, [{ actor, requestId, action: "source.harvest-set", entityKind: "source", entityId: source.id, details: settings }], now);
  return settings;
}

/** The source is visited no more; what it said stays. Throws `not_found`. */
export async function removeHarvest(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { name, reason }: { name: string; reason?: string | undefined },
): Promise<void> {
  const source = await named(tx, name);
  if (!(await deleteHarvest(tx, source.id))) throw new RegistryError("not_found", { detail: `The source ${name} is not visited.` });
  const { actor, requestId } = caller;
  await audit(
    tx,
    [{ actor, requestId, reason, action: "source.harvest-removed", entityKind: "source", entityId: source.id }],
    registry.clock(),
  );
}

/** Has a source visited as soon as its host allows it, due or not. Throws `not_found`, `conflict` where visits are switched off. */
export async function visitSoon(registry: Registry, caller: Caller, tx: Tx, { name }: { name: string }): Promise<void> {
  const source = await named(tx, name);
  const harvest = await readHarvest(tx, source.id);
  if (harvest === undefined) throw new RegistryError("not_found", { detail: `The source ${name} is not visited.` });
  if (!harvest.enabled) throw new RegistryError("conflict", { detail: `The visits to ${name} are switched off; enable them first.` });
  const now = registry.clock();
  await scheduleNext(tx, source.id, { nextVisitAt: now }, now);
  await registry.enqueue(tx, { queue: "plan-harvests" });
  const { actor, requestId } = caller;
  await audit(tx, [{ actor, requestId, action: "source.visit-asked", entityKind: "source", entityId: source.id }], now);
}

/** Every source that is visited, by name, with what became of its last visit. */
export function listHarvests(on: Reader): Promise<ListedHarvest[]> {
  return listHarvestRows(on);
}

export const emptyTopic = (sourceId: string): string => `empty ${sourceId}`;

/**
 * A person says that what the source shows no more is gone indeed: from now on it is counted like anything that is missing,
 * until the source is whole again. Throws `not_found`.
 */
export async function acceptEmpty(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { sourceId, reason }: { sourceId: string; reason?: string | undefined },
): Promise<void> {
  const now = registry.clock();
  if (!(await acceptMissing(tx, sourceId, now, now))) throw new RegistryError("not_found", { detail: `No source ${sourceId} is visited.` });
  const { actor, requestId } = caller;
  await closeReviews(tx, [emptyTopic(sourceId)], { state: "resolved", resolution: "accepted", decidedBy: actor, reason }, now);
  await audit(tx, [{ actor, requestId, reason, action: "source.missing-accepted", entityKind: "source", entityId: sourceId }], now);
}

/** Sources that one planning queues; the rest is due a minute later still. */
const MOST_AT_ONCE = 2_000;
const PLANNED_AHEAD_MS = 60_000;

/** Queues a visit to every source that is due. Those of one host come one after the other, `pauseMs` apart. Returns how many. */
export function planHarvests(registry: Registry, { pauseMs }: { pauseMs: number }): Promise<{ planned: number }> {
  return registry.database.transact(async (tx) => {
    const now = registry.clock().getTime();
    const byHost = Map.groupBy(await dueSources(tx, new Date(now), MOST_AT_ONCE), ({ url }) => new URL(url).host);
    const turns = new Map((await readHostTurns(tx, [...byHost.keys()])).map((turn) => [turn.host, turn]));
    let planned = 0;
    for (const [host, sources] of byHost) {
      const turn = turns.get(host);
      const pause = Math.max(pauseMs, (turn?.pauseSeconds ?? 0) * 1000);
      let at = Math.max(now, turn?.nextRequestAt.getTime() ?? now);
      for (const { sourceId } of sources) {
        if (at > now + PLANNED_AHEAD_MS) break;
        await registry.enqueue(tx, { queue: "harvest-source", sourceId, ...(at > now && { startAfter: new Date(at) }) });
        planned++;
        at += pause;
      }
    }
    return { planned };
  });
}

async function named(on: Reader, name: string): Promise<SourceRow> {
  const source = await findSource(on, name);
  if (source === undefined) throw new RegistryError("not_found", { detail: `There is no source named ${name}.` });
  return source;
}

const required = (member: string, expected: string): never => {
  throw new RegistryError("invalid_body", { detail: `${member}: is missing; expected ${expected}.`, pointer: `/${member}` });
};

function check({ format, url, everyMinutes, missingAfter }: HarvestSettings, { whyNotTarget }: HarvestRules): void {
  const wrong = (member: string, detail: string) =>
    new RegistryError("invalid_body", { detail: `${member}: ${detail}.`, pointer: `/${member}` });
  if (!HARVEST_FORMATS.includes(format)) throw wrong("format", `"${String(format)}" is not known; expected ${HARVEST_FORMATS.join(", ")}`);
  if (url.length > MOST_URL) throw wrong("url", `it is longer than ${MOST_URL} characters`);
  const why = whyNotTarget(url);
  if (why !== undefined) throw wrong("url", why);
  const within = (n: number, least: number, most: number) => Number.isInteger(n) && n >= least && n <= most;
  if (!within(everyMinutes, 5, 43_200)) throw wrong("everyMinutes", `${everyMinutes} is not a whole number from 5 to 43200`);
  if (!within(missingAfter, 1, 100)) throw wrong("missingAfter", `${missingAfter} is not a whole number from 1 to 100`);
}
