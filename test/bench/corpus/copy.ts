/** COPY into a table through psql, with PostgreSQL's text format and the pipe's own back-pressure. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export type Value = string | number | boolean | undefined | readonly string[];

export interface Copy {
  /** Adds one row; resolves when there is room for the next. */
  row(values: readonly Value[]): Promise<void> | undefined;
  end(): Promise<void>;
}

/** Opens `copy TABLE (COLUMNS) from stdin` with triggers off, in one transaction of its own. */
export function copyInto(url: string, table: string, columns: readonly string[]): Copy {
  const child = spawn(
    "psql",
    [
      "-X",
      "-q",
      "-v",
      "ON_ERROR_STOP=1",
      "-c",
      "set session_replication_role = replica; set synchronous_commit = off",
      "-c",
      `copy ${table} (${columns.join(", ")}) from stdin`,
      url,
    ],
    { stdio: ["pipe", "inherit", "pipe"] },
  );
  let complaint = "";
  child.stderr.on("data", (part: Buffer) => (complaint += part.toString()));
  const ended = once(child, "close") as Promise<[number | null]>;
  let failed: Error | undefined;
  child.stdin.on("error", (error) => (failed = error)); // psql ended early: `end` tells why
  let lines: string[] = [];
  const flush = (): Promise<void> | undefined => {
    const room = failed !== undefined || child.stdin.write(lines.join(""));
    lines = [];
    return room ? undefined : Promise.race([once(child.stdin, "drain"), ended]).then(() => undefined);
  };
  return {
    row(values) {
      lines.push(`${values.map(encode).join("\t")}\n`);
      return lines.length >= 500 ? flush() : undefined;
    },
    async end() {
      await flush();
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`copy into ${table} failed: ${complaint.trim() || failed?.message}`);
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const escape = (text: string) => text.replace(/[\\\t\n\r]/g, (one) => ESCAPES[one]!);

function encode(value: Value): string {
  if (value === undefined) return "\\N";
  if (typeof value === "string") return escape(value);
  if (typeof value === "object") return escape(`{${value.map((one) => `"${one.replace(/["\\]/g, "\\$&")}"`).join(",")}}`);
  return String(value);
}
