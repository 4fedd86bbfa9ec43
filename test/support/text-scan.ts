/**
 * Looks for a word everywhere: in every column of every table, in every answer of the API's own description, in files. Whoever adds a
 * table or a route is found by it without doing anything; a route whose parameters it does not know makes it fail.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sql } from "kysely";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";

/** The columns ("public.events.description") of which a row holds the word: as text of whatever type, or as bytes. */
export async function columnsWith(database: Database, word: string): Promise<string[]> {
  return database.read(async (reader) => {
    const on = kyselyOf(reader);
    const { rows: columns } = await sql<{ schema: string; table: string; column: string }>`
      select n.nspname as schema, c.relname as table, a.attname as column
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
        and c.relname not in ('spatial_ref_sys')
      order by 1, 2, 3`.execute(on);
    const hex = Buffer.from(word).toString("hex");
    const found: string[] = [];
    for (const [table, some] of Map.groupBy(columns, ({ schema, table }) => `${schema}.${table}`)) {
      const looks = some.map(({ column }) => {
        const text = sql`lower(${sql.ref(column)}::text)`;
        return sql`coalesce(bool_or(strpos(${text}, ${word}) > 0 or strpos(${text}, ${hex}) > 0), false) as ${sql.ref(column)}`;
      });
      const { rows } = await sql<Record<string, boolean>>`select ${sql.join(looks)} from ${sql.table(table)}`.execute(on);
      found.push(...some.filter(({ column }) => rows[0]![column]).map(({ column }) => `${table}.${column}`));
    }
    return found;
  });
}

/** The files in a folder, unzipped where they are, that hold the word. */
export async function filesWith(folder: string, word: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const text = (entry.name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
    if (text.toLowerCase().includes(word)) found.push(entry.name);
  }
  return found;
}

export interface Sweep {
  url: string;
  /** Sent with what is for admins. */
  adminKey: string;
  /** Sent with pages below /admin, which want a session. */
  cookie: string;
  /** Values to fill into a path of the description, once or several times; none makes the sweep fail. */
  parameters: (path: string) => readonly Record<string, string>[];
  /** More addresses to ask: pages for people, queries. */
  more: readonly string[];
}

interface Description {
  paths: Record<string, { get?: { responses: Record<string, { content?: object }> } }>;
}

/** Asks all that can be asked by GET, in every format that it is described in, with and without an admin's key; gives "path (format)" -> what came. */
export async function sweep({ url, adminKey, cookie, parameters, more }: Sweep): Promise<Map<string, { status: number; text: string }>> {
  const { paths } = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as Description;
  const asked = Object.entries(paths).flatMap(([path, { get }]) => {
    // A stream has no end; it shows what the feed's pages show.
    if (get === undefined || path.endsWith("/stream")) return [];
    const formats = Object.keys(get.responses["200"]?.content ?? { "application/json": {} });
    return fill(path, parameters).flatMap((address) => formats.map((accept) => ({ address, accept })));
  });
  const pages = more.map((address) => ({ address, accept: address.startsWith("/api/") ? "application/json" : "text/html" }));
  const answers = new Map<string, { status: number; text: string }>();
  for (const { address, accept } of [...asked, ...pages]) {
    const keys = address.startsWith("/admin") ? [{ cookie }] : [{}, { authorization: `Bearer ${adminKey}` }];
    for (const key of keys) {
      const response = await fetch(url + address, { headers: { ...key, accept }, redirect: "manual" });
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = response.headers.get("content-type") === "application/gzip" ? gunzipSync(bytes).toString() : bytes.toString();
      answers.set(`${address} (${accept}${"authorization" in key ? ", admin" : ""})`, { status: response.status, text });
    }
  }
  return answers;
}

function fill(path: string, parameters: Sweep["parameters"]): string[] {
  if (!path.includes("{")) return [path];
  const choices = parameters(path);
  if (choices.length === 0) throw new Error(`The sweep does not know what to ask of ${path}: give it parameters.`);
  return choices.map((values) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (values[name] === undefined) throw new Error(`The sweep does not know ${name} of ${path}.`);
      return encodeURIComponent(values[name]);
    }),
  );
}

/** Calendars fold long lines (RFC 5545 §3.1). */
export const answersWith = (answers: ReadonlyMap<string, { text: string }>, word: string): string[] =>
  [...answers]
    .filter(([, { text }]) =>
      text
        .replaceAll(/\r\n[ \t]/g, "")
        .toLowerCase()
        .includes(word),
    )
    .map(([address]) => address);
