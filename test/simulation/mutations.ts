/** Rules broken on purpose, one at a time: a simulation that does not notice proves nothing. */
import { isUnder, judgeChange } from "../../src/domain/custody.ts";
import type { Rules } from "./rules.ts";

export const MUTATIONS: Record<string, Partial<Rules>> = {
  "an older position replaces a newer one": {
    judge: (heard, held, hearing) => judgeChange(heard, held && { ...held, position: -1, version: undefined }, hearing),
  },
  "an older epoch replaces a newer one, and never the other way round": {
    judge: (heard, held, hearing) => {
      const judged = judgeChange(heard, held, hearing);
      if (held === undefined || heard.custody === undefined || held.epoch === heard.custody.epoch) return judged;
      if (judged.verdict === "pass" && judged.why === "older") return { verdict: "apply", custody: heard.custody };
      return judged.verdict === "refuse" ? judged : { verdict: "pass", why: "older" };
    },
  },
  "a relay is heard about an origin that we follow": {
    judge: (heard, held, hearing) => judgeChange(heard, held, { ...hearing, followed: new Set() }),
  },
  "a peer is heard about what is our own": {
    judge: (heard, held, hearing) =>
      isUnder(hearing.base, heard.uri) && heard.custody !== undefined
        ? { verdict: "apply", custody: heard.custody }
        : judgeChange(heard, held, hearing),
  },
  "everybody is a relay": {
    judge: (heard, held, hearing) => judgeChange(heard, held, { ...hearing, peer: { ...hearing.peer, relay: true } }),
  },
  "what a relay hides for reasons of its own is gone": {
    judge: (heard, held, hearing) =>
      heard.withheld === true && heard.custody !== undefined
        ? { verdict: "apply", custody: heard.custody }
        : judgeChange(heard, held, hearing),
  },
  "a relay does not add itself to the hops": {
    heard: (change) =>
      change.custody === undefined ? change : { ...change, custody: { ...change.custody, hops: change.custody.hops.slice(0, -1) } },
  },
  "a new copy ends without a sweep": { sweep: "nothing" },
  "a new copy sweeps what others told": { sweep: "all" },
  "the cursor moves before the page is applied": { cursorWithPage: false },
  "a restored database keeps its epoch": { newEpoch: false },
  "a new epoch begins by the clock alone, also where that was set back": { nextEpochAt: (now) => now },
};
