/** Query parameters against a strict schema: unknown ones, doubled ones and bad values are 400s that name them. */
import type { z } from "@hono/zod-openapi";
import { RegistryError, type FieldFault } from "../domain/errors.ts";
import { escapeToken } from "../domain/pointer.ts";
import { shapeFaults } from "../domain/shape-faults.ts";
import type { HttpContext } from "./parts.ts";

/** Empty values count as absent: a browser's form sends every field. Throws `invalid_query`. */
export function readQuery<Shape extends z.ZodObject>(c: HttpContext, schema: Shape): z.output<Shape> {
  return parseQuery(queryPairs(c.req.url), schema);
}

/** Names and values as sent (application/x-www-form-urlencoded). Throws `invalid_query` for escapes that are no UTF-8. */
export function queryPairs(url: string): Record<string, string[]> {
  const pairs = Object.create(null) as Record<string, string[]>;
  const at = url.indexOf("?");
  for (const part of at === -1 ? [] : url.slice(at + 1).split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decode(equals === -1 ? part : part.slice(0, equals), "a parameter");
    (pairs[name] ??= []).push(equals === -1 ? "" : decode(part.slice(equals + 1), name));
  }
  return pairs;
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) throw invalidQuery(name, "expected UTF-8, percent-encoded.");
    throw error;
  }
}

/** The same for pairs that are read already. Throws `invalid_query`. */
export function parseQuery<Shape extends z.ZodObject>(given: Readonly<Record<string, string[]>>, schema: Shape): z.output<Shape> {
  const known = Object.keys(schema.shape);
  const faults: FieldFault[] = [];
  const single: Record<string, string> = {};
  for (const [name, values] of Object.entries(given)) {
    const filled = values.filter((value) => value !== "");
    if (!Object.hasOwn(schema.shape, name)) {
      faults.push({
        pointer: pointer(name),
        detail: `${name.slice(0, 100)}: there is no such parameter here; ${known.length === 0 ? "none is taken" : `there are ${known.join(", ")}`}.`,
      });
    } else if (filled.length > 1) faults.push({ pointer: pointer(name), detail: `${name}: given ${filled.length} times; give it once.` });
    else if (filled[0] !== undefined) single[name] = filled[0];
  }
  if (faults.length > 0) throw invalid(faults);
  const parsed = schema.safeParse(single);
  if (parsed.success) return parsed.data;
  throw invalid(
    shapeFaults(parsed.error, single).map(({ detail }, n) => {
      const name = String(parsed.error.issues[n]!.path[0] ?? "");
      return { pointer: pointer(name), detail: `${name}: ${detail}` };
    }),
  );
}

/** `invalid_query` with one fault or several. */
export function invalidQuery(name: string, detail: string): RegistryError {
  return invalid([{ pointer: pointer(name), detail: `${name}: ${detail}` }]);
}

function invalid(faults: readonly FieldFault[]): RegistryError {
  const errors = faults.slice(0, 20);
  return new RegistryError("invalid_query", {
    detail: errors
      .map(({ detail }) => detail)
      .join(" ")
      .slice(0, 2_000),
    errors,
  });
}

const pointer = (name: string) => `/${escapeToken(name.slice(0, 100))}`;
