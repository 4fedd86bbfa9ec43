/** A sequencer in a process of its own, so that the proof can kill it: `node feed-sequencer-child.ts URL BASE`. */
import { openServer } from "../../src/db/server.ts";
import { runSequencer } from "../../src/feed/sequencer.ts";

const [url, base] = process.argv.slice(2);
if (url === undefined || base === undefined) throw new Error("usage: feed-sequencer-child.ts URL BASE");
const say = (facts: object, message: string) => console.error(message, facts);
const database = openServer({ url, connections: 2 });
runSequencer({ database, base, clock: () => new Date(), log: { info: say, warn: say } });
process.send?.("running");
// A proof that was broken off leaves nobody behind.
process.on("disconnect", () => process.exit());
