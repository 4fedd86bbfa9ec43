/** A browser without scripts, as far as the admin pages need one: it keeps its cookie, follows redirects and fills in forms. */
import { Parser } from "htmlparser2";
import type { TestNode } from "./http.ts";

export interface Visited {
  status: number;
  /** Path and query of the page at the end of the redirects. */
  at: string;
  html: string;
  /** What a person reads. */
  text: string;
  headers: Headers;
}

export interface AdminVisitor {
  /** "name=value", as it would be sent; undefined before the sign in and after the sign out. */
  cookie: string | undefined;
  /** `Set-Cookie` as it came last. */
  setCookie: string | undefined;
  go(path: string): Promise<Visited>;
  /** Sends these fields, with the token of the page that is shown now; `headers` are laid over a browser's. */
  send(path: string, fields: Record<string, string>, headers?: Record<string, string | undefined>): Promise<Visited>;
  signIn(key: string, next?: string): Promise<Visited>;
}

export function adminVisitor(node: Pick<TestNode, "url">): AdminVisitor {
  let token = "";
  const visitor: AdminVisitor = {
    cookie: undefined,
    setCookie: undefined,
    go: (path) => visit(path, {}),
    send(path, fields, headers = {}) {
      const from = { origin: node.url, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
      const sent = Object.entries({ ...from, ...headers }).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return visit(path, { method: "POST", body: new URLSearchParams({ token, ...fields }).toString(), headers: Object.fromEntries(sent) });
    },
    signIn: (key, next = "/admin") => {
      token = "";
      const fields = { key, next };
      const body = new URLSearchParams(fields).toString();
      const headers = { origin: node.url, "content-type": "application/x-www-form-urlencoded" };
      return visit("/admin/sign-in", { method: "POST", body, headers });
    },
  };
  const visit = async (path: string, request: RequestInit): Promise<Visited> => {
    const response = await fetch(node.url + path, {
      ...request,
      redirect: "manual",
      headers: { accept: "text/html", ...(visitor.cookie && { cookie: visitor.cookie }), ...(request.headers as Record<string, string>) },
    });
    const set = response.headers.get("set-cookie");
    if (set !== null) {
      visitor.setCookie = set;
      visitor.cookie = set.includes("Max-Age=0") ? undefined : set.split(";")[0];
    }
    const location = response.headers.get("location");
    if (response.status === 303 && location !== null) return visit(location, {});
    const html = await response.text();
    const read = readPage(html);
    token = read.token ?? token;
    return { status: response.status, at: path, html, text: read.text, headers: response.headers };
  };
  return visitor;
}

function readPage(html: string): { text: string; token?: string } {
  let text = "";
  let token: string | undefined;
  const parser = new Parser({
    ontext: (part) => void (text += part),
    onopentag(name, { name: field, value }) {
      if (name === "input" && field === "token") token = value;
    },
  });
  parser.end(html);
  return { text: text.replace(/\s+/g, " ").trim(), ...(token !== undefined && { token }) };
}
