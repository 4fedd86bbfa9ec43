/**
 * A visit to a source: asked politely, read, and taken in. Whatever goes wrong is the visit's own: it ends with an outcome
 * and a line that says why, what the source said before stays, and the next visit comes later.
 *
 * 1. The source is this visit's until it ends. 2. robots.txt and the host's turn; conditional GET. 3. Nothing new: what was
 * there is seen again. 4. Something new: read, taken in as a run, weighed against what was there before.
 */
import { createHash } from "node:crypto";
import { RegistryError } from "../../domain/errors.ts";
import { leaveAlone } from "../../registry/harvest-hosts.ts";
import {
  beginVisit,
  dropVisit,
  endInVain,
  endUnchanged,
  readAnew,
  takeItems,
  type Unreadable,
  type Answered,
  type Visit,
  type VisitResult,
} from "../../registry/harvest-run.ts";
import type { HarvestFormat } from "../../registry/harvests.ts";
import { SafeFetchError, type FetchAnswer } from "../safe-fetch.ts";
import { ask, DEFAULT_LIMITS, Disallowed, HostIsBusy, PutOff, type AskParts, type HarvestLimits } from "./ask.ts";
import { readSourceInSteps, type SourceReading } from "./read-source.ts";
import { nextVisitIn } from "./schedule.ts";

export type { VisitResult } from "../../registry/harvest-run.ts";
export type { HarvestLimits } from "./ask.ts";

export interface HarvestParts extends Pick<AskParts, "registry" | "fetch" | "wait" | "signal"> {
  /** From 0 to 1: parts visits that fell together. */
  random: () => number;
  limits?: Partial<HarvestLimits>;
}

const ACCEPT: Readonly<Record<HarvestFormat, string>> = {
  ics: "text/calendar, text/plain;q=0.5, */*;q=0.1",
  "json-ld": "application/ld+json, application/json;q=0.9, application/x-ndjson;q=0.8, */*;q=0.1",
  html: "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
  export: "application/x-ndjson, application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1",
};
/** Longer validators are not kept: they are meant to be sent back. */
const MOST_VALIDATOR = 1024;
const MOST_TROUBLE = 500;

/** Visits a source that is due, or with `early` one that is not. Safe to run twice, at once too. */
export async function harvestSource(parts: HarvestParts, sourceId: string, { early = false } = {}): Promise<VisitResult> {
  const { registry } = parts;
  const visit = await beginVisit(registry, sourceId, { early });
  if (visit === undefined) return { outcome: "idle" };
  try {
    return await attempt({ ...parts, limits: { ...DEFAULT_LIMITS, ...parts.limits } }, visit);
  } catch (error) {
    if (parts.signal?.aborted) await dropVisit(registry, visit);
    else if (error instanceof PutOff) return dropVisit(registry, visit, error.until);
    else if (error instanceof Disallowed || error instanceof HostIsBusy || error instanceof SafeFetchError)
      return endBadly(parts, visit, error);
    // What is no fault of the source's is told twice: in the visit, and to whoever runs the job.
    else await inVain(parts, visit, { outcome: "failed", trouble: `this node could not take it in: ${messageOf(error)}` });
    throw error;
  }
}

async function attempt(parts: HarvestParts & { limits: HarvestLimits }, visit: Visit): Promise<VisitResult> {
  const { registry, random } = parts;
  const { harvest } = visit;
  const known = readAnew(visit) ? undefined : harvest;
  const validators = {
    ...(known?.etag && { "if-none-match": known.etag }),
    ...(known?.lastModified && { "if-modified-since": known.lastModified }),
  };
  const answer = await ask(parts, harvest.url, { accept: ACCEPT[harvest.format], ...validators });
  const { status, headers, body } = answer;
  const answered: Answered = {
    httpStatus: status,
    bytes: body.length,
    etag: validator(headers, "etag"),
    lastModified: validator(headers, "last-modified"),
  };
  const next = new Date(registry.clock().getTime() + nextVisitIn({ everyMinutes: harvest.everyMinutes, failures: 0 }, random()));
  const fail = (trouble: string) => inVain(parts, visit, { outcome: "failed", httpStatus: status, bytes: body.length, trouble });

  if (status === 304)
    return Object.keys(validators).length > 0
      ? endUnchanged(registry, visit, answered, next)
      : fail("it answered 304 (not modified), although nothing was asked that could be");
  if (status !== 200 && status !== 203) return fail(`it answered ${status}`);
  const bodyHash = createHash("sha256").update(body).digest();
  if (known?.bodyHash === bodyHash.toString("hex")) return endUnchanged(registry, visit, answered, next);
  let reading: SourceReading;
  try {
    reading = await read(answer, harvest.format);
  } catch (error) {
    if (error instanceof RegistryError && error.problem.status < 500) return fail(error.message);
    throw error;
  }
  const { items } = reading;
  const [first] = items;
  if (first !== undefined && items.every((item) => "problem" in item))
    return fail(`nothing in it can be read: ${(first as Unreadable).problem.detail}`);
  return takeItems(registry, visit, reading, { ...answered, bodyHash }, next);
}

const read = ({ body, headers, url }: FetchAnswer, format: HarvestFormat): Promise<SourceReading> =>
  readSourceInSteps({ body, contentType: headers.get("content-type") ?? undefined, url }, format);

function validator(headers: Headers, name: string): string | null {
  const value = headers.get(name);
  return value !== null && value.length <= MOST_VALIDATOR && /^[\x20-\x7e]+$/.test(value) ? value : null;
}

/** The host, or what stands between, was no help. */
async function endBadly(parts: HarvestParts, visit: Visit, error: Disallowed | HostIsBusy | SafeFetchError): Promise<VisitResult> {
  const { registry } = parts;
  if (error instanceof Disallowed) return inVain(parts, visit, { outcome: "disallowed", trouble: error.message });
  if (error instanceof SafeFetchError) return inVain(parts, visit, { outcome: "failed", trouble: error.message });
  const until = error.milliseconds === undefined ? undefined : new Date(registry.clock().getTime() + error.milliseconds);
  if (until !== undefined) await leaveAlone(registry, error.host, until);
  return inVain(
    parts,
    visit,
    { outcome: "postponed", httpStatus: error.status, trouble: `${error.message}: ${error.host} asks for patience` },
    until,
  );
}

function inVain(parts: HarvestParts, visit: Visit, end: Parameters<typeof endInVain>[2], notBefore?: Date): Promise<VisitResult> {
  const { registry, random } = parts;
  const { everyMinutes, failures } = visit.harvest;
  const at = registry.clock().getTime() + nextVisitIn({ everyMinutes, failures }, random());
  const trouble = oneLine(end.trouble ?? "");
  return endInVain(registry, visit, { ...end, trouble }, new Date(Math.max(at, notBefore?.getTime() ?? 0)));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** As it can be kept and shown: a host's own words may be among it. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .slice(0, MOST_TROUBLE);
