/** Interleaved rounds of two sides, and what they say: the median of the rounds' own ratios, and their range. */

/** One side of a ratio: does its work once and says how much of it there was a second. */
export type Side = () => Promise<number>;

export interface Ratio {
  name: string;
  /** "events/s through the registry ÷ rows …". */
  what: string;
  unit: string;
  /** What the ratio must reach; absent for a variant that is only told. */
  target?: number;
  rounds: { mine: number; other: number }[];
  /** What must be known to read it. */
  note?: string;
}

export interface Measured extends Ratio {
  median: number;
  least: number;
  most: number;
  met: boolean | undefined;
}

/** Runs both sides `count` times, by turns, the one that begins changing every round. */
export async function interleave(count: number, mine: Side, other: Side): Promise<Ratio["rounds"]> {
  const rounds: Ratio["rounds"] = [];
  for (let n = 0; n < count; n++) {
    if (n % 2 === 0) {
      const first = await mine();
      rounds.push({ mine: first, other: await other() });
    } else {
      const first = await other();
      rounds.push({ mine: await mine(), other: first });
    }
  }
  return rounds;
}

export function measured(ratio: Ratio): Measured {
  const ratios = ratio.rounds.map(({ mine, other }) => mine / other);
  const middle = median(ratios);
  return {
    ...ratio,
    median: middle,
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    met: ratio.target === undefined ? undefined : middle >= ratio.target,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The table that is printed: one line a ratio, its rates below it. */
export function report(ratios: readonly Measured[]): string {
  const width = Math.max(...ratios.map((one) => one.name.length));
  return ratios
    .map((one) => {
      const target = one.target === undefined ? "(variant)" : `target ${fixed(one.target)}`;
      const verdict = one.met === undefined ? "" : one.met ? "met" : "NOT MET";
      const rates = `${amount(median(one.rounds.map((round) => round.mine)))} ÷ ${amount(median(one.rounds.map((round) => round.other)))} ${one.unit}`;
      const first = `${one.name.padEnd(width)}  ${fixed(one.median).padStart(6)}  (${fixed(one.least)}–${fixed(one.most)}, ${one.rounds.length} rounds)  ${target}  ${verdict}`;
      return [
        first.trimEnd(),
        `${" ".repeat(width)}  ${rates}: ${one.what}`,
        ...(one.note === undefined ? [] : [`${" ".repeat(width)}  ${one.note}`]),
      ].join("\n");
    })
    .join("\n");
}

const fixed = (value: number) => value.toFixed(2);
const amount = (value: number) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
