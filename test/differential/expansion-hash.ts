/**
 * A fixed set of rules expanded, as one hash: it must be the same on every host. With "--local-dates" the expansion is one that
 * computes with the host's own zone, as a careless program would: its hash must differ between hosts.
 */
import { createHash } from "node:crypto";
import { ourExpansion, type Expander } from "./expanders.ts";
import { casesOf } from "./generate.ts";

const RULES = 400;

/** Takes a local time for one of the host. */
const byLocalDates: Expander = (given) => {
  const found = ourExpansion(given);
  return Array.isArray(found) ? found.map(({ local }) => ({ local, startAt: new Date(local).getTime() })) : found;
};

const expand = process.argv.includes("--local-dates") ? byLocalDates : ourExpansion;
const hash = createHash("sha256");
for (const given of casesOf(5, RULES)) hash.update(JSON.stringify(expand(given)));
process.stdout.write(hash.digest("hex"));
