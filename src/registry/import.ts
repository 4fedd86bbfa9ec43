/** An import: one visit to a source by way of a file, run by the operator. Found again by the file's hash when it was cut off. */
import { audit } from "../db/audit.ts";
import type { Reader } from "../db/database.ts";
import { findUnfinished, insertRun, readItems } from "../db/runs.ts";
import { findSource } from "../db/sources.ts";
import type { Problem } from "../domain/errors.ts";
import type { LicenseStatus } from "../domain/vocabulary.ts";
import type { Caller, Registry } from "./context.ts";
import { ensureSource } from "./sources.ts";
import { assertOwnVoice } from "./speaker.ts";

export { applyRun, type RunCounts } from "./apply-run.ts";
export { stageItems, type IncomingItem } from "./stage-items.ts";

export interface ImportInput {
  sourceName: string;
  /** For a source that this import makes; one that exists keeps what it has. */
  license?: LicenseStatus | undefined;
  timezone?: string | undefined;
  trust?: number | undefined;
  inputName: string;
  /** sha-256 of the whole input. */
  inputHash: Buffer;
}

export interface StartedImport {
  runId: string;
  sourceId: string;
  createdSource: boolean;
  resumed: boolean;
  staged: number;
}

/** Goes on with the unfinished run of the same source and input, or begins one. A source that is not there yet is made, licensed cc-by unless said otherwise: the operator imports what they may publish. */
export async function startImport(registry: Registry, caller: Caller, input: ImportInput): Promise<StartedImport> {
  return registry.database.transact(
    async (tx) => {
      const now = registry.clock();
      const source = await ensureSource(registry, tx, {
        name: input.sourceName,
        type: "scraper",
        licenseStatus: input.license ?? "cc-by",
        timezone: input.timezone,
        trustLevel: input.trust,
      });
      assertOwnVoice((await findSource(tx, source.name))!);
      const unfinished = await findUnfinished(tx, source.id, input.inputHash);
      if (unfinished !== undefined)
        return { runId: unfinished.id, sourceId: source.id, createdSource: source.created, resumed: true, staged: unfinished.staged };
      const runId = registry.mint(now.getTime());
      await insertRun(
        tx,
        {
          id: runId,
          kind: "import",
          sourceId: source.id,
          actor: caller.actor,
          onBehalfOf: caller.onBehalfOf,
          inputHash: input.inputHash,
          inputName: input.inputName,
        },
        now,
      );
      await audit(
        tx,
        [
          {
            actor: caller.actor,
            onBehalfOf: source.name,
            action: "import.started",
            entityKind: "run",
            entityId: runId,
            details: { input: input.inputName },
          },
        ],
        now,
      );
      return { runId, sourceId: source.id, createdSource: source.created, resumed: false, staged: 0 };
    },
    { ...caller, onBehalfOf: input.sourceName },
  );
}

export interface Reject {
  position: number;
  problem: Problem;
  payloadExcerpt: string;
}

/** What was refused, in the order of the input. */
export async function* readRejects(registry: Registry, runId: string): AsyncIterable<Reject> {
  for (let after = -1; ;) {
    const page = await registry.database.read((on: Reader) => readItems(on, runId, { after, limit: 500, rejectedOnly: true }));
    for (const item of page) {
      yield {
        position: item.position,
        problem: item.problem!,
        payloadExcerpt: Buffer.from(item.payload ?? [])
          .toString("utf8")
          .slice(0, 500),
      };
    }
    if (page.length < 500) return;
    after = page.at(-1)!.position;
  }
}
