/** The rules that a simulated node follows: the real ones, each of which a mutation may replace. */
import { judgeChange, nextEpochAt, type HeardChange } from "../../src/domain/custody.ts";

/** The rules of the real node; a mutation replaces some of them. */
export interface Rules {
  judge: typeof judgeChange;
  /** What arrives, before it is judged. */
  heard: (change: HeardChange) => HeardChange;
  /** What is gone when a copy ends that did not meet it: the peer's own, nothing, or whatever there is. */
  sweep: "own" | "nothing" | "all";
  /** Whether the cursor moves in the transaction that applies the page, or in one of its own before it. */
  cursorWithPage: boolean;
  /** Whether a database that may have lost what it told begins another epoch. */
  newEpoch: boolean;
  nextEpochAt: typeof nextEpochAt;
}

export const REAL_RULES: Rules = {
  judge: judgeChange,
  heard: (change) => change,
  sweep: "own",
  cursorWithPage: true,
  newEpoch: true,
  nextEpochAt,
};
