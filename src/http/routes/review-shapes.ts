/** The shapes of review, merges, pins and withdrawals: what is sent, and what is answered. */
import { z } from "@hono/zod-openapi";
import { REVIEW_KINDS, REVIEW_STATES } from "../../db/reviews.ts";
import { KIND_OF_PATH, parseOwnUri, uuidOf } from "../../domain/iri.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ENTITY_KINDS, type EntityKind } from "../../domain/vocabulary.ts";
import { REVIEW_ACTIONS } from "../../registry/decide-review.ts";
import { entitySchema, queryNumber, queryText } from "../schemas.ts";
import { text } from "./admin-shapes.ts";

const isUlid = (value: string) => uuidOf(value) !== undefined;
const ulid = z.string().refine(isUlid, "expected a ULID, 26 letters and digits").openapi({ example: "01HYX3KQW7ERTV9XNBM2P8QJZF" });
const reason = text(500);
const OF_TEXTS =
  "A description or image only where that source is no other node and says it under cc0 (409 else): a pin makes it the curator's own, so raise the source's trust instead, or give one of your own as `value`.";
const field = text(100).openapi({ description: "A schema.org term, as provenance names it without its slash.", example: "name" });

export const pageQuery = z.object({ limit: queryNumber(1, 200, true).optional(), after: ulid.optional() });
export const reasonQuery = z.object({ reason: queryText(500).optional().openapi({ description: "For the audit log." }) });
export const reviewQuery = pageQuery.extend({
  kind: z.enum(REVIEW_KINDS).optional(),
  state: z.enum(REVIEW_STATES).optional().openapi({ description: "`open` unless told." }),
  source: queryText().optional().openapi({ description: "Name of the source that the item is about." }),
  entity: ulid.optional().openapi({ description: "Either side of a pair." }),
});
export const apartQuery = z.object({
  limit: queryNumber(1, 200, true).optional(),
  after: z
    .string()
    .regex(/^\d{1,7}$/, "expected the next_cursor of an earlier page")
    .optional(),
});

export const reviewDecision = z
  .strictObject({
    action: z.enum(REVIEW_ACTIONS),
    field: field.optional(),
    value: z.unknown().optional().openapi({ description: "pin: the value that is to stand, in the shape that provenance shows." }),
    source: text(200)
      .optional()
      .openapi({ description: `pin: the source whose value is to stand; withdraw: the source whose claim is taken back. ${OF_TEXTS}` }),
    reason: reason.optional(),
  })
  .openapi("ReviewDecision");

const kind = z.enum(ENTITY_KINDS);
const two = (each: z.ZodType<string>) => z.array(each).length(2, "expected two");
export const newMerge = z
  .strictObject({ kind, ids: two(ulid).optional(), urls: two(text(2_048)).optional(), reason })
  .openapi("NewMerge", { description: "Two entities, by `ids` or by `urls` of this node." });
export const newPin = z
  .strictObject({
    field,
    value: z.unknown().optional(),
    fromSource: text(200)
      .optional()
      .openapi({ description: `The source whose value stands. ${OF_TEXTS}` }),
    reason: reason.optional(),
  })
  .openapi("NewPin", { description: "Either `value`, in the shape that provenance shows, or `fromSource`: that source's value stands." });
export const ownWithdrawal = z.strictObject({ field, reason: reason.optional() }).openapi("ClaimWithdrawal");
export const newWithdrawal = ownWithdrawal.extend({ source: text(200) }).openapi("SourceClaimWithdrawal");
export const sourceWithdrawal = z.strictObject({ reason }).openapi("SourceWithdrawal");

const named = z.strictObject({ kind, id: z.string(), uri: z.string(), name: z.string().optional() });
const decidedParts = {
  resolution: z.string().optional(),
  decidedBy: z.string().optional(),
  decidedAt: z.string().optional(),
  reason: z.string().optional(),
};
export const reviewItemSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(REVIEW_KINDS),
    state: z.enum(REVIEW_STATES),
    entity: named.optional(),
    other: named.optional(),
    source: z.string().optional(),
    details: z.looseObject({}),
    createdAt: z.string(),
    ...decidedParts,
  })
  .openapi("ReviewItem");
const speakers = z.array(z.strictObject({ source: z.string(), trust: z.int() }));
const contraryField = z
  .strictObject({
    field: z.string().openapi({ description: "JSON Pointer of the field." }),
    contested: z.boolean().openapi({ description: "Equal sources contradict each other: a person must decide." }),
    claims: z.array(
      z.strictObject({
        source: z.string(),
        trust: z.int(),
        value: z.unknown().optional().openapi({ description: "Absent where the source's license keeps it back." }),
        pinned: z.boolean(),
        wins: z.boolean(),
        observedAt: z.string(),
      }),
    ),
  })
  .openapi("ContraryField");
export const reviewItemInFull = reviewItemSchema
  .extend({
    sides: z.array(entitySchema).optional().openapi({ description: "The entity, or both of a pair, as JSON-LD." }),
    differences: z
      .array(
        z.strictObject({
          pointer: z.string().openapi({ description: "JSON Pointer into either side." }),
          left: z.unknown().optional(),
          right: z.unknown().optional(),
          leftSources: speakers,
          rightSources: speakers,
        }),
      )
      .optional(),
    conflicts: z.array(contraryField).optional(),
  })
  .openapi("ReviewItemInFull");
export const decidedSchema = reviewItemSchema
  .extend({
    merge: z.string().optional().openapi({ description: "Id of the merge, for its undoing." }),
    withdrawal: z.string().optional().openapi({ description: "Id of the withdrawal, for its lifting." }),
  })
  .openapi("DecidedReviewItem");
export const mergeSchema = z
  .strictObject({
    id: z.string(),
    kind,
    kept: named,
    gone: named,
    rule: z.string().optional(),
    actor: z.string(),
    reason: z.string().optional(),
    mergedAt: z.string(),
    undoneAt: z.string().optional(),
    undoneBy: z.string().optional(),
  })
  .openapi("Merge");
export const apartSchema = z
  .strictObject({ kind, entities: z.array(named), actor: z.string(), reason: z.string().optional(), createdAt: z.string() })
  .openapi("NotDuplicates");
export const conflictSchema = z.strictObject({ entity: named, fields: z.array(contraryField) }).openapi("Conflict");
export const withdrawalSchema = z
  .strictObject({
    id: z.string(),
    source: z.string(),
    field: z.string(),
    actor: z.string(),
    reason: z.string().optional(),
    withdrawnAt: z.string(),
  })
  .openapi("WithdrawnClaim");
export const listOf = (item: z.ZodType) => z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });

/** The two uuids of a merge's body. Throws `invalid_body` for urls that are not this node's, or of another kind. */
export function pairOf(given: z.output<typeof newMerge>, base: string): { kind: EntityKind; ids: [string, string] } {
  const { kind: wanted, ids, urls } = given;
  if ((ids === undefined) === (urls === undefined))
    throw new RegistryError("invalid_body", { detail: "ids: expected either ids or urls, two of them.", pointer: "/ids" });
  const found = (ids ?? urls)!.map((each, n) => {
    if (ids !== undefined) return uuidOf(each)!;
    const own = parseOwnUri(base, each);
    if (own?.kind === wanted) return own.id;
    const path = Object.entries(KIND_OF_PATH).find(([, one]) => one === wanted)![0];
    throw new RegistryError("invalid_body", {
      detail: `urls: expected addresses such as ${base}/${path}/ULID, also of another node's: its page here (local_pages of a list).`,
      pointer: `/urls/${n}`,
    });
  });
  return { kind: wanted, ids: [found[0]!, found[1]!] };
}
