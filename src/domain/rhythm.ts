/**
 * How well a source does: what its visits bring now, held against what they used to bring.
 *
 * Everything is decided by one walk over the series from its beginning, so that the same series always gives the same
 * judgement, and an alarm knows since when it holds:
 *
 * 1. failing: no answer, visit after visit.
 * 2. empty: a drop far below the moving average, longer than the drops from which this source came back by itself.
 * 3. rejecting: too large a part of what was found cannot be taken.
 * 4. silent: nothing new or changed for much longer than ever between two days that brought something.
 *
 * What it cannot know: a yearly break (a theatre's summer) looks like silence each time. A person dismisses that alarm,
 * and it is not raised again before the source has spoken (registry/source-health.ts).
 */
import { judgeLevel, judgeRefusals } from "./amounts.ts";
import { moveAverage, quantile, type MovingAverage } from "./moving-average.ts";
import { ALARM_STATES, count, DAY, HOUR, MEMORY, type Alarm, type Tally } from "./tally.ts";

export const SOURCE_STATES = ["learning", "well", ...ALARM_STATES] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/** What this source usually does; null where that is not known yet. */
export interface Expected {
  /** Events in a body: moving average and deviation. */
  found: number | null;
  foundDeviation: number | null;
  /** New and changed events a visit: moving average and deviation. */
  fresh: number | null;
  freshDeviation: number | null;
  /** Part of what is found that is rejected, 0 to 1. */
  rejectedShare: number | null;
  /** Days from one day with news to the next: the median, and after how many the source counts as silent. */
  gapDays: number | null;
  silentAfterDays: number | null;
}

/** What it did last. */
export interface Actual {
  found: number | null;
  fresh: number | null;
  rejectedShare: number | null;
  /** From the last day with news to the last answer. */
  quietDays: number | null;
  failuresInRow: number;
}

export interface Judgement {
  /** The worst of the alarms; without one, `learning` until eight days have brought something, then `well`. */
  state: SourceState;
  since?: number;
  expected: Expected;
  actual: Actual;
  /** All that hold, the worst first. */
  alarms: Alarm[];
}

/** Judges the tallies up to `now` (epoch milliseconds); they must be in the order of time. */
export function judge(series: readonly Tally[], now: number): Judgement {
  const known = series.filter((tally) => tally.at <= now);
  const level = judgeLevel(known);
  const refusals = judgeRefusals(known);
  const news = judgeNews(known);
  const failing = judgeFailures(known, now);
  const alarms = [failing.alarm, level.alarm, refusals.alarm, news.alarm].filter((alarm) => alarm !== undefined);
  const worst = alarms[0];
  return {
    state: worst?.state ?? (news.days < ENOUGH_NEWS ? "learning" : "well"),
    ...(worst && { since: worst.since }),
    expected: {
      found: rounded(level.usual?.mean),
      foundDeviation: rounded(deviation(level.usual)),
      fresh: rounded(news.usual?.mean),
      freshDeviation: rounded(deviation(news.usual)),
      rejectedShare: rounded(refusals.usual?.mean, 3),
      gapDays: news.gapDays ?? null,
      silentAfterDays: news.limitDays ?? null,
    },
    actual: {
      found: rounded(level.latest),
      fresh: rounded(news.latest),
      rejectedShare: rounded(refusals.latest, 3),
      quietDays: news.quietDays ?? null,
      failuresInRow: failing.inRow,
    },
    alarms,
  };
}

/** So many visits in a row, over so long a time: a source that is visited every five minutes may be down for an hour. */
const FAILURES = 3;
const FAILING_AFTER = 6 * HOUR;

function judgeFailures(series: readonly Tally[], now: number): { inRow: number; alarm?: Alarm } {
  const lastAnswered = series.findLastIndex(({ visits, failures }) => visits > failures);
  const row = series.slice(lastAnswered + 1).filter(({ failures }) => failures > 0);
  const inRow = row.reduce((sum, { failures }) => sum + failures, 0);
  const since = row[0]?.at;
  if (since === undefined || inRow < FAILURES || now - since < FAILING_AFTER) return { inRow };
  return {
    inRow,
    alarm: { state: "failing", since, expected: "an answer at every visit", actual: `${inRow} visits in a row without one` },
  };
}

const ENOUGH_NEWS = 8;
const LEAST_QUIET_DAYS = 7;

interface News {
  usual?: MovingAverage;
  latest?: number;
  /** Days that brought something. */
  days: number;
  gapDays?: number;
  limitDays?: number;
  quietDays?: number;
  alarm?: Alarm;
}

/**
 * When it brings something. Quiet lasts until the last answer and not until now: a node that stood still, or a source
 * that does not answer, has not been silent. The limit is wider (by 4/n) while few gaps are known.
 */
function judgeNews(series: readonly Tally[]): News {
  let usual: MovingAverage | undefined;
  const days = new Set<number>();
  let lastNews = 0;
  let lastAnswer = 0;
  let latest: number | undefined;
  for (const { at, visits, failures, fresh } of series) {
    if (visits <= failures) continue;
    lastAnswer = at;
    latest = fresh / (visits - failures);
    usual = moveAverage(usual, latest, at, MEMORY);
    if (fresh === 0) continue;
    lastNews = at;
    days.add(Math.floor(at / DAY));
  }
  const news: News = { days: days.size, ...(usual && { usual }), ...(latest !== undefined && { latest }) };
  if (days.size === 0) return news;
  const quietDays = Math.floor(lastAnswer / DAY) - Math.floor(lastNews / DAY);
  if (days.size < ENOUGH_NEWS) return { ...news, quietDays };
  const each = [...days];
  const gaps = each.slice(1).map((day, index) => day - each[index]!);
  const gapDays = quantile(gaps, 0.5)!;
  const limitDays = Math.ceil(Math.max(4 * gapDays, 3 * quantile(gaps, 0.95)!, LEAST_QUIET_DAYS) * (1 + 4 / gaps.length));
  const told = { ...news, quietDays, gapDays, limitDays };
  if (quietDays <= limitDays) return told;
  const expected = `something new every ${count(gapDays, "day")}, at the latest after ${count(limitDays, "day")}`;
  return { ...told, alarm: { state: "silent", since: lastNews, expected, actual: `nothing new for ${count(quietDays, "day")}` } };
}

const rounded = (value: number | undefined, digits = 1): number | null => (value === undefined ? null : Number(value.toFixed(digits)));
const deviation = (average: MovingAverage | undefined) => average && Math.sqrt(average.variance);
