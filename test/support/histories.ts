/**
 * Histories of what several sources and a curator do about three events that several of them speak of. Each has its own
 * order (its lane); how the lanes interleave must make no difference.
 */
import fc from "fast-check";

/** Three events that nothing takes for one by itself; some are merged by hand. */
export const EVENTS = [0, 1, 2] as const;
export type EventNo = (typeof EVENTS)[number];
export const SOURCES = [0, 1, 2] as const;
export type SourceNo = (typeof SOURCES)[number];

/** What a record says of an event, laid over what it must say. */
export interface Words {
  name?: string;
  startDate: string;
  endDate: string | null;
  venue: 0 | 1;
  description: string | null;
  keywords: string[];
  url: string | null;
  eventStatus: string | null;
  organizer: string | null;
  price: string | null;
}

export type SourceStep =
  | { do: "say"; of: EventNo; words: Words }
  /** Takes back what the source says of that field; for sources that speak of one event. */
  | { do: "take back"; field: "description" | "url" | "keywords" | "eventStatus" | "offers" }
  /** Lets the last word that was taken back count again. */
  | { do: "let in" }
  | { do: "withdraw" }
  | { do: "reinstate" }
  | { do: "trust"; level: number }
  | { do: "license"; status: "cc0" | "cc-by" | "proprietary" };
export type CuratorStep = { do: "pin"; field: "name" | "url"; value: string };
export type MergeStep = { do: "merge"; ids: [EventNo, EventNo] } | { do: "undo"; which: number };
export type Step =
  | { lane: SourceNo; step: SourceStep }
  | { lane: "curator"; step: CuratorStep }
  | { lane: "merges"; step: MergeStep }
  | { lane: "jobs" };

export interface History {
  /** Which events each source speaks of. */
  speaks: [EventNo[], EventNo[], EventNo[]];
  sources: [SourceStep[], SourceStep[], SourceStep[]];
  curator: CuratorStep[];
  merges: MergeStep[];
}

/** Starts and ends of which none contradicts itself, but some each other. */
const when = fc.constantFrom<[string, string | null][]>(
  ["2026-05-08T21:00:00-04:00", null],
  ["2026-05-08T21:00:00-04:00", "2026-05-08T23:30:00-04:00"],
  ["2026-05-08T21:30:00-04:00", "2026-05-08T23:30:00-04:00"],
  ["2026-05-15T20:00:00-04:00", null],
  ["2026-05-15T20:00:00-04:00", "2026-05-15T23:00:00-04:00"],
);
const words: fc.Arbitrary<Words> = fc
  .record({
    name: fc.constantFrom("Evening", "EVENING", "Long evening"),
    when,
    venue: fc.constantFrom(0 as const, 1 as const),
    description: fc.constantFrom(null, "Improvised.", "Loud."),
    keywords: fc.subarray(["jazz", "free", "late"]),
    url: fc.constantFrom(null, "https://a.example/", "https://b.example/"),
    eventStatus: fc.constantFrom(null, null, "EventScheduled", "EventCancelled", "EventPostponed", "EventRescheduled"),
    organizer: fc.constantFrom(null, "The Rex Hotel", "Ada's Friends"),
    price: fc.constantFrom(null, "10.00", "15.00"),
  })
  .map(({ when: [startDate, endDate], ...rest }) => ({ ...rest, startDate, endDate }));

const say = (events: readonly EventNo[]) => fc.record({ do: fc.constant("say" as const), of: fc.constantFrom(...events), words });
const sourceStep = (events: readonly EventNo[]): fc.Arbitrary<SourceStep> =>
  fc.oneof(
    { weight: 6, arbitrary: say(events) },
    // Of two events that were merged, a source says one word: which of the two is taken back would depend on when.
    ...(events.length === 1
      ? [
          {
            weight: 2,
            arbitrary: fc.record({
              do: fc.constant("take back" as const),
              field: fc.constantFrom(
                "description" as const,
                "url" as const,
                "keywords" as const,
                "eventStatus" as const,
                "offers" as const,
              ),
            }),
          },
          { weight: 1, arbitrary: fc.constant({ do: "let in" as const }) },
        ]
      : []),
    { weight: 1, arbitrary: fc.constantFrom({ do: "withdraw" as const }, { do: "reinstate" as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("trust" as const), level: fc.integer({ min: 1, max: 10 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("license" as const),
        status: fc.constantFrom("cc0" as const, "cc-by" as const, "proprietary" as const),
      }),
    },
  );

const mergeStep: fc.Arbitrary<MergeStep> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("merge" as const), ids: fc.constantFrom<[EventNo, EventNo][]>([0, 1], [2, 1], [0, 2]) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("undo" as const), which: fc.nat(2) }) },
);

const pin: fc.Arbitrary<CuratorStep> = fc.record({
  do: fc.constant("pin" as const),
  field: fc.constantFrom("name" as const, "url" as const),
  value: fc.constantFrom("https://pin.example/", "https://pinned.example/"),
});
const some = fc.subarray([...EVENTS], { minLength: 1 });

export const history: fc.Arbitrary<History> = fc.tuple(some, some, some).chain((chosen) => {
  // Every event has somebody who speaks of it.
  const orphans = EVENTS.filter((of) => !chosen.flat().includes(of));
  const speaks = chosen.map((events, n) => [...events, ...orphans.filter((of) => of === n)].toSorted((a, b) => a - b)) as History["speaks"];
  const lane = (n: SourceNo) => fc.array(sourceStep(speaks[n]), { maxLength: 5 });
  return fc.record({
    speaks: fc.constant(speaks),
    sources: fc.tuple(lane(0), lane(1), lane(2)),
    curator: fc.array(pin, { maxLength: 2 }),
    merges: fc.array(mergeStep, { maxLength: 4 }),
  });
});

/** In which order lanes get their turn: any list of numbers is one. */
export const turns = fc.array(fc.nat(100), { minLength: 30, maxLength: 30 });

/** The steps of all lanes in one order, each lane's own order kept; now and then the jobs run. */
export function interleave({ sources, curator, merges }: History, order: readonly number[]): Step[] {
  const lanes: Step[][] = [
    ...sources.map((steps, n) => steps.map((step): Step => ({ lane: n as SourceNo, step }))),
    curator.map((step): Step => ({ lane: "curator", step })),
    merges.map((step): Step => ({ lane: "merges", step })),
  ];
  const steps: Step[] = [];
  for (let n = 0; lanes.some((lane) => lane.length > 0); n++) {
    const open = lanes.filter((lane) => lane.length > 0);
    const turn = order[n % order.length]!;
    steps.push(open[turn % open.length]!.shift()!);
    if (turn % 3 === 0) steps.push({ lane: "jobs" });
  }
  return steps;
}
