/** One GET of a page, bounded; its JSON, parsed within bounds. */
import type { z } from "zod";
import { shapeWords } from "../../domain/shape-faults.ts";
import { retryAfter } from "../harvest/schedule.ts";
import { SafeFetchError } from "../safe-fetch.ts";
import { oneLine, type Answered } from "./answers.ts";
import { alarmed, PageTooLarge, PeerFault } from "./faults.ts";
import { BadJson, parseBounded, PEER_LEVELS } from "./read-json.ts";
import type { Run } from "./run.ts";

const BOUNDS = { depth: PEER_LEVELS, values: 250_000 };

/** Milliseconds; "0" seconds are no rest. */
const LEAST_WAIT = 1_000;

/** Throws PageTooLarge where fewer items may do, else as the client does. A peer that says to ask a little slower is asked a little slower. */
export async function getPage(run: Run, url: string): Promise<Answered & { body: Buffer }> {
  const { client, limits, parts } = run;
  try {
    for (;;) {
      const answer = await client.get(url, {
        headers: { accept: "application/json" },
        maxBytes: limits.pageBytes,
        timeoutMs: limits.requestMs,
        signal: parts.signal,
      });
      const asked = answer.status === 429 ? retryAfter(answer.headers.get("retry-after"), parts.clock().getTime()) : undefined;
      if (asked === undefined || asked > run.patience) return answer;
      run.patience -= Math.max(asked, LEAST_WAIT);
      await parts.wait(Math.max(asked, LEAST_WAIT), parts.signal);
    }
  } catch (error) {
    if (error instanceof SafeFetchError && (error.fault === "size" || error.fault === "ratio"))
      throw new PageTooLarge(error.reason, { cause: error });
    throw error;
  }
}

/** A page of this form. Throws as `pageObject` does, or an alarm that begins with `otherwise` and says what is amiss. */
export function pageAs<Form extends z.ZodType>(body: Buffer, form: Form, otherwise: string): z.output<Form> {
  const page = pageObject(body);
  const parsed = form.safeParse(page);
  if (!parsed.success) throw alarmed("unreadable", `${otherwise}: ${oneLine(shapeWords(parsed.error, page))}`);
  return parsed.data;
}

/** The JSON object of a page. Throws PageTooLarge, or a PeerFault: no JSON may be a proxy's word; JSON that is no page is the peer's own. */
function pageObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseBounded(body, BOUNDS);
  } catch (error) {
    if (!(error instanceof BadJson)) throw error;
    if (error.tooMany) throw new PageTooLarge(error.message, { cause: error });
    if (error.message.startsWith("it is nested")) throw alarmed("unreadable", `a page of it cannot be read: ${error.message}`);
    throw new PeerFault(`a page of it cannot be read: ${error.message}`, {}, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw alarmed("unreadable", "a page of it is no JSON object");
  return value as Record<string, unknown>;
}

/** `url` with these parameters; what is undefined or empty is left out. */
export function withQuery(url: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") address.searchParams.set(name, String(value));
  return address.href;
}
