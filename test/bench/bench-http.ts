/** (b) A live feed page against pgbench, (c) a closed page against a live one and against bare node:http, (d) a point read against bare http and pg. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_TUNING } from "../../src/config.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import { startChild } from "./child.ts";
import type { Benchmark } from "./context.ts";
import { query, runTool } from "./database.ts";
import { interleave, type Ratio } from "./rounds.ts";
import { AUTHORIZATION, CONNECTIONS, PAGE, whole, withNode } from "./serving.ts";

export const livePage: Benchmark = (bench) =>
  withNode(bench, async ({ url, head, load, livePaths }) => {
    const statement = await feedRange();
    const script = join(bench.folder, "feed-range.sql");
    const pages = Math.floor(head.position / PAGE);
    await load(livePaths, AUTHORIZATION); // the code is warm
    await writeFile(
      script,
      `\\set page random(0, ${pages - 1})\n\\set since :page * ${PAGE}\n\\set until :since + ${PAGE}\n${statement}\n`,
    );
    const rows = await interleave(
      bench.rounds,
      async () => PAGE * (await load(livePaths, AUTHORIZATION)),
      async () => {
        const said = await runTool("pgbench", [
          "-n",
          "-M",
          "prepared",
          "-c",
          String(CONNECTIONS),
          "-j",
          "2",
          "-T",
          String(Math.ceil(bench.milliseconds / 1000)),
          "-f",
          script,
          url,
        ]);
        const tps = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
        if (!(tps > 0)) throw new Error(`pgbench said nothing of its rate:\n${said}`);
        return PAGE * tps;
      },
    );
    return [
      {
        name: "live page",
        what: `GET feeds/changes?limit=${PAGE} ÷ pgbench of its statement (feedRange)`,
        unit: "rows/s",
        target: 0.3,
        rounds: rows,
        note: `${CONNECTIONS} connections on both sides.`,
      },
    ];
  });

export const closedPage: Benchmark = (bench) =>
  withNode(bench, async ({ head, load, livePaths, port }) => {
    const path = `/api/v1/feeds/changes/pages/${head.epoch}/`;
    const size = DEFAULT_TUNING.feedPageSize;
    const closed = Array.from({ length: Math.floor(head.position / size) }, (_, n) => `${path}${n + 1}`);
    const ratios: Ratio[] = [];
    for (const encoding of ["gzip", "identity"]) {
      const headers = { ...AUTHORIZATION, "accept-encoding": encoding };
      const answer = await whole(port, closed[0]!, headers);
      await using bare = startChild("bare.ts");
      const barePort = await bare.call<number>("buffer", { body: answer.body, headers: answer.headers });
      const suffix = encoding === "gzip" ? "" : ", identity";
      const target = encoding === "gzip";
      await load(closed, headers); // every page is compressed once, and the code is warm
      ratios.push(
        {
          name: `closed ÷ live${suffix}`,
          what: `closed page ÷ live page of ${PAGE}, both asked with accept-encoding: ${encoding}`,
          unit: "requests/s",
          ...(target && { target: 10 }),
          rounds: await interleave(
            bench.rounds,
            () => load(closed, headers),
            () => load(livePaths, headers),
          ),
        },
        {
          name: `closed ÷ bare${suffix}`,
          what: `closed page ÷ node:http that sends the same ${answer.body.length} bytes`,
          unit: "requests/s",
          ...(target && { target: 0.8 }),
          rounds: await interleave(
            bench.rounds,
            () => load([closed[0]!], headers),
            () => load([closed[0]!], headers, barePort),
          ),
        },
      );
    }
    return ratios;
  });

export const pointRead: Benchmark = (bench) =>
  withNode(bench, async ({ url, load }) => {
    const ids = await query<{ id: string }>(url, "select id from events order by md5(id::text) limit 1000");
    const paths = ids.map((row) => `/events/${ulidOf(row.id)}`);
    const headers = { ...AUTHORIZATION, accept: "application/ld+json" };
    await using bare = startChild("bare.ts");
    const barePort = await bare.call<number>("events", { url, connections: DEFAULT_TUNING.poolSize, text: POINT_READ });
    await load(paths, headers);
    await load(paths, headers, barePort);
    const rounds = await interleave(
      bench.rounds,
      () => load(paths, headers),
      () => load(paths, headers, barePort),
    );
    return [
      {
        name: "point read",
        what: "GET /events/{ulid} as application/ld+json ÷ node:http and pg that run the same statement and send what it gives",
        unit: "requests/s",
        target: 0.8,
        rounds,
      },
    ];
  });

/** The statement of db/entities.ts. */
const POINT_READ = "select id, state from entity_states('event', $1::uuid[])";

/** Statement feedRange of queries/feed-log.sql, as pgbench wants it. */
async function feedRange(): Promise<string> {
  const text = await readFile(new URL("../../queries/feed-log.sql", import.meta.url), "utf8");
  const statement = /@name feedRange \*\/\n(?:--[^\n]*\n)*([^;]+;)/.exec(text)?.[1];
  if (statement === undefined) throw new Error("queries/feed-log.sql has no feedRange any more.");
  return statement.replace(/(:\w+)!/g, "$1").replace(/\s+/g, " ");
}
