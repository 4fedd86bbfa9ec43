/**
 * Writers and the sequencer, each in a process of their own or together in one. A writer is a connection that commits
 * one event a transaction, as fast as the server lets it: by turns a new event with its occurrence and a rewrite of
 * one that it made before, each one statement, with all triggers of the schema.
 */
import pg from "pg";
import { createMint } from "../../src/domain/iri.ts";
import { openServer } from "../../src/db/server.ts";
import { runSequencer, type Sequencer } from "../../src/feed/sequencer.ts";
import { serveCalls } from "./child.ts";

export interface Writing {
  url: string;
  writers: number;
  milliseconds: number;
  venues: string[];
}

export interface Sequencing {
  url: string;
  base: string;
}

const INSERT = `with e as (
  insert into events (id, name, description, lifecycle_state, primary_venue_id, keywords, public_url, license_status, dedup_key, content_hash)
  values ($1, $2, $3, 'published', $4, '{Music,Jazz}', $5, 'cc-by', $6, $6) returning id
) insert into event_occurrences (id, event_id, start_at, end_at, timezone) select $7, id, $8, $9, 'America/Toronto' from e`;
const UPDATE = "update events set description = $2 where id = $1";

let sequencer: AsyncDisposableStack | undefined;

serveCalls({
  /** Commits a second of all writers together. */
  async write({ url, writers, milliseconds, venues }: Writing): Promise<number> {
    const mint = createMint();
    const clients = await Promise.all(
      Array.from({ length: writers }, async () => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        return client;
      }),
    );
    const started = process.hrtime.bigint();
    const until = started + BigInt(milliseconds) * 1_000_000n;
    const commits = await Promise.all(
      clients.map(async (client, writer) => {
        let done = 0;
        for (const own: string[] = []; process.hrtime.bigint() < until; done++) {
          if (done % 2 === 1) {
            const id = own[(done * 7) % own.length]!;
            await client.query({ name: "rewrite", text: UPDATE, values: [id, `${TEXT} Rewritten the ${done}th time.`] });
            continue;
          }
          const id = mint(Date.now());
          const start = new Date(Date.UTC(2026, 5, 1, 20) + done * 3_600_000);
          await client.query({
            name: "insert",
            text: INSERT,
            values: [
              id,
              `Concert ${writer}.${done}`,
              TEXT,
              venues[done % venues.length],
              `https://calendar.example/${id}`,
              Buffer.from(id),
              mint(Date.now()),
              start,
              new Date(start.getTime() + 7_200_000),
            ],
          });
          own.push(id);
        }
        return done;
      }),
    );
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    await Promise.all(clients.map((client) => client.end()));
    return commits.reduce((total, one) => total + one, 0) / seconds;
  },

  /** Begins numbering what is committed, as a node with ROLES=sequencer does. */
  async startSequencer({ url, base }: Sequencing): Promise<void> {
    sequencer = new AsyncDisposableStack();
    const database = sequencer.use(openServer({ url, connections: 4 }));
    const running: Sequencer = runSequencer({
      database,
      clock: () => new Date(),
      base,
      log: { info: () => undefined, warn: (facts, message) => console.error(message, facts) },
    });
    sequencer.use(running);
  },
  async stopSequencer(): Promise<void> {
    await sequencer?.disposeAsync();
    sequencer = undefined;
  },
});

const TEXT =
  "An evening of music and stories with artists from the neighbourhood and from far away. Doors open early, seats are not reserved. ".repeat(
    4,
  );
