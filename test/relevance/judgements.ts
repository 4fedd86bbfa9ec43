/** Reads what was judged, and finds the judged events in a corpus by their keys. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventKey, seriesKey, type CorpusEvent } from "./corpus.ts";

/** 3: what was asked for, 2: fits well, 1: related, 0: looked at and found to be none of these. */
export type Grade = 0 | 1 | 2 | 3;

/** One line of judgements/SLICE.jsonl. */
export interface JudgedQuery {
  id: string;
  slice: string;
  query: string;
  /** What the asker wants, in a sentence. */
  need: string;
  /** By grade, keys of events or of whole series, as corpus.ts makes them. */
  judged: Readonly<Record<`${Grade}`, readonly string[]>>;
}

/** Grades by the events' @ids of this run. */
export type Grades = ReadonlyMap<string, Grade>;

const FOLDER = fileURLToPath(new URL("judgements", import.meta.url));

/** All judged queries, slice by slice, in the order of their files. */
export function readJudgements(folder = FOLDER): JudgedQuery[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .flatMap((name) =>
      readFileSync(join(folder, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as JudgedQuery),
    );
}

/** A finder of the grades of a query among these events. Throws where a judged event is not there: the corpus is another one. */
export function gradesIn(corpus: readonly CorpusEvent[]): (query: Pick<JudgedQuery, "id" | "judged">) => Grades {
  const byKey = new Map<string, string[]>();
  for (const event of corpus) {
    for (const key of new Set([seriesKey(event), eventKey(event)])) {
      const ids = byKey.get(key);
      if (ids === undefined) byKey.set(key, [event.id]);
      else ids.push(event.id);
    }
  }
  return ({ id, judged }) => {
    const grades = new Map<string, Grade>();
    for (const grade of [3, 2, 1, 0] as const) {
      for (const event of judged[`${grade}`]) {
        const ids = byKey.get(event);
        if (ids === undefined) throw new Error(`${id} judges “${event}”, which is no event of this corpus.`);
        for (const one of ids) {
          if (grades.has(one)) throw new Error(`${id} judges “${event}” twice.`);
          grades.set(one, grade);
        }
      }
    }
    return grades;
  };
}
