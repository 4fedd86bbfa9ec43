/** The admin pages of the queue: what waits, one item in full, and the form that decides it. */
import { z } from "@hono/zod-openapi";
import { lastRejects, lastVisits, namesOf } from "../../db/admin-views.ts";
import type { Reader } from "../../db/database.ts";
import { listMerges } from "../../db/merges.ts";
import { listReviews, readReview, REVIEW_KINDS, REVIEW_STATES, type ReviewItem } from "../../db/reviews.ts";
import { findSource } from "../../db/sources.ts";
import { sourceNames } from "../../db/speaker.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { decideReview, REVIEW_ACTIONS } from "../../registry/decide-review.ts";
import { readSides } from "../../registry/review-sides.ts";
import { adminPage, faultOf, seeOther, type AdminPages, type AdminRequest } from "../admin-guard.ts";
import { ADMIN_PATH } from "../admin-session.ts";
import { itemPage } from "../pages/admin-item.ts";
import { queuePage } from "../pages/admin-queue.ts";
import type { HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { queryText } from "../schemas.ts";
import { page } from "./admin-routes.ts";
import { entitiesOf, sourcesOf } from "./reviews.ts";
import { pageQuery } from "./review-shapes.ts";
import { idOf } from "./write-events.ts";

const QUEUE = `${ADMIN_PATH}/review`;
const ON_A_PAGE = 50;
const VISITS = 10;
const REJECTS = 20;

const queueQuery = pageQuery.omit({ limit: true }).extend({
  kind: z.enum(REVIEW_KINDS).optional(),
  state: z.enum(REVIEW_STATES).optional(),
  source: queryText(200).optional(),
});
/** A claim is chosen by its field and its source. */
const chosen = z.tuple([z.string().max(100), z.string().max(200)]);
const decisionFields = z.object({
  action: z.enum(REVIEW_ACTIONS),
  reason: queryText(500).optional(),
  claim: z.string().max(2_000).optional(),
});

export function adminReviewPageRoutes(pages: AdminPages, parts: HttpParts): void {
  const { registry, database, base } = parts;

  pages.get(QUEUE, async ({ c, view }) => {
    const { kind, state = "open", source, after } = readQuery(c, queueQuery);
    const found = await database.read(async (on) => {
      const sourceId = source === undefined ? undefined : (await findSource(on, source))?.id;
      if (source !== undefined && sourceId === undefined)
        throw new RegistryError("not_found", { detail: `There is no source named ${source}.` });
      const items = await listReviews(on, { kind, state, sourceId, before: after && uuidOf(after), limit: ON_A_PAGE + 1 });
      const { rows, next } = page(items, ON_A_PAGE, (last) => ulidOf(last.id));
      return { items: rows, next: next ?? undefined, ...(await names(on, rows)) };
    });
    return adminPage(queuePage({ ...view, kind, state, source, ...found }));
  });

  const showItem = async ({ c, view }: AdminRequest, wrong?: { fault: string; status: number }) => {
    const id = idOf(c);
    const found = await database.read(async (on) => {
      const item = await readReview(on, id);
      if (item === undefined) throw new RegistryError("not_found", { detail: "There is no such review item." });
      const { sourceId, kind } = item;
      return {
        item,
        sides: await readSides(on, base, item),
        merge: kind === "duplicate" && item.state !== "open" ? await mergeOf(on, item) : undefined,
        visits: sourceId === null ? [] : await lastVisits(on, sourceId, VISITS),
        rejects: sourceId === null || kind !== "rejects" ? [] : await lastRejects(on, sourceId, REJECTS),
        ...(await names(on, [item])),
      };
    });
    return adminPage(itemPage({ ...view, ...found, fault: wrong?.fault }), wrong?.status);
  };
  pages.get(`${QUEUE}/:ulid`, (request) => showItem(request));
  pages.post(`${QUEUE}/:ulid`, decisionFields, async (request) => {
    const { c, caller, form } = request;
    const id = idOf(c);
    try {
      const { action, reason, claim } = form;
      const decision = { id, action, reason, ...(action === "pin" || action === "withdraw" ? claimOf(claim) : {}) };
      await database.transact((tx) => decideReview(registry, caller, tx, decision), caller);
    } catch (error) {
      return showItem(request, faultOf(error));
    }
    return seeOther(base, `${QUEUE}/${ulidOf(id)}`);
  });
}

async function names(on: Reader, items: readonly ReviewItem[]) {
  return { entities: await namesOf(on, entitiesOf(items)), sources: await sourceNames(on, sourcesOf(items)) };
}

/** The newest merge of an item's pair. */
async function mergeOf(on: Reader, { entityId, otherId }: ReviewItem) {
  const pair = new Set([entityId, otherId]);
  const merges = await listMerges(on, { entityId: otherId ?? undefined, limit: 20 });
  return merges.find(({ keptId, goneId }) => pair.has(keptId) && pair.has(goneId)) ?? merges.find(({ goneId }) => pair.has(goneId));
}

/** Throws `invalid_body` where no claim was chosen. */
function claimOf(claim: string | undefined): { field: string; source: string } {
  const parsed = chosen.safeParse(claim === undefined ? undefined : fromJson(claim));
  if (!parsed.success) throw new RegistryError("invalid_body", { detail: "Choose the claim first that this is about.", pointer: "/claim" });
  const [field, source] = parsed.data;
  return { field, source };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
