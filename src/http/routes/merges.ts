/** Merges, their undoing, and pairs that are remembered as two. Admin keys only. */
import { namesOf, type NamedEntity } from "../../db/admin-views.ts";
import type { Reader } from "../../db/database.ts";
import { listApart, listMerges, readMerge, type Merge } from "../../db/merges.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { keepApart } from "../../registry/keep-apart.ts";
import { mergeAny, undoAnyMerge } from "../../registry/merge-any.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { jsonContent, ulidParameter } from "../schemas.ts";
import { adminFamily, bodyOf, given, json, jsonAnswer, named, ONCE_PROBLEMS, onceHeaders, page, present } from "./admin-routes.ts";
import * as shapes from "./review-shapes.ts";
import { BODY_PROBLEMS, idOf } from "./write-events.ts";

const MERGES = "/api/v1/admin/merges";
const APART = "/api/v1/admin/not-duplicates";

export function mergeRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base } = parts;
  const add = adminFamily(app);
  const oneMerge = async (on: Reader, id: string) => {
    const merge = (await readMerge(on, id))!;
    return mergeOf(base, merge, await namesOf(on, [merge.keptId, merge.goneId]));
  };

  add(
    {
      method: "get",
      path: MERGES,
      summary: "List merges, the newest first",
      request: { query: shapes.pageQuery },
      responses: { 200: { description: "One page, undone ones too.", ...jsonContent(shapes.listOf(shapes.mergeSchema)) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const { limit = 50, after } = readQuery(c, shapes.pageQuery);
      return json(
        c,
        await database.read(async (on) => {
          const found = await listMerges(on, { before: after && uuidOf(after), limit: limit + 1 });
          const { rows, next } = page(found, limit, (last) => ulidOf(last.id));
          const names = await namesOf(
            on,
            rows.flatMap(({ keptId, goneId }) => [keptId, goneId]),
          );
          return { items: rows.map((merge) => mergeOf(base, merge, names)), next_cursor: next };
        }),
      );
    },
  );
  add(
    {
      method: "post",
      path: MERGES,
      summary: "Merge two entities",
      description:
        "The older one is kept, of ours and another node's ours; the other's address leads on to it (410 with `sel:supersededBy`). A merge can be undone.",
      request: bodyOf(shapes.newMerge),
      responses: { 201: { description: "The merge.", ...jsonContent(shapes.mergeSchema) } },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found", "conflict", "gone"],
    },
    async (c) => {
      const { payload, value } = await given(c, parts, shapes.newMerge);
      const caller = requireRole(c);
      const pair = shapes.pairOf(value, base);
      return answer(c, parts, caller, payload, async (tx) => {
        const { mergeId } = await mergeAny(registry, caller, tx, { ...pair, reason: value.reason });
        return jsonAnswer(await oneMerge(tx, mergeId), 201);
      });
    },
  );
  add(
    {
      method: "delete",
      path: `${MERGES}/{ulid}`,
      summary: "Undo a merge",
      description: "Both are what they would be without it, whatever their sources said since; the pair is remembered as two.",
      request: { params: ulidParameter, headers: onceHeaders, query: shapes.reasonQuery },
      responses: { 200: { description: "The merge, undone.", ...jsonContent(shapes.mergeSchema) } },
      problems: [...ONCE_PROBLEMS, "invalid_query", "not_found", "conflict"],
    },
    async (c) => {
      const mergeId = idOf(c);
      const { reason } = readQuery(c, shapes.reasonQuery);
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        await undoAnyMerge(registry, caller, tx, { mergeId, reason });
        return jsonAnswer(await oneMerge(tx, mergeId));
      });
    },
  );

  add(
    {
      method: "get",
      path: APART,
      summary: "List pairs that are remembered as two, the newest first",
      request: { query: shapes.apartQuery },
      responses: { 200: { description: "One page.", ...jsonContent(shapes.listOf(shapes.apartSchema)) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const { limit = 50, after = "0" } = readQuery(c, shapes.apartQuery);
      const offset = Number(after);
      return json(
        c,
        await database.read(async (on) => {
          const { rows, next } = page(await listApart(on, { limit: limit + 1, offset }), limit, () => String(offset + limit));
          const names = await namesOf(
            on,
            rows.flatMap(({ lowId, highId }) => [lowId, highId]),
          );
          const items = rows.map(({ kind, lowId, highId, actor, reason, createdAt }) =>
            present({ kind, entities: [lowId, highId].map((id) => named(base, kind, id, names)), actor, reason, createdAt }),
          );
          return { items, next_cursor: next };
        }),
      );
    },
  );
  add(
    {
      method: "post",
      path: APART,
      summary: "Remember two entities as two",
      description: "For ever: the search for duplicates never brings the pair up again, and never merges it.",
      request: bodyOf(shapes.newMerge),
      responses: { 204: { description: "It is remembered." } },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found", "conflict"],
    },
    async (c) => {
      const { payload, value } = await given(c, parts, shapes.newMerge);
      const caller = requireRole(c);
      const pair = shapes.pairOf(value, base);
      return answer(c, parts, caller, payload, async (tx) => {
        await keepApart(registry, caller, tx, { ...pair, reason: value.reason });
        return { status: 204, headers: {}, body: "" };
      });
    },
  );
}

function mergeOf(base: string, merge: Merge, names: ReadonlyMap<string, NamedEntity>): object {
  const { id, kind, keptId, goneId, rule, actor, reason, mergedAt, undoneAt, undoneBy } = merge;
  const [kept, gone] = [named(base, kind, keptId, names), named(base, kind, goneId, names)];
  return present({ id: ulidOf(id), kind, kept, gone, rule, actor, reason, mergedAt, undoneAt, undoneBy });
}
