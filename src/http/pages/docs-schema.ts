/**
 * JSON Schema (2020-12, as OpenAPI 3.1 has it) in words: types, bounds, members folded where they are many.
 * A schema is looked at member by member, since a document may hold anything there.
 */
import { html, type Html, type Part } from "./markup.ts";

export type Json = Record<string, unknown>;

/** The value as an object, or undefined. */
export function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `#/components/schemas/Event` -> that member of the document; one level, undefined when it leads nowhere. */
export function resolve(document: unknown, value: unknown): Json | undefined {
  const node = object(value);
  const ref = text(node?.$ref);
  if (ref === undefined) return node;
  const steps = ref
    .replace(/^#\//, "")
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return object(steps.reduce<unknown>((at, step) => object(at)?.[step], document));
}

export const schemaName = (value: unknown) => text(object(value)?.$ref)?.split("/").at(-1);
export const schemaId = (name: string) => `schema-${name.replaceAll(/[^\w-]/g, "-")}`;

/** "string (date-time), up to 500 characters", "array of Event", "one of: a, b". Names of schemas are links. */
export function typeOf(value: unknown): Part[] {
  const name = schemaName(value);
  if (name !== undefined) return [html`<a href="#${schemaId(name)}">${name}</a>`];
  const schema = object(value);
  if (schema === undefined) return ["anything"];
  const options = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (options.length > 0) return options.flatMap((option, index) => [index > 0 && " or ", ...typeOf(option)]);
  const all = list(schema.allOf);
  if (all.length > 0) return all.flatMap((option, index) => [index > 0 && " and ", ...typeOf(option)]);
  if (schema.const !== undefined) return [html`<code>${JSON.stringify(schema.const)}</code>`];
  if (Array.isArray(schema.enum))
    return ["one of ", ...schema.enum.flatMap((each, index) => [index > 0 && ", ", html`<code>${String(each)}</code>`])];
  const types = Array.isArray(schema.type) ? schema.type.join(" or ") : (text(schema.type) ?? (schema.properties ? "object" : "anything"));
  if (types === "array") return ["array of ", ...typeOf(schema.items)];
  return [types, text(schema.format) && ` (${String(schema.format)})`, bounds(schema)];
}

function bounds(schema: Json): string {
  const words: string[] = [];
  const { minimum, maximum, minLength, maxLength, pattern } = schema;
  if (minimum !== undefined) words.push(`at least ${String(minimum)}`);
  if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER) words.push(`at most ${String(maximum)}`);
  if (typeof minLength === "number" && minLength > 1) words.push(`at least ${minLength} characters`);
  if (typeof maxLength === "number") words.push(`up to ${maxLength} characters`);
  if (text(pattern) && words.length === 0) words.push(`matching ${String(pattern)}`);
  if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`);
  return words.map((word) => `, ${word}`).join("");
}

/** How deep members are written out; deeper ones are named by their type only. */
const DEPTH = 4;

/** The members of an object schema (or of an array's items) as a nested list; nothing for a plain value. */
export function members(value: unknown, depth = 0): Html | false {
  const schema = object(value);
  if (schema === undefined || schemaName(value) !== undefined || depth > DEPTH) return false;
  if (schema.items !== undefined) return members(schema.items, depth);
  const options = [...list(schema.anyOf), ...list(schema.oneOf), ...list(schema.allOf)];
  if (options.length > 0) return html`${options.map((option) => members(option, depth))}`;
  const properties = Object.entries(object(schema.properties) ?? {});
  if (properties.length === 0) return false;
  const required = list(schema.required);
  return html`<ul>
    ${properties.map(([name, member]) => {
      const description = text(object(member)?.description);
      return html`<li>
        <code>${name}</code>
        <span class="quiet">${typeOf(member)}${required.includes(name) && ", required"}</span
        >${description && html` ${description}`}${members(member, depth + 1)}
      </li>`;
    })}
  </ul>`;
}
