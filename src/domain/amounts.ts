/** How much a source's bodies hold, and how much of it cannot be taken, against what is usual. */
import { moveAverage, type MovingAverage } from "./moving-average.ts";
import { count, DAY, ENOUGH_SEEN, MEMORY, percent, type Alarm, type Tally } from "./tally.ts";

export interface Amount {
  usual?: MovingAverage;
  latest?: number;
  alarm?: Alarm;
}

/** A changed amount is taken as the usual one after this time. */
const BELIEVED_AFTER = 30 * DAY;

const LEAST_EXPECTED = 5;
const DROPPED_TO = 0.3;
/** One odd answer is no alarm: it must be told twice. */
const TOLD = 2;
/** A drop may last twice as long as the longest of late from which the source came back (weekends, closed Mondays) … */
const DIPS_REMEMBERED = 60 * DAY;
/** … within bounds; and while its first two weeks run, nobody knows its weekends. */
const MOST_PATIENCE = 7 * DAY;
const YOUNG = 14 * DAY;
const PATIENCE_WITH_YOUNG = 3 * DAY;

/** How much a body holds. A drop does not move the average, else it would soon pass for usual. */
export function judgeLevel(series: readonly Tally[]): Amount {
  let usual: MovingAverage | undefined;
  let latest: number | undefined;
  let low: { since: number; last: number; told: number } | undefined;
  const dips: { at: number; lasted: number }[] = [];
  const answered = series.filter(({ visits, failures }) => visits > failures);
  for (const { at, visits, failures, readings, found } of answered) {
    latest = readings > 0 ? found / readings : latest;
    if (latest === undefined) continue;
    if (usual !== undefined && usual.seen >= ENOUGH_SEEN && usual.mean >= LEAST_EXPECTED && latest < DROPPED_TO * usual.mean) {
      low = { since: low?.since ?? at, last: at, told: (low?.told ?? 0) + visits - failures };
      if (latest < 1 || at - low.since < BELIEVED_AFTER) continue;
      // A calendar that is smaller now; an empty one is never believed.
      usual = undefined;
    } else if (low !== undefined) dips.push({ at, lasted: at - low.since });
    low = undefined;
    usual = moveAverage(usual, latest, at, MEMORY);
  }
  const found = { ...(usual && { usual }), ...(latest !== undefined && { latest }) };
  if (low === undefined || usual === undefined || latest === undefined) return found;
  const { since, last, told } = low;
  const lately = dips.filter((dip) => dip.at > since - DIPS_REMEMBERED).map(({ lasted }) => 2 * lasted);
  const young = since - answered[0]!.at < YOUNG ? PATIENCE_WITH_YOUNG : 0;
  if (told < TOLD || last - since < Math.max(young, Math.min(MOST_PATIENCE, Math.max(0, ...lately)))) return found;
  const alarm: Alarm = { state: "empty", since, expected: `about ${count(usual.mean, "event")} a visit`, actual: count(latest, "event") };
  return { ...found, alarm };
}

const MOST_REJECTED = 0.3;
/** An alarm ends a little below where it began, so that it does not come and go. */
const MOST_REJECTED_AFTER = 0.25;
const LEAST_FOUND = 10;
const WORTH_TELLING = 0.05;

/** How much of it is rejected: more than 30 % of ten or more, or twice what is usual and no chance (five standard deviations). */
export function judgeRefusals(series: readonly Tally[]): Amount {
  let usual: MovingAverage | undefined;
  let latest: { share: number; found: number } | undefined;
  let since: number | undefined;
  for (const tally of series) {
    if (tally.readings === 0) continue;
    const rejected = tally.rejected / tally.readings;
    const found = Math.max(tally.found / tally.readings, rejected);
    if (found === 0) continue;
    const share = rejected / found;
    latest = { share, found };
    const often = found >= LEAST_FOUND && share > (since === undefined ? MOST_REJECTED : MOST_REJECTED_AFTER);
    const expected = usual !== undefined && usual.seen >= ENOUGH_SEEN ? usual.mean * found : undefined;
    const unusual =
      expected !== undefined &&
      share >= WORTH_TELLING &&
      rejected > (since === undefined ? Math.max(2 * expected, expected + 5 * Math.sqrt(expected + 1)) : 1.5 * expected);
    if (often || unusual) {
      since ??= tally.at;
      if (often || tally.at - since < BELIEVED_AFTER) continue;
      usual = undefined;
    }
    since = undefined;
    usual = moveAverage(usual, share, tally.at, MEMORY);
  }
  const found = { ...(usual && { usual }), ...(latest && { latest: latest.share }) };
  if (since === undefined || latest === undefined) return found;
  const usually = usual === undefined ? "" : `, usually ${percent(usual.mean)}`;
  const expected = `at most ${percent(MOST_REJECTED)} of the events rejected${usually}`;
  return {
    ...found,
    alarm: { state: "rejecting", since, expected, actual: `${percent(latest.share)} of ${count(latest.found, "event")}` },
  };
}
