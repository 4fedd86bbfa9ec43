/** One share of the differential test, under whatever zone and locale its process was started with: a line of JSON. */
import { parseArgs } from "node:util";
import { openDateutil } from "./ask-dateutil.ts";
import { ourExpansion } from "./expanders.ts";
import { casesOf } from "./generate.ts";
import { judge } from "./judge.ts";

const { values } = parseArgs({ options: { rules: { type: "string" }, seed: { type: "string" } } });
await using dateutil = openDateutil();
const verdicts = await judge(casesOf(Number(values.seed), Number(values.rules)), ourExpansion, dateutil);
process.stdout.write(
  JSON.stringify({ ...verdicts, zones: [...verdicts.zones], refused: [...verdicts.refused], known: [...verdicts.known] }),
);
