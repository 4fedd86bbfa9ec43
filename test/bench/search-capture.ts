/**
 * Preloaded into a node (`node --import search-capture.ts src/main.ts serve`): tells its parent, over the IPC channel,
 * every statement that it sends to PostgreSQL. Nothing in the program itself knows of it.
 */
import { createRequire } from "node:module";
import pg from "pg";

/** A statement as it was sent; the values in the text in which the driver sends them. */
export interface Statement {
  text: string;
  values: (string | null)[];
}

const taken: Statement[] = [];
/** How the driver writes a value; its own module, which has no types. */
const { prepareValue } = createRequire(import.meta.url)("pg/lib/utils.js") as { prepareValue: (value: unknown) => string | Buffer | null };
const client = pg.Client.prototype as unknown as { query: (...all: unknown[]) => unknown };
const send = client.query;

client.query = function query(this: unknown, ...all: unknown[]) {
  const [first, second] = all;
  const config = first as { text?: unknown; values?: unknown };
  const text = typeof first === "string" ? first : config.text;
  const values = Array.isArray(second) ? second : config.values;
  // The queues of pg-boss are kept in time with the clock, not with requests.
  if (typeof text === "string" && !/pgboss/i.test(text)) taken.push({ text, values: (Array.isArray(values) ? values : []).map(asText) });
  return send.apply(this, all);
};

function asText(value: unknown): string | null {
  const prepared = prepareValue(value);
  return Buffer.isBuffer(prepared) ? `\\x${prepared.toString("hex")}` : prepared === null ? null : String(prepared);
}

process.on("message", () => process.send!(taken.splice(0)));
process.channel!.unref();
