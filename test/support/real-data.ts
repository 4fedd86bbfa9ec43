/** The real input that tests read where it is at hand: CALENDS_DATA_DIR, else ../shared/data beside the project. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

export const REAL_FILES = [
  "toronto-festivals-2025-06-21.jsonld",
  "toronto-festivals-2026-05-22.jsonld",
  "conferences.jsonld.jsonl",
] as const;

const folder = process.env["CALENDS_DATA_DIR"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** `describe` where the files of real input are there, else skipped: they are not part of the project. */
export const describeWhereRealDataIsAtHand = REAL_FILES.every((name) => existsSync(`${folder}/${name}`)) ? describe : describe.skip;

/** One file as one document: JSON as it is, JSON Lines as a list. */
export function readRealData(name: (typeof REAL_FILES)[number]): unknown {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  if (!name.endsWith(".jsonl")) return JSON.parse(text);
  return text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}
