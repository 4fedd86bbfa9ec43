/** The shapes of the keeper's requests and answers, and how a body is held against one. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import { uuidOf } from "../../domain/iri.ts";
import { LIFECYCLE_STATES } from "../../domain/lifecycle.ts";
import { faultWords, shapeFaults } from "../../domain/shape-faults.ts";
import { LICENSE_STATUSES, SOURCE_TYPES } from "../../domain/vocabulary.ts";
import { queryNumber, queryText } from "../schemas.ts";

export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), "expected text without control characters");
const webUrl = text(2_048).refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ""), "expected an http(s) URL");

export const newSource = z
  .strictObject({
    name: text(200),
    type: z.enum(SOURCE_TYPES),
    baseUrl: webUrl.optional(),
    trustLevel: z.int().min(1).max(10).optional(),
    licenseUrl: webUrl.optional(),
    licenseStatus: z.enum(LICENSE_STATUSES).optional(),
    timezone: text(60).optional(),
    contact: text(500).optional(),
  })
  .openapi("NewSource");
export const sourceChange = newSource.omit({ name: true }).partial().openapi("SourceChange");
export const sourceSchema = newSource
  .extend({
    id: z.string(),
    withdrawnAt: z.string().optional(),
    withdrawnReason: z.string().optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Source");
export const newKey = z
  .strictObject({
    name: text(200),
    role: z.enum(["agent", "peer", "admin"]),
    source: text(200).optional().openapi({ description: "Name of the source that the key speaks for; an agent's key needs one." }),
    scopes: z.array(text(100)).max(50).optional(),
    requestsPerMinute: z.int().min(1).max(1_000_000).optional(),
  })
  .openapi("NewKey");
export const keySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.string(),
    source: z.string().optional(),
    scopes: z.array(z.string()),
    requestsPerMinute: z.int().optional(),
    createdAt: z.string(),
    lastUsedAt: z.string().optional(),
    revokedAt: z.string().optional(),
    key: z.string().optional().openapi({ description: "The secret; only in the answer to its creation." }),
  })
  .openapi("Key");
export const stateChange = z
  .strictObject({ state: z.enum(LIFECYCLE_STATES as [string, ...string[]]), reason: text(500).optional() })
  .openapi("StateChange");
export const auditQuery = z.object({
  limit: queryNumber(1, 200, true).optional(),
  after: z
    .string()
    .regex(/^\d{1,15}$/, "expected the next_cursor of an earlier page")
    .optional(),
  entity: z
    .string()
    .refine((value) => uuidOf(value) !== undefined, "expected a ULID")
    .optional(),
  action: queryText(100).optional(),
});

/** Throws `invalid_body` with a fault for each field. */
export function parseBody<T extends z.ZodType>(document: unknown, schema: T): z.output<T> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const errors = shapeFaults(parsed.error, document);
  throw new RegistryError("invalid_body", { detail: faultWords(errors, "The body").slice(0, 2_000), errors });
}
