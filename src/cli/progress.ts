/**
 * How far an import is: a bar that is drawn over itself on a terminal, and a plain line now and then anywhere else.
 * Drawing is pure (barOf, lineOf); only `createProgress` writes.
 */
import type { Clock } from "../domain/clock.ts";
import type { Output } from "./command.ts";

/** `read` and `size` are bytes of the input; the counts are events. */
export interface Progress {
  phase: "reading" | "applying";
  done: number;
  total: number;
  counts?: { created: number; updated: number; merged: number; unchanged: number; rejected: number };
}

export interface ProgressView {
  update(progress: Progress): void;
  /** Clears the bar, so that other lines can be written. */
  clear(): void;
}

/** How often a bar is drawn, and a plain line is written at the latest, in milliseconds. */
const REDRAW = 100;
const PLAIN_EVERY = 5_000;
/** A plain line is also written whenever this share of the work has been done. */
const PLAIN_SHARE = 0.1;

export function createProgress(output: Output, clock: Clock): ProgressView {
  let startedAt = 0;
  let drawn = { at: 0, share: 0 };
  let phase: Progress["phase"] | undefined;
  const clear = () => {
    if (output.isTTY) output.write("\r\u001B[K");
  };
  return {
    clear,
    update(progress) {
      const now = clock().getTime();
      if (progress.phase !== phase) {
        phase = progress.phase;
        startedAt = now;
        drawn = { at: 0, share: 0 };
      }
      const share = progress.total === 0 ? 1 : progress.done / progress.total;
      const seconds = (now - startedAt) / 1000;
      if (output.isTTY) {
        if (now - drawn.at < REDRAW && share < 1) return;
        output.write(`\r\u001B[K${barOf(progress, seconds, output.columns ?? 80)}`);
      } else {
        if ((now - drawn.at < PLAIN_EVERY && share - drawn.share < PLAIN_SHARE && share < 1) || drawn.share >= 1) return;
        output.write(`${lineOf(progress, seconds)}\n`);
      }
      drawn = { at: now, share };
    },
  };
}

/** "applying  ██████░░░░  60%  1,036 of 1,727  412/s  2 s left  new 900  updated 100 …", cut to `width` columns. */
export function barOf(progress: Progress, seconds: number, width: number): string {
  const share = progress.total === 0 ? 1 : Math.min(1, progress.done / progress.total);
  const size = Math.max(6, Math.min(24, width - 90));
  const full = Math.round(share * size);
  return `${progress.phase.padEnd(8)}  ${"█".repeat(full)}${"░".repeat(size - full)}  ${words(progress, share, seconds).join("  ")}`.slice(
    0,
    width - 1,
  );
}

/** The same without the bar, for logs. */
export function lineOf(progress: Progress, seconds: number): string {
  const share = progress.total === 0 ? 1 : Math.min(1, progress.done / progress.total);
  return `${progress.phase}  ${words(progress, share, seconds).join("  ")}`;
}

function words({ phase, done, total, counts }: Progress, share: number, seconds: number): string[] {
  const rate = seconds > 0 ? done / seconds : 0;
  const amount = phase === "reading" ? `${mebibytes(done)} of ${mebibytes(total)}` : `${count(done)} of ${count(total)}`;
  const speed = phase === "reading" ? `${mebibytes(rate)}/s` : `${count(Math.round(rate))}/s`;
  const left = share >= 1 ? [] : rate > 0 ? [`${duration((total - done) / rate)} left`] : [];
  const outcome =
    counts === undefined
      ? []
      : [
          `new ${count(counts.created)}`,
          `updated ${count(counts.updated)}`,
          ...(counts.merged > 0 ? [`merged ${count(counts.merged)}`] : []),
          `unchanged ${count(counts.unchanged)}`,
          `rejected ${count(counts.rejected)}`,
        ];
  return [`${Math.floor(share * 100)}%`.padStart(4), amount, ...(rate > 0 ? [speed] : []), ...left, ...outcome];
}

export const count = (value: number): string => value.toLocaleString("en");
const mebibytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;

/** 75 -> "1 min 15 s"; 0.4 -> "1 s". */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
