/** Origins: the nodes whose entities are held here, each with the source in whose name they speak. */
import type { Reader, Tx } from "../db/database.ts";
import { countNamedBy, findNested, insertPeers, lockOrigins } from "../db/peers.ts";
import { findSources, insertSources } from "../db/sources.ts";
import { writtenFault } from "../domain/peer-base.ts";
import type { Registry } from "./context.ts";

export interface Origin {
  nodeId: string;
  sourceId: string;
}

/** Origins that one relay may name: each is a source of its own, for all to see. */
export const MOST_NAMED = 1_000;

/**
 * The nodes of these bases, locked until the transaction ends; made where they are missing, as origins that are only known from
 * what relays tell (direction `none`), with this trust. A base is left out where a source of another type bears its name, or where the relay that names it (`namedBy`, its id)
 * has named MOST_NAMED already.
 */
export async function ensureOrigins(
  registry: Registry,
  tx: Tx,
  { bases, trust, namedBy }: { bases: readonly string[]; trust: number; namedBy?: string | undefined },
): Promise<Map<string, Origin>> {
  const known = await lockOrigins(tx, bases);
  const absent = bases.filter((base) => !known.some((origin) => origin.base === base && origin.sourceId !== null));
  const missing =
    namedBy === undefined || absent.length === 0
      ? absent
      : (await apart(tx, absent)).slice(0, Math.max(0, MOST_NAMED - (await countNamedBy(tx, namedBy))));
  if (missing.length > 0) {
    const now = registry.clock();
    const mint = () => registry.mint(now.getTime());
    await insertSources(
      tx,
      missing.map((base) => ({ id: mint(), name: base, type: "federation", baseUrl: base, trustLevel: trust })),
      now,
    );
    const sources = (await findSources(tx, missing)).filter(({ type }) => type === "federation");
    await insertPeers(
      tx,
      sources.map(({ id, name }) => ({
        id: mint(),
        base: name,
        name: new URL(name).host,
        trust,
        direction: "none",
        sourceId: id,
        namedBy,
      })),
      now,
    );
    known.push(...(await lockOrigins(tx, missing)));
  }
  return new Map(known.flatMap(({ base, nodeId, sourceId }) => (sourceId === null ? [] : [[base, { nodeId, sourceId }] as const])));
}

/**
 * Why these bases, which a relay names, are no origins here: not written as bases are kept, one within another, the name of another source, or
 * one too many of that relay.
 */
export async function whyNoOrigins(on: Reader, bases: readonly string[]): Promise<Map<string, string>> {
  const nested = new Map((await findNested(on, bases)).map(({ base, other }) => [base, other]));
  const sources = new Set((await findSources(on, bases)).flatMap(({ type, name }) => (type === "federation" ? [] : [name])));
  const why = (base: string): string => {
    const fault = writtenFault(base);
    const around = nested.get(base);
    if (fault !== undefined) return `the origin that it names ${fault}`;
    if (around !== undefined)
      return `the origin that it names, ${base}, ${base.startsWith(around) ? "lies within" : "holds"} ${around}, which is known here`;
    if (sources.has(base)) return `a source that is no peer bears the name of the origin that it names, ${base}`;
    return `the relay has named ${MOST_NAMED} other origins that nobody else has, and this is another one`;
  };
  return new Map(bases.map((base) => [base, why(base)]));
}

/** Those of these that neither lie within a known node's base, or one of each other's, nor hold one: whose URIs are whose is then certain. */
async function apart(tx: Tx, bases: readonly string[]): Promise<string[]> {
  const nested = new Set((await findNested(tx, bases)).map(({ base }) => base));
  return bases.filter((base) => !nested.has(base) && !bases.some((other) => base.startsWith(`${other}/`)));
}
