/** The lifecycle, pair by pair, against the table as people wrote it down. */
import { describe, expect, test } from "vitest";
import { RegistryError } from "./errors.ts";
import { allowedFrom, assertTransition, HIDDEN_STATES, isPublic, LIFECYCLE_STATES, type LifecycleState } from "./lifecycle.ts";

/** From each state (row) to each state (column): "x" may, "." may not, "=" stays where it is. */
const TABLE = `
                 draft pending_review published postponed rescheduled sold_out cancelled completed withdrawn deleted
  draft            =         x            x         .          .          .        .         .         .        x
  pending_review   x         =            x         .          .          .        .         .         .        x
  published        .         .            =         x          x          x        x         x         x        x
  postponed        .         .            .         =          x          .        x         .         .        x
  rescheduled      .         .            x         x          =          x        x         x         .        x
  sold_out         .         .            x         x          .          =        x         x         .        x
  cancelled        .         .            x         .          .          .        =         .         .        x
  completed        .         .            .         .          .          .        .         =         .        x
  withdrawn        .         .            x         .          .          .        .         .         =        x
  deleted          .         .            .         .          .          .        .         .         .        =
`;

const [columns = [], ...rows] = TABLE.trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/));
const PAIRS = rows.flatMap(([from, ...marks]) =>
  marks.map((mark, n) => ({ from, to: columns[n], mark }) as { from: LifecycleState; to: LifecycleState; mark: string }),
);

const refusal = (work: () => void): RegistryError | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
};

describe("every pair of states", () => {
  test("stands in the table: ten states, a hundred pairs", () => {
    expect(PAIRS).toHaveLength(100);
    expect([...columns].toSorted()).toEqual([...LIFECYCLE_STATES].toSorted());
    expect(rows.map(([from]) => from)).toEqual(columns);
  });

  test.each(PAIRS.filter(({ mark }) => mark !== "."))("$from -> $to is allowed", ({ from, to }) => {
    expect(refusal(() => assertTransition(from, to))).toBeUndefined();
  });

  test.each(PAIRS.filter(({ mark }) => mark === "."))("$from -> $to is refused, and the refusal lists what is allowed", ({ from, to }) => {
    const allowed = PAIRS.filter((pair) => pair.from === from && pair.mark === "x").map((pair) => pair.to);
    const refused = refusal(() => assertTransition(from, to));
    expect(refused?.problem).toMatchObject({ status: 409, code: "invalid_transition", from, to, errors: [{ pointer: "/eventStatus" }] });
    expect(refused?.extra["allowed"]).toHaveLength(allowed.length);
    expect(refused?.extra["allowed"]).toEqual(expect.arrayContaining(allowed));
    for (const state of allowed) expect(refused?.message).toContain(state);
  });
});

describe("what follows from the table", () => {
  test("deleted is final, and the only state that is", () => {
    expect(LIFECYCLE_STATES.filter((state) => allowedFrom(state).length === 0)).toEqual(["deleted"]);
    expect(refusal(() => assertTransition("deleted", "published"))?.message).toContain("nothing else");
  });

  test("everything but the deleted can be deleted", () => {
    for (const state of LIFECYCLE_STATES.filter((one) => one !== "deleted")) expect(allowedFrom(state)).toContain("deleted");
  });

  test("a reader sees what is announced, a cancellation too, and none of the rest", () => {
    expect(LIFECYCLE_STATES.filter(isPublic)).toEqual(["published", "postponed", "rescheduled", "sold_out", "cancelled", "completed"]);
    expect(HIDDEN_STATES.some(isPublic)).toBe(false);
  });
});
