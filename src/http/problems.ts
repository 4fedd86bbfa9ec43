/** Every refusal as problem details (RFC 9457): JSON, or a page for those who prefer HTML. Stacks and SQL stay here. */
import { ERROR_CODES, RegistryError, type ErrorCode, type Problem } from "../domain/errors.ts";
import { negotiate } from "./negotiate.ts";
import { problemPage } from "./pages/problem-page.ts";
import type { ProblemPageView } from "./pages/view.ts";
import type { HttpContext, HttpParts } from "./parts.ts";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The problem of an error; one that is not ours is `internal` and says nothing of its cause. */
export function problemOf(error: unknown): Problem {
  const known =
    error instanceof RegistryError
      ? error
      : new RegistryError("internal", {
          detail: "The node failed to answer this request. Its keeper finds the reason in the log by the request's id.",
        });
  return known.problem;
}

/** Answers with the error; what is not the client's doing goes to the log with its cause. */
export function refuse(c: HttpContext, parts: HttpParts, error: unknown): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) parts.log.error({ requestId: c.get("requestId"), err: error }, problem.title);
  return problemResponse(c, parts, problem);
}

/** `view` adds what only the page shows (a tombstone, where it leads on). */
export function problemResponse(
  c: HttpContext,
  parts: HttpParts,
  problem: Problem,
  view: Pick<ProblemPageView, "tombstone" | "supersededBy"> = {},
): Response {
  const requestId = c.get("requestId");
  const { retryAfter, allow, ...shown } = problem as Problem & { retryAfter?: number; allow?: string };
  const complete: Problem = {
    ...shown,
    type: `${parts.base}${problem.type}`,
    instance: UUID.test(requestId) ? `urn:uuid:${requestId}` : `urn:request:${requestId}`,
  };
  const wait = retryAfter ?? (problem.status === 503 ? 1 : undefined);
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    vary: "Accept",
    ...(wait !== undefined && { "retry-after": String(wait) }),
    ...(allow !== undefined && { allow }),
    ...(problem.code === "unauthenticated" && { "www-authenticate": 'Bearer realm="calends"' }),
  };
  if (negotiate(c.req.header("accept"), ["json", "jsonld", "html"]) === "html") {
    const page = problemPage({
      base: parts.base,
      nodeName: parts.nodeName,
      now: parts.clock(),
      problem: complete,
      requestId,
      ...(wait !== undefined && { retryAfter: wait }),
      ...view,
    });
    return new Response(page, { status: problem.status, headers: { ...headers, "content-type": "text/html; charset=utf-8" } });
  }
  return new Response(JSON.stringify(complete), {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}

/** A page or a document about one kind of problem, for `/problems/{code}`. */
export function describeProblem(code: string): { code: ErrorCode; title: string; status: number; retryable: boolean } | undefined {
  return Object.hasOwn(ERROR_CODES, code) ? { code: code as ErrorCode, ...ERROR_CODES[code as ErrorCode] } : undefined;
}
