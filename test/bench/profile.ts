/** Reads what --cpu-prof wrote: for each process the functions in which it spent its time. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const SHOWN = 15;

/** A few lines a process, the busiest first. Times are a function's own, without what it called. */
export async function summarizeProfiles(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile"));
  const all = await Promise.all(
    files.map(async (name) => summary(name, JSON.parse(await readFile(join(folder, name), "utf8")) as Profile)),
  );
  return [
    ...all.toSorted((a, b) => b.busy - a.busy).map((one) => one.text),
    `Profiles for a closer look (a browser's developer tools open them): ${folder}`,
  ].join("\n\n");
}

function summary(name: string, { nodes, samples, timeDeltas }: Profile): { busy: number; text: string } {
  const own = new Map<number, number>();
  samples.forEach((id, n) => own.set(id, (own.get(id) ?? 0) + timeDeltas[n]!));
  const byFunction = new Map<string, number>();
  let [busy, idle] = [0, 0];
  for (const { id, callFrame } of nodes) {
    const time = own.get(id) ?? 0;
    if (callFrame.functionName === "(idle)" || callFrame.functionName === "(program)") {
      idle += time;
      continue;
    }
    busy += time;
    const place = callFrame.url.replace(/^.*\/(node_modules|src|test)\//, "$1/");
    const key = `${callFrame.functionName || "(anonymous)"}  ${place}${place && `:${callFrame.lineNumber + 1}`}`;
    byFunction.set(key, (byFunction.get(key) ?? 0) + time);
  }
  const first = [...byFunction].toSorted((a, b) => b[1] - a[1]).slice(0, SHOWN);
  const lines = first.map(([key, time]) => `  ${((100 * time) / busy).toFixed(1).padStart(5)}%  ${key}`);
  return { busy, text: `${name}: busy ${(busy / 1e6).toFixed(1)} s, idle ${(idle / 1e6).toFixed(1)} s\n${lines.join("\n")}` };
}
