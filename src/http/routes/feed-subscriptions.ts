/** Feed subscriptions: who is told of the feed by webhook. Kept by admins, and by peers each for itself. */
import { readFeedHead } from "../../db/feed-log.ts";
import type { Tx } from "../../db/database.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { checkFilters, checkPosition, decodeCursor, type FeedFilters } from "../../feed/cursor.ts";
import { whyNotTarget } from "../../federation/safe-fetch.ts";
import {
  createFeedSubscription,
  listFeedSubscriptions,
  readFeedSubscription,
  removeFeedSubscription,
  resumeFeedSubscription,
  reviseFeedSubscription,
  rotateFeedSecret,
  type FeedSubscriptionRow,
} from "../../registry/feed-subscriptions.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import { API_PATH } from "../pages/layout.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { jsonContent, ulidParameter } from "../schemas.ts";
import { adminFamily, bodyOf, given, json, jsonAnswer, onceHeaders, ONCE_PROBLEMS, page } from "./admin-routes.ts";
import * as shapes from "./feed-subscription-shapes.ts";
import { newSecretSchema } from "./saved-search-shapes.ts";
import { BODY_PROBLEMS, idOf } from "./write-events.ts";

const PATH = `${API_PATH}/admin/feed-subscriptions`;
const ONE = `${PATH}/{ulid}`;
const NOTHING = Buffer.alloc(0);

/** Before the other routes under /api/v1/admin, which are for admins alone. */
export function feedSubscriptionRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base, fetchAllow } = parts;
  const add = adminFamily(app);
  const shown = { description: "The subscription as it is now.", ...jsonContent(shapes.feedSubscriptionSchema) };
  const refuseTarget = (url: string) => whyNotTarget(url, fetchAllow);
  const answered = async (tx: Tx, row: FeedSubscriptionRow, secret?: string, status = 200) => {
    const headers = status === 201 ? { location: `${base}${PATH}/${ulidOf(row.id)}` } : {};
    return jsonAnswer(shapes.presentFeedSubscription(row, await readFeedHead(tx), secret), status, headers);
  };

  add(
    {
      method: "post",
      path: PATH,
      summary: "Subscribe to the feed by webhook",
      description:
        "Messages are signed, come in order and at least once, each under one `webhook-id`; the next one comes after a receipt (2xx). A peer's key keeps its own.",
      request: bodyOf(shapes.newFeedSubscription),
      responses: { 201: { ...shown, description: "The subscription, with its secret for this once." } },
      problems: [...BODY_PROBLEMS, "conflict", "invalid_cursor", "cursor_beyond_head", "wrong_epoch", "retention_passed", ...ONCE_PROBLEMS],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const { payload: sent, value } = await given(c, parts, shapes.newFeedSubscription);
      const { since, ...request } = value;
      return answer(c, parts, caller, sent, async (tx) => {
        const from = await standingAt(tx, since, request, base);
        const { subscription, secret } = await createFeedSubscription(registry, caller, tx, { ...request, from }, refuseTarget);
        return answered(tx, subscription, secret, 201);
      });
    },
  );

  add(
    {
      method: "get",
      path: PATH,
      summary: "List feed subscriptions",
      description: "The newest first; a peer sees its own.",
      request: { query: shapes.feedSubscriptionsQuery },
      responses: { 200: { description: "One page.", ...jsonContent(shapes.feedSubscriptionsSchema) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const { limit = 50, after } = readQuery(c, shapes.feedSubscriptionsQuery);
      const asked = { limit: limit + 1, after: after === undefined ? undefined : uuidOf(after) };
      const { head, found } = await database.read(async (on) => ({
        head: await readFeedHead(on),
        found: await listFeedSubscriptions(on, caller, asked),
      }));
      const { rows, next } = page(found, limit, (last) => ulidOf(last.id));
      return json(c, { items: rows.map((row) => shapes.presentFeedSubscription(row, head)), next_cursor: next });
    },
  );

  add(
    {
      method: "get",
      path: ONE,
      summary: "How a feed subscription stands",
      request: { params: ulidParameter },
      responses: { 200: shown },
      problems: ["not_found"],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const id = idOf(c);
      return json(
        c,
        await database.read(async (on) =>
          shapes.presentFeedSubscription(await readFeedSubscription(on, caller, id), await readFeedHead(on)),
        ),
      );
    },
  );

  add(
    {
      method: "patch",
      path: ONE,
      summary: "Rename a feed subscription, pause, wake or move it",
      description: "What it is told and by which filters stays: another choice is another subscription.",
      request: { params: ulidParameter, ...bodyOf(shapes.feedSubscriptionChange) },
      responses: { 200: { ...shown, description: "The subscription as it is now, with the secret of an address that is new." } },
      problems: [...BODY_PROBLEMS, "not_found", ...ONCE_PROBLEMS],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const id = idOf(c);
      const { payload: sent, value } = await given(c, parts, shapes.feedSubscriptionChange);
      return answer(c, parts, caller, sent, async (tx) => {
        const { subscription, secret } = await reviseFeedSubscription(registry, caller, tx, id, value, refuseTarget);
        return answered(tx, subscription, secret);
      });
    },
  );

  add(
    {
      method: "delete",
      path: ONE,
      summary: "End a feed subscription",
      request: { params: ulidParameter, headers: onceHeaders },
      responses: { 204: { description: "It is gone." } },
      problems: ["not_found", ...ONCE_PROBLEMS],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const id = idOf(c);
      return answer(c, parts, caller, NOTHING, async (tx) => {
        await removeFeedSubscription(registry, caller, tx, id);
        return { status: 204, headers: {}, body: "" };
      });
    },
  );

  add(
    {
      method: "post",
      path: `${ONE}/secret`,
      summary: "Change the secret of a feed subscription",
      description:
        "The one before signs too for a day, so that the receiver can change over; where it is changed again meanwhile, each does until its own time, four at most.",
      request: { params: ulidParameter, headers: onceHeaders },
      responses: { 200: { description: "The new secret, for this once.", ...jsonContent(newSecretSchema) } },
      problems: ["not_found", "conflict", ...ONCE_PROBLEMS],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const id = idOf(c);
      return answer(c, parts, caller, NOTHING, async (tx) => jsonAnswer(await rotateFeedSecret(registry, caller, tx, id)));
    },
  );

  add(
    {
      method: "post",
      path: `${ONE}/resume`,
      summary: "Wake a feed subscription",
      description: "One that has failed goes on where it stood: nothing is passed over.",
      request: { params: ulidParameter, headers: onceHeaders },
      responses: { 200: shown },
      problems: ["not_found", ...ONCE_PROBLEMS],
    },
    async (c) => {
      const caller = requireRole(c, "peer");
      const id = idOf(c);
      return answer(c, parts, caller, NOTHING, async (tx) => answered(tx, await resumeFeedSubscription(registry, caller, tx, id)));
    },
  );
}

/** Where telling begins: after a cursor, or at the head. Throws as the feed does for a cursor that does not fit. */
async function standingAt(tx: Tx, since: string | undefined, filters: FeedFilters, base: string) {
  const head = await readFeedHead(tx);
  if (since === undefined) return { epoch: head.epoch, position: head.position };
  const cursor = decodeCursor(since, "be told what comes from now on");
  checkFilters(cursor, filters);
  checkPosition(cursor, head, base);
  return { epoch: cursor.epoch, position: cursor.position };
}
