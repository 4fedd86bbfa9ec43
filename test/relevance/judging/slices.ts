/** All queries by slice, in the order in which they are told. */
import { ACCENTED } from "./accented.ts";
import { EXACT } from "./exact.ts";
import { FRENCH } from "./french.ts";
import { INFLECTED } from "./inflected.ts";
import { LONG } from "./long.ts";
import { MISSPELT } from "./misspelt.ts";
import { PLACE_TIME } from "./place-time.ts";
import type { JudgedNeed } from "./rules.ts";
import { SYNONYMS } from "./synonyms.ts";

export const SLICES: Readonly<Record<string, readonly JudgedNeed[]>> = {
  exact: EXACT,
  misspelt: MISSPELT,
  inflected: INFLECTED,
  accented: ACCENTED,
  french: FRENCH,
  synonyms: SYNONYMS,
  "place-time": PLACE_TIME,
  long: LONG,
};
