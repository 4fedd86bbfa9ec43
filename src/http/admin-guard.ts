/** What every admin page and form goes through: a session, a token, an origin; and how they answer. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../domain/errors.ts";
import { ADMIN_PATH, assertFormToken, assertSameSite, formToken, sessionToken } from "./admin-session.ts";
import { decodeUtf8, readBody } from "./body.ts";
import type { AdminView } from "./pages/admin-layout.ts";
import { signInPage } from "./pages/admin-sign-in.ts";
import { localPath } from "./pages/markup.ts";
import type { HttpApp, HttpContext, HttpParts, Principal } from "./parts.ts";
import { parseQuery, queryPairs } from "./query.ts";

const FORM_TYPE = ["application/x-www-form-urlencoded"] as const;
const FORM_LIMIT = 16 * 1024;
const HTML = "text/html; charset=utf-8";
/** An admin page of ours, with its query. */
const NEXT = /^\/admin(?:[/?][\x21-\x5b\x5d-\x7e]*)?$/;

/** A page of somebody who is signed in. */
export interface AdminRequest {
  c: HttpContext;
  caller: Principal;
  view: AdminView;
  token: string;
}

export interface AdminPages {
  /** A page; without a session, the form to sign in. */
  get(path: string, show: (request: AdminRequest) => Promise<Response>): void;
  /**
   * A form of such a page. `fields` are what it may bear beside the token; unknown ones are refused. Who got a field wrong is shown what
   * `wrong` answers, the page with the fault; without it, the bare problem.
   */
  post<Shape extends z.ZodObject>(
    path: string,
    fields: Shape,
    take: (request: AdminRequest & { form: z.output<Shape> }) => Promise<Response>,
    wrong?: (request: AdminRequest, fault: PageFault) => Promise<Response>,
  ): void;
}

/** Never kept by anybody: what stands on these pages is for one person, for now. */
export const adminPage = (page: string, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(page, { status, headers: { "content-type": HTML, "cache-control": "no-store", vary: "Cookie", ...headers } });

/** After a form: on to a page, so that to load it anew sends nothing again. */
export const seeOther = (base: string, path: string, headers: Record<string, string> = {}): Response =>
  new Response(null, { status: 303, headers: { location: localPath(base, path), "cache-control": "no-store", ...headers } });

/** `path` where it is an admin page of this node, else the first of them. */
export const nextPath = (path: string | undefined): string =>
  path !== undefined && path.length <= 1_000 && NEXT.test(path) ? path : ADMIN_PATH;

/** A form's fields, once each. Throws `invalid_query` for what is unknown, doubled or too long, and what `readBody` throws. */
export async function readForm<Shape extends z.ZodObject>(c: HttpContext, fields: Shape): Promise<z.output<Shape>> {
  const { payload } = await readBody(c, { types: FORM_TYPE, limit: FORM_LIMIT });
  return parseQuery(queryPairs(`?${decodeUtf8(payload)}`), fields);
}

export interface PageFault {
  fault: string;
  status: number;
}

/** The fault in words, for a page that shows it beside its form; rethrows what is not the sender's doing. */
export function faultOf(error: unknown): PageFault {
  if (error instanceof RegistryError && error.problem.status < 500) return { fault: error.problem.detail, status: error.problem.status };
  throw error;
}

export const viewOf = ({ base, nodeName, clock }: HttpParts): AdminView => ({ base, nodeName, now: clock() });

export function createAdminPages(app: HttpApp, parts: HttpParts): AdminPages {
  const { base } = parts;
  const begin = (c: HttpContext): AdminRequest | undefined => {
    const token = sessionToken(c, base);
    const caller = c.get("caller");
    // A key in the header is no session: forms would have no token to be held against.
    if (token === undefined || caller.role !== "admin" || c.req.header("authorization") !== undefined) return undefined;
    return { c, caller, token, view: { ...viewOf(parts), session: { actor: caller.actor, formToken: formToken(token) } } };
  };
  const signIn = (c: HttpContext) => {
    const next = c.req.method === "POST" ? ADMIN_PATH : nextPath(c.req.path + new URL(c.req.url).search);
    const page = signInPage({ ...viewOf(parts), next });
    // The first page is where one signs in; of the others nothing is shown.
    return next === ADMIN_PATH && c.req.method !== "POST"
      ? adminPage(page)
      : adminPage(page, 401, { "www-authenticate": 'Bearer realm="calends"' });
  };
  return {
    get(path, show) {
      app.get(path, async (c) => {
        c.set("route", path);
        const request = begin(c);
        return request === undefined ? signIn(c) : show(request);
      });
    },
    post(path, fields, take, wrong) {
      const all = fields.extend({ token: z.string().max(100).optional() });
      app.post(path, async (c) => {
        c.set("route", path);
        assertSameSite(c, base);
        const request = begin(c);
        if (request === undefined) return signIn(c);
        let read;
        try {
          read = await readForm(c, all);
        } catch (error) {
          if (wrong === undefined || !(error instanceof RegistryError && error.code === "invalid_query")) throw error;
          return wrong(request, faultOf(error));
        }
        const { token, ...form } = read as z.output<typeof fields> & { token?: string };
        assertFormToken(request.token, token);
        return take({ ...request, form: form as z.output<typeof fields> });
      });
    },
  };
}
