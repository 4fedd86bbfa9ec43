/**
 * What origins said while their source was withdrawn is kept, and nothing is made of it. When the source speaks again its documents are
 * here: nobody needs to tell them anew.
 */
import { readSpeaker } from "../db/speaker.ts";
import { lockWaiting, type WaitingStatement } from "../db/statements.ts";
import { passesFilters } from "../domain/peer-filters.ts";
import type { Registry } from "./context.ts";
import { ingestChanges, type JudgedChange } from "./ingest-changes.ts";
import type { Redact } from "./take-down.ts";

/** Statements of one transaction. */
const CHUNK = 200;

/**
 * Makes the entities of what this source's origin said; returns how many. Each chunk is a transaction, and all of it may be done twice. What
 * cannot be read waits on, as does what the filters of the peer that told it hold back by now.
 */
export async function showWaiting(registry: Registry, { sourceId, redact }: { sourceId: string; redact: Redact }): Promise<number> {
  const speaks = await registry.database.read(async (on) => !(await readSpeaker(on, sourceId)).withdrawn);
  if (!speaks) return 0;
  let shown = 0;
  let after = "";
  for (;;) {
    const chunk = await registry.database.transact(
      async (tx) => {
        const waiting = await lockWaiting(tx, sourceId, { after, limit: CHUNK });
        const now = registry.clock();
        let made = 0;
        for (const [viaNodeId, words] of Map.groupBy(waiting, (one) => one.viaNodeId)) {
          const changes = words.map(asHeard).filter(({ heard }, n) => passesFilters(heard, words[n]!.filters));
          const origins = new Map(words.map(({ node, originNodeId }) => [node, { nodeId: originNodeId, sourceId }]));
          made += (await ingestChanges(registry, tx, { viaNodeId, changes, origins, redact, now })).applied;
        }
        return { made, last: waiting.length === CHUNK ? waiting.at(-1)!.uri : undefined };
      },
      { actor: "job:resettle-source" },
    );
    shown += chunk.made;
    if (chunk.last === undefined) return shown;
    after = chunk.last;
  }
}

function asHeard({ uri, kind, node, epoch, position, version, hops, document: text, digest, redacted }: WaitingStatement): JudgedChange {
  const custody = { node, epoch, position, hops, ...(version !== null && { version }) };
  const document = JSON.parse(text) as Record<string, unknown>;
  const heard = { uri, kind, gone: false, document, text, digest, redacted, custody, position };
  return { heard, custody, verdict: "apply", gone: false, withheld: false };
}
