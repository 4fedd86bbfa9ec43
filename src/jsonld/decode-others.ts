/** Documents of one place, organization or person each, as a feed holds them -> what they say. */
import { z } from "zod";
import type { Problem } from "../domain/errors.ts";
import { RegistryError } from "../domain/errors.ts";
import { agentMention, placeMention } from "../domain/submission.ts";
import type { AgentMention, PlaceMention } from "../domain/submission.ts";
import { createDocumentLoader } from "./contexts.ts";
import type { DecodeOptions } from "./decode.ts";
import { readPlace } from "./decode-place.ts";
import { firstUrl, urls } from "./decode-url.ts";
import { expandItems } from "./expand.ts";
import { identifierOf, text, textOf, typesOf, values } from "./expanded.ts";
import type { Node } from "./expanded.ts";
import { mayBe } from "./entity-types.ts";
import { expected, toFieldFault } from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { Item } from "./split.ts";
import { absoluteIri, plainLine } from "./text.ts";

export type DescribedPlace = Omit<PlaceMention, "originNodeId" | "federationUri"> & { kind: "place" };
export type DescribedAgent = Omit<AgentMention, "originNodeId" | "federationUri"> & { alternateName?: string[] | undefined };
export type DescribedEntity = DescribedPlace | DescribedAgent;

const describedAgent = agentMention.extend({ alternateName: z.array(z.string().min(1).max(500)).max(100).optional() });

/** Parallel to `documents`. Never throws for what a sender did. */
export async function decodeOthers(
  documents: readonly { kind: DescribedEntity["kind"]; document: unknown }[],
  { base }: DecodeOptions,
): Promise<({ entity: DescribedEntity } | { problem: Problem })[]> {
  const items = documents.map(({ document }): Item => ({ raw: document, pointer: "", contexts: [], optional: false }));
  const expansions = await expandItems(items, createDocumentLoader(base));
  return documents.map(({ kind, document }, position) => {
    const expansion = expansions[position]!;
    if (expansion instanceof RegistryError) return { problem: expansion.problem };
    const faults: Fault[] = [];
    const [node] = expansion;
    const read = node === undefined ? undefined : readDescribed(kind, node, faults);
    const [fault] = faults;
    if (read !== undefined && fault === undefined) return { entity: read };
    const { pointer, detail } = toFieldFault(fault ?? expected(["@type"], `a ${kind}`), document, "");
    return { problem: new RegistryError("invalid_body", { detail: `${pointer || "/"}: ${detail}`, pointer }).problem };
  });
}

const NAMES = { place: "a Place or one of its kinds", organization: "an Organization or one of its kinds", person: "a Person" } as const;

function readDescribed(kind: DescribedEntity["kind"], node: Node, faults: Fault[]): DescribedEntity | undefined {
  const types = typesOf(node);
  if (!mayBe(kind, types)) {
    faults.push(expected(["@type"], NAMES[kind], types.join(", ")));
    return undefined;
  }
  const said = kind === "place" ? readPlace(node, new Map(), [], faults, faults) : readAgent(kind, node, faults);
  if (said === undefined || faults.length > 0) return undefined;
  const checked = (kind === "place" ? placeMention : describedAgent).safeParse(said);
  if (checked.success) return (kind === "place" ? { ...checked.data, kind } : checked.data) as DescribedEntity;
  faults.push(...checked.error.issues.map((issue) => ({ path: issue.path.map(String), detail: issue.message })));
  return undefined;
}

function readAgent(kind: DescribedAgent["kind"], node: Node, faults: Fault[]): DescribedAgent | undefined {
  const name = plainLine(text(node, "name") ?? "");
  if (name === "") {
    faults.push(expected(["name"], `the name of the ${kind}`));
    return undefined;
  }
  const id = absoluteIri(identifierOf(node) ?? "");
  const url = firstUrl(node, "url");
  const sameAs = urls(node, "sameAs");
  const names = values(node, "alternateName").map((value) => plainLine(textOf(value) ?? ""));
  const alternateName = [...new Set(names.filter((other) => other !== ""))];
  return {
    kind,
    name,
    ...(id !== undefined && { id }),
    ...(url !== undefined && { url }),
    ...(sameAs.length > 0 && { sameAs }),
    ...(alternateName.length > 0 && { alternateName }),
  };
}
