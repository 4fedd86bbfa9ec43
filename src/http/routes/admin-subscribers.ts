/** The form by which a subscriber of the feed is woken, paused or removed on the page of peers. */
import { z } from "@hono/zod-openapi";
import type { Reader, Tx } from "../../db/database.ts";
import { countSubscribers, listSubscribers, type SubscriberVitals } from "../../db/subscriber-vitals.ts";
import { whyNotTarget } from "../../federation/safe-fetch.ts";
import { removeFeedSubscription, resumeFeedSubscription, reviseFeedSubscription } from "../../registry/feed-subscriptions.ts";
import { faultOf, seeOther, type AdminPages, type AdminRequest } from "../admin-guard.ts";
import { ADMIN_PATH } from "../admin-session.ts";
import type { HttpParts } from "../parts.ts";
import { idOf } from "./write-events.ts";

const SHOWN = 200;
const steerFields = z.object({ action: z.enum(["resume", "pause", "remove"]) });

/** Those in trouble first, as many as a page shows. */
export async function shownSubscribers(on: Reader): Promise<{ subscribers: SubscriberVitals[]; total: number }> {
  const counts = await countSubscribers(on);
  return { subscribers: await listSubscribers(on, SHOWN), total: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

/** `showPeers` answers with the page of peers and what went wrong. */
export function adminSubscriberRoutes(
  pages: AdminPages,
  parts: HttpParts,
  showPeers: (request: AdminRequest, wrong: { fault: string; status: number }) => Promise<Response>,
): void {
  const { registry, database, base, fetchAllow } = parts;
  pages.post(`${ADMIN_PATH}/subscribers/:ulid`, steerFields, async (request) => {
    const { c, caller, form } = request;
    const id = idOf(c);
    try {
      await database.transact((tx) => steer(tx), caller);
    } catch (error) {
      return showPeers(request, faultOf(error));
    }
    return seeOther(base, `${ADMIN_PATH}/peers`);

    function steer(tx: Tx): Promise<unknown> {
      if (form.action === "remove") return removeFeedSubscription(registry, caller, tx, id);
      if (form.action === "resume") return resumeFeedSubscription(registry, caller, tx, id);
      return reviseFeedSubscription(registry, caller, tx, id, { status: "paused" }, (url) => whyNotTarget(url, fetchAllow));
    }
  });
}
