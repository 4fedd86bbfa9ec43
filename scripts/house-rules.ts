/**
 * The house's own lint rules, run by oxlint: who may import whom (docs/architecture.md shows this table), and no
 * wall clock. Cycles, promises and process.env are oxlint's own rules; see .oxlintrc.json.
 */
import { dirname, relative, resolve, sep } from "node:path";

/** The rooms of src and what each may import of ours; a room may always import itself. Files at the root are rooms too. */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  jsonld: ["domain"],
  icalendar: ["domain", "jsonld"],
  db: ["domain"],
  registry: ["domain", "jsonld", "icalendar", "db"],
  feed: ["domain", "jsonld", "db"],
  search: ["domain", "jsonld", "db"],
  federation: ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search"],
  jobs: ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search", "federation"],
  http: ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search", "federation"],
  cli: ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search", "federation", "node.ts", "config.ts"],
  "config.ts": [],
  "node.ts": ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search", "federation", "jobs", "http", "cli", "config.ts"],
  "main.ts": [
    "domain",
    "jsonld",
    "icalendar",
    "db",
    "registry",
    "feed",
    "search",
    "federation",
    "jobs",
    "http",
    "cli",
    "config.ts",
    "node.ts",
  ],
};

/** The domain is pure: these and nothing else from outside (of Node only what does no I/O). */
const DOMAIN_MAY_IMPORT = /^(zod|ulid|rrule|temporal-polyfill)(\/|$)|^node:(assert|buffer|crypto|util)$/;

/** Packages that only some rooms may name. */
const KEPT_IN: readonly { packages: RegExp; rooms: readonly string[]; why: string }[] = [
  {
    packages: /^(kysely|kysely-[\w-]+|pg|pg-(?!boss)[\w-]+|pgvector|@pgtyped\/.*|@electric-sql\/.*)(\/|$)/,
    rooms: ["db"],
    why: "only db talks to the database",
  },
  { packages: /^(hono|@hono\/.*)(\/|$)/, rooms: ["http", "node.ts"], why: "only http knows Hono" },
  { packages: /^pg-boss(\/|$)/, rooms: ["jobs", "db", "node.ts"], why: "only jobs knows pg-boss" },
  { packages: /^(node:)?process$/, rooms: ["config.ts", "main.ts", "node.ts"], why: "only config.ts reads the environment" },
];

/**
 * Why `file` (a path from the project root) may not import `specifier`, or undefined where it may.
 * `importFault("src/domain/a.ts", "../db/b.ts")` -> "domain may not import db; …".
 */
export function importFault(file: string, specifier: string): string | undefined {
  const [top, room] = file.split("/");
  if (top !== "src" || room === undefined) return undefined;
  const isTest = file.endsWith(".test.ts");
  if (!/^\.{1,2}(\/|$)/.test(specifier)) return isTest ? undefined : packageFault(room, specifier);
  const target = relative(".", resolve(dirname(file), specifier))
    .split(sep)
    .join("/");
  const [targetTop, targetRoom] = target.split("/");
  if (targetTop === "contexts" || targetTop === "package.json") return undefined;
  if (targetTop !== "src" || targetRoom === undefined) {
    return isTest && targetTop === "test" ? undefined : `src may not import ${targetTop ?? target}: only src and contexts are the node`;
  }
  if (room === targetRoom || (isTest && targetRoom === "config.ts")) return undefined;
  const allowed = IMPORT_TABLE[room];
  if (allowed === undefined) return `src/${room} has no row in the import table (scripts/house-rules.ts): give it one`;
  return allowed.includes(targetRoom)
    ? undefined
    : `${room} may not import ${targetRoom}; it may import ${allowed.join(", ") || "nothing of ours"}`;
}

function packageFault(room: string, specifier: string): string | undefined {
  if (room === "domain" && !DOMAIN_MAY_IMPORT.test(specifier)) return `domain may not import ${specifier}: its rules are pure`;
  const kept = KEPT_IN.find(({ packages, rooms }) => packages.test(specifier) && !rooms.includes(room));
  return kept && `${room} may not import ${specifier}: ${kept.why}`;
}

/** The little of a syntax tree (ESTree) and of the linter that the rules look at. */
interface Node {
  type: string;
  source?: Node | null;
  argument?: Node;
  callee?: Node;
  name?: string;
  value?: unknown;
  arguments?: unknown[];
}
interface Context {
  filename: string;
  cwd: string;
  report(fault: { node: Node; message: string }): void;
}

const importTable = {
  create(context: Context) {
    const file = relative(context.cwd, context.filename).split(sep).join("/");
    const check = (node: Node) => {
      const { value } = node.source ?? node.argument ?? {};
      const fault = typeof value === "string" ? importFault(file, value) : undefined;
      if (fault !== undefined) context.report({ node, message: fault });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

const wallClock = {
  create(context: Context) {
    const isDate = (node: Node | undefined) => node?.type === "Identifier" && node.name === "Date";
    const message = "This reads the wall clock: take a Clock (src/domain/clock.ts).";
    return {
      NewExpression(node: Node) {
        if (isDate(node.callee) && node.arguments?.length === 0) context.report({ node, message });
      },
      CallExpression(node: Node) {
        if (isDate(node.callee)) context.report({ node, message });
      },
    };
  },
};

export default { meta: { name: "house" }, rules: { "import-table": importTable, "wall-clock": wallClock } };
