/** The queue of what a person must look at, and what they decide. Admin keys only. */
import { namesOf, type NamedEntity } from "../../db/admin-views.ts";
import { listReviews, readReview, type ReviewItem } from "../../db/reviews.ts";
import { findSource } from "../../db/sources.ts";
import { sourceNames } from "../../db/speaker.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import { decideReview } from "../../registry/decide-review.ts";
import { readSides } from "../../registry/review-sides.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { jsonContent, ulidParameter } from "../schemas.ts";
import { adminFamily, bodyOf, given, json, jsonAnswer, named, ONCE_PROBLEMS, page, present } from "./admin-routes.ts";
import * as shapes from "./review-shapes.ts";
import { BODY_PROBLEMS, idOf } from "./write-events.ts";

const PATH = "/api/v1/admin/review-items";

export function reviewRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base } = parts;
  const add = adminFamily(app);

  add(
    {
      method: "get",
      path: PATH,
      summary: "List what a person must look at, the newest first",
      request: { query: shapes.reviewQuery },
      responses: { 200: { description: "One page.", ...jsonContent(shapes.listOf(shapes.reviewItemSchema)) } },
      problems: ["invalid_query", "not_found"],
    },
    async (c) => {
      const { limit = 50, after, state = "open", kind, source, entity } = readQuery(c, shapes.reviewQuery);
      return json(
        c,
        await database.read(async (on) => {
          const sourceId = source === undefined ? undefined : (await findSource(on, source))?.id;
          if (source !== undefined && sourceId === undefined)
            throw new RegistryError("not_found", { detail: `source: there is no source named ${source}.` });
          const filter = { state, kind, sourceId, entityId: entity && uuidOf(entity), before: after && uuidOf(after) };
          const { rows, next } = page(await listReviews(on, { ...filter, limit: limit + 1 }), limit, (last) => ulidOf(last.id));
          const [names, sources] = [await namesOf(on, entitiesOf(rows)), await sourceNames(on, sourcesOf(rows))];
          return { items: rows.map((item) => itemOf(base, item, names, sources)), next_cursor: next };
        }),
      );
    },
  );
  add(
    {
      method: "get",
      path: `${PATH}/{ulid}`,
      summary: "Read one review item, with what there is to compare",
      request: { params: ulidParameter },
      responses: { 200: { description: "The item.", ...jsonContent(shapes.reviewItemInFull) } },
      problems: ["not_found"],
    },
    async (c) => {
      const id = idOf(c);
      return json(
        c,
        await database.read(async (on) => {
          const item = await readReview(on, id);
          if (item === undefined) throw new RegistryError("not_found", { detail: "There is no such review item." });
          const { left, right, compared, contrary } = await readSides(on, base, item);
          const sides = [left, right].filter((side) => side !== undefined).map((state) => encodeEntity(state, { base }));
          const differences = compared.filter(({ differs }) => differs).map(({ differs: _differs, ...difference }) => difference);
          return {
            ...itemOf(base, item, await namesOf(on, entitiesOf([item])), await sourceNames(on, sourcesOf([item]))),
            ...(sides.length > 0 && { sides }),
            ...(right !== undefined && { differences }),
            ...(contrary.length > 0 && { conflicts: contrary }),
          };
        }),
      );
    },
  );
  add(
    {
      method: "post",
      path: `${PATH}/{ulid}/decision`,
      summary: "Decide a review item",
      description:
        "Duplicates: `merge`, `apart`, `dismiss`. Conflicts: `pin` a value, `withdraw` a source's claim, `retract` the event, `dismiss`; the item stays open until its last field is settled. Withdrawn events: `accept`, `retract`, `dismiss`. Alarms of a source: `accept`, `dismiss`. What was dismissed may be raised again; a pair that was kept apart is never.",
      request: { params: ulidParameter, ...bodyOf(shapes.reviewDecision) },
      responses: { 200: { description: "The item as it is now.", ...jsonContent(shapes.decidedSchema) } },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found", "conflict", "gone", "invalid_transition"],
    },
    async (c) => {
      const id = idOf(c);
      const { payload, value } = await given(c, parts, shapes.reviewDecision);
      const caller = requireRole(c);
      return answer(c, parts, caller, payload, async (tx) => {
        const { item, mergeId, withdrawalId } = await decideReview(registry, caller, tx, { ...value, id });
        return jsonAnswer({
          ...itemOf(base, item, await namesOf(tx, entitiesOf([item])), await sourceNames(tx, sourcesOf([item]))),
          ...(mergeId !== undefined && { merge: ulidOf(mergeId) }),
          ...(withdrawalId !== undefined && { withdrawal: ulidOf(withdrawalId) }),
        });
      });
    },
  );
}

export const entitiesOf = (items: readonly ReviewItem[]): string[] =>
  items.flatMap(({ entityId, otherId }) => [entityId, otherId].filter((id) => id !== null));
export const sourcesOf = (items: readonly ReviewItem[]): string[] => [
  ...new Set(items.flatMap(({ sourceId }) => (sourceId === null ? [] : [sourceId]))),
];

function itemOf(
  base: string,
  item: ReviewItem,
  names: ReadonlyMap<string, NamedEntity>,
  sources: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { id, kind, state, entityKind, entityId, otherId, sourceId, details, createdAt, resolution, decidedBy, decidedAt, reason } = item;
  const entity = (of: string | null) => (entityKind === null || of === null ? undefined : named(base, entityKind, of, names));
  return {
    ...present({
      id: ulidOf(id),
      kind,
      state,
      entity: entity(entityId),
      other: entity(otherId),
      source: sourceId === null ? undefined : sources.get(sourceId),
      details,
      createdAt,
      resolution,
      decidedBy,
      decidedAt,
      reason,
    }),
  };
}
