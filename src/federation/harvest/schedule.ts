/** When a source is visited again: by its rhythm, after a failure ever later, and when its host says so. Times in milliseconds. */

const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** Visits that fall together by chance part again: the next comes up to a tenth later. */
const JITTER = 0.1;

/** After `failures` in a row (0: all is well): the rhythm, doubled each time up to a day. `random` is 0 to 1. */
export function nextVisitIn({ everyMinutes, failures }: { everyMinutes: number; failures: number }, random: number): number {
  const every = everyMinutes * MINUTE;
  const longest = Math.max(every, DAY);
  return Math.round(Math.min(longest, every * 2 ** Math.min(failures, 20)) * (1 + JITTER * random));
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, as a time from now on, a day at most; undefined where it says nothing of sense. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, DAY);
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), DAY);
}

/** IMF-fixdate, RFC 850's and asctime's (RFC 9110 §5.6.7). */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w :-]+( GMT)?$/;
