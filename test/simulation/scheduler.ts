/**
 * Virtual time. What happens is a list of moments; between two of them nothing waits for a real clock.
 *
 * Tasks (a pull, say) are ordinary async functions whose every wait is `park`. One moment is dealt with at a time, and the next only when
 * all tasks are parked or done again: the order of all that is seen depends on the seed alone, whatever files or threads do meanwhile.
 */

export interface Scheduler {
  /** Milliseconds since the simulation began. */
  now(): number;
  /** Does it so many milliseconds from now. */
  after(milliseconds: number, what: () => void): void;
  /** Runs a task; what it throws ends the simulation. */
  spawn(task: () => Promise<void>): void;
  /** Within a task: goes on so many milliseconds later. */
  park(milliseconds: number): Promise<void>;
  /** Lets time pass up to a moment. */
  runUntil(moment: number): Promise<void>;
  /** Lets time pass until nothing is left to do. */
  runOut(): Promise<void>;
}

interface Moment {
  at: number;
  order: number;
  what: () => void;
}

export function createScheduler(): Scheduler {
  /** The next one last. */
  const moments: Moment[] = [];
  let [time, order, busy] = [0, 0, 0];
  let thrown: { error: unknown } | undefined;
  let whenIdle: (() => void) | undefined;

  const rest = () => {
    busy -= 1;
    if (busy <= 0) whenIdle?.();
  };
  const after = (milliseconds: number, what: () => void): void => {
    const moment = { at: time + milliseconds, order: (order += 1), what };
    let [low, high] = [0, moments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle]!.at > moment.at) low = middle + 1;
      else high = middle;
    }
    moments.splice(low, 0, moment);
  };

  const run = async (until: number): Promise<void> => {
    for (;;) {
      while (busy > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      if (thrown !== undefined) throw thrown.error;
      const next = moments.at(-1);
      if (next === undefined || next.at > until) break;
      moments.pop();
      time = next.at;
      next.what();
    }
    if (Number.isFinite(until)) time = until;
  };

  return {
    now: () => time,
    after,
    spawn(task) {
      busy += 1;
      task().then(rest, (error: unknown) => {
        thrown ??= { error };
        rest();
      });
    },
    park: (milliseconds) =>
      new Promise((resolve) => {
        after(milliseconds, () => {
          busy += 1;
          resolve();
        });
        rest();
      }),
    runUntil: run,
    runOut: () => run(Infinity),
  };
}
