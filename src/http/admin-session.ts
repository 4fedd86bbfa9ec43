/**
 * Who is at the admin pages: a cookie that only they get (Path), only this site sends (SameSite) and no script reads
 * (HttpOnly). Each form bears a token besides, and comes from a page of ours or is refused.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { getCookie } from "hono/cookie";
import { RegistryError } from "../domain/errors.ts";
import { findAdminSession, SESSION_HOURS } from "../registry/admin-sessions.ts";
import { localPath } from "./pages/markup.ts";
import type { HttpContext, HttpParts, Principal } from "./parts.ts";

export const ADMIN_PATH = "/admin";

/** The cookie's token that came with this request to an admin page; nowhere else is one looked at. */
export function sessionToken(c: HttpContext, base: string): string | undefined {
  const { path } = c.req;
  return path === ADMIN_PATH || path.startsWith(`${ADMIN_PATH}/`) ? getCookie(c, cookieName(base)) : undefined;
}

/** The caller of a cookie's session; undefined when there is none, or it is over. */
export async function sessionCaller(c: HttpContext, parts: HttpParts): Promise<Principal | undefined> {
  const token = sessionToken(c, parts.base);
  if (token === undefined) return undefined;
  const session = await findAdminSession(parts.registry, token, parts.secrets.adminKey);
  if (session === undefined) return undefined;
  const { key } = session;
  const requestId = c.get("requestId");
  const perMinute = key?.requestsPerMinute ?? parts.limits.rates.admin;
  return key === undefined
    ? { actor: "admin", role: "admin", requestId, principal: "admin", perMinute }
    : { actor: `key:${key.name}`, role: "admin", requestId, principal: `key:${key.id}`, keyId: key.id, perMinute };
}

/** `Set-Cookie` for a session that begins. */
export function sessionCookie(base: string, token: string): string {
  return `${cookieName(base)}=${token}; ${attributes(base)}; Max-Age=${SESSION_HOURS * 3600}`;
}

/** `Set-Cookie` that takes the session's cookie away. */
export function endedCookie(base: string): string {
  return `${cookieName(base)}=; ${attributes(base)}; Max-Age=0`;
}

/** The token that every form of this session bears. It follows from the cookie's and does not give it away. */
export function formToken(token: string): string {
  return createHmac("sha256", token).update("calends admin form").digest("base64url");
}

/** Throws `forbidden` for a form that was not on a page of this session's. */
export function assertFormToken(token: string, given: string | undefined): void {
  const expected = Buffer.from(formToken(token));
  const found = Buffer.from(given ?? "");
  if (found.length !== expected.length || !timingSafeEqual(found, expected))
    throw new RegistryError("forbidden", {
      detail: "This form is not of your present session. Go back, load the page anew and send it again.",
    });
}

/**
 * Throws `forbidden` for a form that another site sent. Browsers say where a form is from: in Origin (RFC 6454), and where
 * the connection is trusted in Sec-Fetch-Site too; what says neither is no browser.
 */
export function assertSameSite(c: HttpContext, base: string): void {
  const refused = (found: string) => new RegistryError("forbidden", { detail: `Origin: expected a form of this site, found ${found}.` });
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") throw refused(`one from elsewhere (${site.slice(0, 50)})`);
  const origin = c.req.header("origin");
  if (origin === undefined) {
    if (site === undefined) throw refused("none");
    return;
  }
  // By the name that the node was asked by: behind no proxy it may have several. Behind one, by its public name.
  const asked = URL.canParse(origin) && new URL(origin).host === c.req.header("host");
  if (!asked && origin !== new URL(base).origin) throw refused(origin.slice(0, 200));
}

const cookieName = (base: string): string => (base.startsWith("https:") ? "__Secure-calends-admin" : "calends-admin");
const attributes = (base: string): string =>
  `Path=${localPath(base, ADMIN_PATH)}; HttpOnly; SameSite=Strict${base.startsWith("https:") ? "; Secure" : ""}`;
