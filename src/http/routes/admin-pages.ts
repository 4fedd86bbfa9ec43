/** The admin pages: signing in and out, the overview, merges and sources. The queue is in admin-review-pages.ts. */
import { timingSafeEqual } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { lastVisits, namesOf, overviewSources } from "../../db/admin-views.ts";
import { listMerges } from "../../db/merges.ts";
import { countReviews } from "../../db/reviews.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { beginSession, endSession } from "../../registry/admin-sessions.ts";
import { findValidKey, hashKey } from "../../registry/api-keys.ts";
import { undoAnyMerge } from "../../registry/merge-any.ts";
import { reinstateSource, withdrawSource } from "../../registry/withdraw-source.ts";
import { adminPage, createAdminPages, faultOf, nextPath, readForm, seeOther, viewOf, type AdminRequest } from "../admin-guard.ts";
import { ADMIN_PATH, assertSameSite, endedCookie, sessionCookie } from "../admin-session.ts";
import { adminHomePage } from "../pages/admin-queue.ts";
import { mergesPage } from "../pages/admin-merges.ts";
import { signInPage } from "../pages/admin-sign-in.ts";
import { sourcePage, sourcesPage } from "../pages/admin-sources.ts";
import type { HttpApp, HttpContext, HttpParts, Principal } from "../parts.ts";
import { readQuery } from "../query.ts";
import { queryText } from "../schemas.ts";
import { adminPeerPageRoutes } from "./admin-peers.ts";
import { adminReviewPageRoutes } from "./admin-review-pages.ts";
import { page } from "./admin-routes.ts";
import { nameOf } from "./admin-routes.ts";
import { pageQuery } from "./review-shapes.ts";
import { idOf } from "./write-events.ts";

const SIGN_IN = `${ADMIN_PATH}/sign-in`;
const MERGES = `${ADMIN_PATH}/merges`;
const SOURCES = `${ADMIN_PATH}/sources`;
const ON_A_PAGE = 50;
const VISITS = 20;
const NO_FIELDS = z.object({});
const reasonField = { reason: queryText(500).optional() };
const signInFields = z.object({ key: z.string().max(500).optional(), next: z.string().max(1_000).optional() });
const sourcesQuery = z.object({ after: queryText(200).optional() });

export function adminPageRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base } = parts;
  const pages = createAdminPages(app, parts);

  app.post(SIGN_IN, async (c) => {
    c.set("route", SIGN_IN);
    assertSameSite(c, base);
    const { key = "", next } = await readForm(c, signInFields);
    const caller = await callerOfKey(c, parts, key);
    if (caller instanceof RegistryError) {
      const form = signInPage({ ...viewOf(parts), next: nextPath(next), fault: caller.message });
      return adminPage(form, caller.problem.status, { "www-authenticate": 'Bearer realm="calends"' });
    }
    const { token } = await database.transact((tx) => beginSession(registry, caller, tx, key), caller);
    return seeOther(base, nextPath(next), { "set-cookie": sessionCookie(base, token) });
  });
  pages.post(`${ADMIN_PATH}/sign-out`, NO_FIELDS, async ({ caller, token }) => {
    await database.transact((tx) => endSession(registry, caller, tx, token), caller);
    return seeOther(base, ADMIN_PATH, { "set-cookie": endedCookie(base) });
  });

  pages.get(ADMIN_PATH, async ({ view }) => adminPage(adminHomePage({ ...view, counts: await database.read(countReviews) })));
  adminReviewPageRoutes(pages, parts);
  adminPeerPageRoutes(pages, parts);

  const showMerges = async ({ view }: AdminRequest, after?: string, wrong?: { fault: string; status: number }) => {
    const { rows, next, entities } = await database.read(async (on) => {
      const found = page(await listMerges(on, { before: after && uuidOf(after), limit: ON_A_PAGE + 1 }), ON_A_PAGE, (last) =>
        ulidOf(last.id),
      );
      return {
        ...found,
        entities: await namesOf(
          on,
          found.rows.flatMap(({ keptId, goneId }) => [keptId, goneId]),
        ),
      };
    });
    return adminPage(mergesPage({ ...view, merges: rows, entities, next: next ?? undefined, fault: wrong?.fault }), wrong?.status);
  };
  pages.get(MERGES, (request) => showMerges(request, readQuery(request.c, pageQuery).after));
  const undoFields = z.object({ ...reasonField, action: z.literal("undo"), item: z.string().max(30).optional() });
  pages.post(`${MERGES}/:ulid/undo`, undoFields, async (request) => {
    const { c, caller, form } = request;
    const [mergeId, item] = [idOf(c), uuidOf(form.item ?? "")];
    try {
      await database.transact((tx) => undoAnyMerge(registry, caller, tx, { mergeId, reason: form.reason }), caller);
    } catch (error) {
      return showMerges(request, undefined, faultOf(error));
    }
    return seeOther(base, item === undefined ? MERGES : `${ADMIN_PATH}/review/${ulidOf(item)}`);
  });

  pages.get(SOURCES, async ({ c, view }) => {
    const { after } = readQuery(c, sourcesQuery);
    const found = await database.read((on) => overviewSources(on, { after, limit: ON_A_PAGE + 1 }));
    const { rows, next } = page(found, ON_A_PAGE, (last) => last.name);
    return adminPage(sourcesPage({ ...view, sources: rows, next: next ?? undefined }));
  });
  const showSource = async ({ c, view }: AdminRequest, wrong?: { fault: string; status: number }) => {
    const name = nameOf(c);
    const found = await database.read(async (on) => {
      const [source] = await overviewSources(on, { name, limit: 1 });
      return source && { source, visits: await lastVisits(on, source.id, VISITS) };
    });
    if (found === undefined) throw new RegistryError("not_found", { detail: `There is no source named ${name}.` });
    return adminPage(sourcePage({ ...view, ...found, fault: wrong?.fault }), wrong?.status);
  };
  pages.get(`${SOURCES}/:name`, (request) => showSource(request));
  const sourceFields = z.object({ ...reasonField, action: z.enum(["withdraw", "reinstate"]) });
  pages.post(`${SOURCES}/:name`, sourceFields, async (request) => {
    const { c, caller, form } = request;
    const { action, reason } = form;
    const name = nameOf(c);
    try {
      if (action === "withdraw" && reason === undefined)
        throw new RegistryError("invalid_body", { detail: "Reason: a source is not withdrawn without one; please say why." });
      const change = action === "withdraw" ? withdrawSource : reinstateSource;
      await database.transact((tx) => change(registry, caller, tx, { name, reason }), caller);
    } catch (error) {
      return showSource(request, faultOf(error));
    }
    return seeOther(base, `${SOURCES}/${encodeURIComponent(name)}`);
  });
}

/** Whose key this is; why it opens nothing here, where it does not. */
async function callerOfKey(c: HttpContext, { registry, secrets }: HttpParts, secret: string): Promise<Principal | RegistryError> {
  const base = { role: "admin", requestId: c.get("requestId"), perMinute: null } as const;
  if (secrets.adminKey !== undefined && timingSafeEqual(hashKey(secrets.adminKey), hashKey(secret)))
    return { ...base, actor: "admin", principal: "admin" };
  const key = await findValidKey(registry, secret);
  if (key === undefined) return new RegistryError("unauthenticated", { detail: "This key is not valid here, or it was revoked." });
  if (key.role !== "admin")
    return new RegistryError("forbidden", { detail: `This needs an admin's key; the role of this one is ${key.role}.` });
  return { ...base, actor: `key:${key.name}`, principal: `key:${key.id}`, keyId: key.id };
}
