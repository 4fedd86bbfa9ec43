/** What an answer's status means to a pull. */
import type { Clock } from "../../domain/clock.ts";
import { retryAfter } from "../harvest/schedule.ts";
import { alarmed, FeedGone, PeerFault } from "./faults.ts";

export interface Answered {
  status: number;
  headers: Headers;
  url: string;
  /** Read for the problem that it may hold; what comes as a stream is not. */
  body?: unknown;
  /** True where it had our key. */
  keyed?: boolean;
}

/** RFC 9457, as far as it is used here. */
export interface Problem {
  code: string | undefined;
  detail: string;
  epoch: string | undefined;
}

const MOST_PROBLEM = 64 * 1024;

/** The problem in an answer's body; without one its text, cut. */
export function problemOf({ body }: Answered): Problem {
  const text = Buffer.isBuffer(body) ? body.toString("utf8", 0, MOST_PROBLEM) : "";
  let said: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) said = value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { code, detail, title, epoch } = said;
  return {
    code: typeof code === "string" ? code : undefined,
    detail: oneLine(typeof detail === "string" ? detail : typeof title === "string" ? title : text),
    epoch: typeof epoch === "string" && /^[\w.-]{1,64}$/.test(epoch) ? epoch : undefined,
  };
}

/** Printable and short: a peer's words in our own log. */
export const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 200);

/** Returns where the answer is 200 (or one of `good`); throws a PeerFault, or FeedGone for 410. `what` is "feed", "snapshot", …; without a clock Retry-After is not heeded. */
export function assertAnswered(answer: Answered, what: string, clock?: Clock, good: readonly number[] = [200]): void {
  const { status, headers, keyed = false } = answer;
  if (good.includes(status)) return;
  if (status === 410) throw new FeedGone(problemOf(answer).epoch);
  if (status === 401 || status === 403)
    throw new PeerFault(
      `its ${what} answered ${status}: ${keyed ? "it does not take the key" : "it wants a key"} (calends peer set --key)`,
      { key: keyed ? "not taken" : "wanted" },
    );
  if (status === 429 || status >= 500) {
    const now = clock?.().getTime() ?? 0;
    const asked = clock === undefined ? undefined : retryAfter(headers.get("retry-after"), now);
    throw new PeerFault(`its ${what} answered ${status}`, asked === undefined ? {} : { retryAt: new Date(now + asked) });
  }
  const { detail } = problemOf(answer);
  throw new PeerFault(`its ${what} answered ${status}${detail === "" ? "" : `: ${detail}`}`);
}

/** As above; a 400 to a request that bore a cursor of the peer's own making is an alarm. */
export function assertPage(answer: Answered, clock: Clock, withCursor: boolean): void {
  if (answer.status === 400 && withCursor) {
    const { code, detail } = problemOf(answer);
    throw alarmed("cursor_refused", `it refuses its own cursor${code === undefined ? "" : ` (${code})`}: ${detail}`);
  }
  assertAnswered(answer, "feed", clock);
}
