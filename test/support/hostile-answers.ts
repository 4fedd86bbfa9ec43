/** The check of an answer to a hostile request: its status, and that a refusal is a whole problem that names the fault. */
import type { Answer, HostileCase } from "./hostile.ts";

const matches = (text: string, what: string | RegExp): boolean => (typeof what === "string" ? text.includes(what) : what.test(text));

/** All that is wrong with an answer, in words; an empty list is a pass. */
export function faultsOf(
  { status, code, mentions, holds, lacks, header, form = "problem" }: Omit<HostileCase, "name" | "request">,
  answer: Answer,
): string[] {
  const faults: string[] = [];
  const shown = answer.body.slice(0, 400);
  if (answer.status === 0) return [`no answer: ${shown}`];
  if (answer.status >= 500) faults.push(`status ${answer.status}: ${shown}`);
  if (![status].flat().includes(answer.status)) faults.push(`status ${answer.status}, expected ${[status].flat().join(" or ")}: ${shown}`);
  if (header !== undefined && !header[1].test(answer.headers[header[0]] ?? ""))
    faults.push(`${header[0]}: ${answer.headers[header[0]]}, expected ${header[1]}`);
  if (holds !== undefined && !holds.test(answer.body)) faults.push(`does not hold ${holds}: ${shown}`);
  if (lacks?.test(answer.body)) faults.push(`holds ${lacks}: ${shown}`);
  if (answer.status < 400 || form === "none") return faults;
  if (form === "page")
    return answer.headers["content-type"]?.startsWith("text/html")
      ? faults
      : [...faults, `content-type: ${answer.headers["content-type"]}`];
  return [...faults, ...problemFaults(answer, { code, mentions })];
}

/** A refusal is a whole problem document (RFC 9457) that says what is wrong, and nothing of our inside. */
function problemFaults(
  { status, headers, body }: Answer,
  { code, mentions }: { code: string | undefined; mentions: string | RegExp | undefined },
): string[] {
  const faults: string[] = [];
  const shown = body.slice(0, 400);
  if (headers["content-type"] !== "application/problem+json") faults.push(`content-type: ${headers["content-type"]}`);
  let problem: Record<string, unknown>;
  try {
    problem = JSON.parse(body) as Record<string, unknown>;
  } catch (error) {
    return [...faults, `no JSON (${(error as Error).message}): ${shown}`];
  }
  for (const member of ["type", "title", "detail", "instance"]) {
    if (typeof problem[member] !== "string" || problem[member].trim() === "") faults.push(`no ${member}: ${shown}`);
  }
  if (!/^https?:\/\/.+\/problems\/\w+$/.test(String(problem["type"]))) faults.push(`type: ${String(problem["type"])}`);
  if (problem["status"] !== status) faults.push(`status in the problem: ${String(problem["status"])}`);
  if (code !== undefined && problem["code"] !== code) faults.push(`code ${String(problem["code"])}, expected ${code}: ${shown}`);
  if (mentions !== undefined && !matches(String(problem["detail"]), mentions)) faults.push(`detail does not say ${mentions}: ${shown}`);
  if (/ at .+:\d+:\d+|node_modules|select .+ from |\.ts:\d/i.test(String(problem["detail"])))
    faults.push(`detail tells of our inside: ${shown}`);
  return faults;
}
