/** Two entities that look alike and are two: remembered for ever. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { readState } from "../db/entities.ts";
import { rememberApart } from "../db/duplicate-keys.ts";
import { endOfChain } from "../db/merges.ts";
import { closeReviews, pairTopic } from "../db/reviews.ts";
import { RegistryError } from "../domain/errors.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import type { Caller, Registry } from "./context.ts";

/** Throws `not_found`, and `conflict` where the two are merged: that merge is to be undone, which remembers them too. */
export async function keepApart(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { kind, ids, reason }: { kind: EntityKind; ids: readonly [string, string]; reason?: string | undefined },
): Promise<void> {
  const now = registry.clock();
  for (const id of ids)
    if ((await readState(tx, kind, id)) === undefined)
      throw new RegistryError("not_found", { detail: `ids: this node has no ${kind} ${id}.` });
  const [a, b] = [await endOfChain(tx, kind, ids[0]), await endOfChain(tx, kind, ids[1])];
  if (a === b) throw new RegistryError("conflict", { detail: "ids: the two are merged; undo that merge, and they are remembered as two." });
  await rememberApart(tx, kind, { entityId: ids[0], otherId: ids[1] }, { actor: caller.actor, reason }, now);
  await closeReviews(
    tx,
    [pairTopic(kind, ...ids), pairTopic(kind, a, b)],
    { state: "resolved", resolution: "apart", decidedBy: caller.actor, reason },
    now,
  );
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: `${kind}.kept_apart`,
        entityKind: kind,
        entityId: ids[0],
        reason,
        requestId: caller.requestId,
        details: { from: ids[1] },
      },
    ],
    now,
  );
}
