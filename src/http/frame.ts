/**
 * Around every request: an id, the caller, the caller's rate; and after it security headers, CORS, one log line and
 * one measurement. One function and not seven, because every point read pays for it.
 */
import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { METHOD_NAME_ALL } from "hono/router";
import { RegistryError } from "../domain/errors.ts";
import { requireRole, type Authenticator } from "./auth.ts";
import type { HttpMetrics } from "./metrics.ts";
import { CONTENT_SECURITY_POLICY } from "./pages/style.ts";
import { refuse } from "./problems.ts";
import { createRateLimiter, rateHeaders, type Verdict } from "./rates.ts";
import { createUnanswered } from "./routing.ts";
import type { HttpApp, HttpContext, HttpEnv, HttpParts, Principal } from "./parts.ts";

/** Asked by machines that must not be counted, or cheap and cached: no key, no rate. */
const FREE = /^\/(healthz|readyz|metrics|robots\.txt|favicon\.(svg|ico)|(assets|contexts|shapes)\/.*|api\/v1\/feeds\/changes\/pages\/.*)$/;
const SANE_REQUEST_ID = /^[\w.:-]{1,100}$/;
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What a closed page of the feed bears, which is answered from memory, ahead of the app and this frame. */
export const RAW_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "access-control-allow-origin": "*",
  "content-security-policy": DATA_POLICY,
};
const EXPOSED = "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Calends-Outcome, Calends-Review";

export function createFrame(parts: HttpParts, authenticator: Authenticator, metrics: HttpMetrics): MiddlewareHandler<HttpEnv> {
  const { log, clock, base, closing } = parts;
  const take = createRateLimiter(clock);
  const secure = base.startsWith("https://");
  const assets = parts.base === "" ? "" : new URL(base).pathname.replace(/\/$/, "");

  const count = (caller: Principal): { verdict: Verdict; perMinute: number } | undefined =>
    caller.perMinute === null ? undefined : { verdict: take(caller.principal, caller.perMinute), perMinute: caller.perMinute };

  /** Who asks, and whether they may now. A wrong key is charged to the address it came from. */
  const admit = async (c: HttpContext): Promise<{ refused?: unknown; rate?: ReturnType<typeof count> }> => {
    let refused: unknown;
    let caller: Principal;
    try {
      caller = await authenticator.authenticate(c);
    } catch (error) {
      refused = error;
      caller = authenticator.anonymous(c);
    }
    c.set("caller", caller);
    const rate = count(caller);
    if (rate !== undefined && !rate.verdict.allowed) {
      const retryAfter = rate.verdict.retrySeconds;
      refused = new RegistryError("rate_limited", {
        detail: `More than ${rate.perMinute} requests a minute; try again in ${retryAfter} s.`,
        extra: { retryAfter },
      });
    }
    return { ...(refused !== undefined && { refused }), rate };
  };

  return async (c, next) => {
    const started = performance.now();
    const given = c.req.header("x-request-id");
    const requestId = given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID();
    const { method, path } = c.req;
    c.set("requestId", requestId);
    c.set("route", "other");

    let rate: ReturnType<typeof count>;
    if (method === "OPTIONS") c.res = preflight();
    else if (FREE.test(path.startsWith(assets) ? path.slice(assets.length) : path)) {
      c.set("caller", authenticator.anonymous(c));
      await next();
    } else {
      const admitted = await admit(c);
      rate = admitted.rate;
      if (admitted.refused === undefined) await next();
      else c.res = refuse(c, parts, admitted.refused);
    }

    const { res } = c;
    const { headers, status } = res;
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "strict-origin-when-cross-origin");
    // A page that needs more than the others says so itself; data never does. What a 304 bore would replace the policy
    // of the kept page (RFC 9111 §3.2), so it bears none.
    if (status === 304) headers.delete("content-security-policy");
    else if (!headers.get("content-type")?.startsWith("text/html")) headers.set("content-security-policy", DATA_POLICY);
    else if (!headers.has("content-security-policy")) headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
    if (secure) headers.set("strict-transport-security", "max-age=31536000");
    if (method === "GET" || method === "HEAD") {
      headers.set("access-control-allow-origin", "*");
      headers.set("access-control-expose-headers", EXPOSED);
    }
    if (rate !== undefined) for (const [name, value] of rateHeaders(rate.verdict, rate.perMinute)) headers.set(name, value);
    if (closing.aborted) headers.set("connection", "close");

    const milliseconds = performance.now() - started;
    const route = c.get("route");
    metrics.observe(method, route, status, milliseconds / 1000);
    log.info(
      { requestId, method, path, route, status, ms: Math.round(milliseconds * 100) / 100, actor: c.get("caller")?.actor },
      "request",
    );
  };
}

/** Any page may read; writes come from servers, which need no leave (Fetch standard, CORS-preflight). */
function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, OPTIONS",
      "access-control-allow-headers": "Accept, Authorization, If-None-Match, If-Modified-Since, Last-Event-ID, X-Request-Id",
      "access-control-max-age": "86400",
      allow: "GET, HEAD, OPTIONS",
    },
  });
}

/**
 * Guards a whole family of routes: `app.use("/api/v1/admin/*", onlyAdmins(app))`. A method that an address does not take is told so to
 * anybody, for some of these addresses are others' too.
 */
export function onlyAdmins(app: HttpApp): MiddlewareHandler<HttpEnv> {
  const unanswered = createUnanswered(app);
  return async (c, next) => {
    const isAnswered = matchedRoutes(c).some(({ method }) => method !== METHOD_NAME_ALL);
    const error = isAnswered ? undefined : unanswered(c);
    if (error?.code === "method_not_allowed") throw error;
    requireRole(c);
    await next();
  };
}
