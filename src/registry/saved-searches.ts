/**
 * Saved searches: any search kept under an id that nobody can guess. Whoever has the id reads its feeds; its owner, an
 * admin too, may change it, have a webhook told of it, and take it away.
 */
import { randomBytes } from "node:crypto";
import { audit } from "../db/audit.ts";
import type { Reader, Tx } from "../db/database.ts";
import {
  changeSavedSearch,
  countSavedSearches,
  findSavedSearch,
  insertSavedSearch,
  listSavedSearches as listRows,
  removeSavedSearch as removeRow,
  type SavedSearchChange,
  type SavedSearchRow,
  type SavedSearchStatus,
} from "../db/saved-searches.ts";
import { RegistryError } from "../domain/errors.ts";
import { canonicalQuery } from "./canonical-query.ts";
import type { Caller, Registry } from "./context.ts";
import { newSecret, previousSecrets, secretText } from "./webhook-secrets.ts";

export type { SavedSearchStatus } from "../db/saved-searches.ts";

/** Who asks, and by which key: an id of api_keys, absent for the public and for the operator's ADMIN_KEY. */
export interface SearchCaller extends Caller {
  keyId?: string | undefined;
}

export interface SavedSearch {
  id: string;
  name: string;
  query: string;
  createdAt: Date;
  updatedAt: Date;
  /** For its owner and admins. */
  webhook?: { url: string; status: SavedSearchStatus; failures: number; lastError: string | null } | undefined;
}

/** What this room cannot know: the search's parameters, and where this node dials. */
export interface SavedSearchRules {
  /** Throws `invalid_query` for parameters that no public reader may search by. */
  checkQuery: (query: URLSearchParams) => void;
  /** Why a URL is never dialled; undefined when it may be. */
  whyNotTarget: (url: string) => string | undefined;
}

export interface SavedSearchRequest {
  name: string;
  /** "q=jazz&city=Toronto", with or without its question mark. */
  query: string;
  webhookUrl?: string | undefined;
}

/** Per key that is no admin's: each costs a look at every change of the feed. */
const MOST_PER_KEY = 100;

/** Keeps a search; `secret` of its webhook (whsec_…) is not to be had again. Throws `forbidden`, `invalid_body`, `invalid_query`, `conflict`. */
export async function createSavedSearch(
  registry: Registry,
  caller: SearchCaller,
  tx: Tx,
  { name, query, webhookUrl }: SavedSearchRequest,
  rules: SavedSearchRules,
): Promise<{ search: SavedSearch; secret?: string }> {
  requireKey(caller);
  const now = registry.clock();
  checkName(name);
  checkWebhook(webhookUrl, rules);
  const parameters = canonicalQuery(query);
  rules.checkQuery(parameters);
  if (caller.role !== "admin" && (await countSavedSearches(tx, caller.keyId!)) >= MOST_PER_KEY) {
    throw new RegistryError("conflict", {
      detail: `This key has saved ${MOST_PER_KEY} searches, the most that one may: remove one first.`,
    });
  }
  const id = unguessableId(now);
  const secret = webhookUrl === undefined ? undefined : newSecret();
  await insertSavedSearch(
    tx,
    {
      id,
      name,
      query: parameters.toString(),
      ownerKeyId: caller.keyId ?? null,
      webhookUrl: webhookUrl ?? null,
      webhookSecret: secret ?? null,
    },
    now,
  );
  await note(tx, caller, "search.saved", id, now, { name, query: parameters.toString(), webhookUrl });
  const search = shown((await findSavedSearch(tx, id))!, caller);
  return { search, ...(secret && { secret: secretText(secret) }) };
}

/** The caller's own searches, an admin's all, the newest first. Throws `forbidden`. */
export async function listSavedSearches(
  on: Reader,
  caller: SearchCaller,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<SavedSearch[]> {
  requireKey(caller);
  const rows = await listRows(on, { ownerKeyId: caller.role === "admin" ? undefined : caller.keyId, after, limit });
  return rows.map((row) => shown(row, caller));
}

/** For anybody who knows the id; the webhook is shown to its owner and admins alone. Throws `not_found`. */
export async function readSavedSearch(on: Reader, caller: SearchCaller, id: string): Promise<SavedSearch> {
  return shown(await found(on, id), caller);
}

/** For its owner and admins alone. Throws `forbidden` without a key, `not_found` for another's. */
export async function readOwnSavedSearch(on: Reader, caller: SearchCaller, id: string): Promise<SavedSearch> {
  requireKey(caller);
  return shown(await owned(on, caller, id), caller);
}

export interface SavedSearchRevision {
  name?: string | undefined;
  /** "active" also wakes one that failed; it goes on where it stopped. */
  status?: "active" | "paused" | undefined;
  /** null takes the webhook away; another URL comes with another secret. */
  webhookUrl?: string | null | undefined;
}

/** Throws `not_found`, also for another's, and `invalid_body`. */
export async function reviseSavedSearch(
  registry: Registry,
  caller: SearchCaller,
  tx: Tx,
  id: string,
  { name, status, webhookUrl }: SavedSearchRevision,
  rules: Pick<SavedSearchRules, "whyNotTarget">,
): Promise<{ search: SavedSearch; secret?: string }> {
  const row = await owned(tx, caller, id);
  const now = registry.clock();
  if (name !== undefined) checkName(name);
  if (webhookUrl !== null) checkWebhook(webhookUrl, rules);
  const moved = webhookUrl !== undefined && webhookUrl !== row.webhookUrl;
  const secret = moved && webhookUrl !== null ? newSecret() : undefined;
  const change: SavedSearchChange = {
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status, failures: 0, lastError: null }),
    ...(moved && { webhookUrl, webhookSecret: secret ?? null, previousSecrets: [] }),
  };
  await changeSavedSearch(tx, id, change, now);
  await note(tx, caller, "search.revised", id, now, { name, status, webhookUrl });
  return { search: shown(await found(tx, id), caller), ...(secret && { secret: secretText(secret) }) };
}

/**
 * A new secret; the one before signs too for a day, so that a receiver can change over, as do those before it for what is left of theirs.
 * Throws `not_found`, also for another's, and `conflict` without a webhook or where too many were replaced within a day.
 */
export async function rotateWebhookSecret(
  registry: Registry,
  caller: SearchCaller,
  tx: Tx,
  id: string,
): Promise<{ secret: string; previousUntil: Date }> {
  const row = await owned(tx, caller, id, { lock: true });
  if (row.webhookSecret === null) throw new RegistryError("conflict", { detail: "This search has no webhook, and so no secret." });
  const now = registry.clock();
  const secret = newSecret();
  const previous = previousSecrets({ ...row, secret: row.webhookSecret }, now);
  await changeSavedSearch(tx, id, { webhookSecret: secret, previousSecrets: previous }, now);
  await note(tx, caller, "search.secret-rotated", id, now);
  return { secret: secretText(secret), previousUntil: previous[0]!.until };
}

/** Takes it away, with what waited to be told. Throws `not_found`, also for another's. */
export async function removeSavedSearch(registry: Registry, caller: SearchCaller, tx: Tx, id: string): Promise<void> {
  await owned(tx, caller, id);
  const now = registry.clock();
  await removeRow(tx, id, now);
  await note(tx, caller, "search.removed", id, now);
}

function shown({ webhookUrl, status, failures, lastError, ...row }: SavedSearchRow, caller: SearchCaller): SavedSearch {
  const { id, name, query, createdAt, updatedAt } = row;
  const webhook = webhookUrl !== null && owns(caller, row) ? { webhook: { url: webhookUrl, status, failures, lastError } } : {};
  return { id, name, query, createdAt, updatedAt, ...webhook };
}

const owns = (caller: SearchCaller, { ownerKeyId }: Pick<SavedSearchRow, "ownerKeyId">): boolean =>
  caller.role === "admin" || (ownerKeyId !== null && ownerKeyId === caller.keyId);

async function found(on: Reader, id: string, options?: { lock: true }): Promise<SavedSearchRow> {
  const row = await findSavedSearch(on, id, options);
  if (row === undefined) throw notFound();
  return row;
}

/** Another's is as if it were not there: whose it is, and whether it has a webhook, is nobody else's business. */
async function owned(on: Reader, caller: SearchCaller, id: string, options?: { lock: true }): Promise<SavedSearchRow> {
  const row = await found(on, id, options);
  if (!owns(caller, row)) throw notFound();
  return row;
}

const notFound = () => new RegistryError("not_found", { detail: "There is no such saved search." });

function requireKey({ role, keyId }: SearchCaller): void {
  if (role !== "admin" && (role !== "agent" || keyId === undefined)) {
    throw new RegistryError("forbidden", { detail: "Searches are saved by agents and admins: send the key of one." });
  }
}

function checkName(name: string): void {
  if (name.trim() === "" || name.length > 200 || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new RegistryError("invalid_body", { detail: "name: expected 1 to 200 characters in one line.", pointer: "/name" });
  }
}

function checkWebhook(url: string | undefined, { whyNotTarget }: Pick<SavedSearchRules, "whyNotTarget">): void {
  const why = url === undefined ? undefined : url.length > 2000 ? "it is longer than 2,000 characters" : whyNotTarget(url);
  if (why !== undefined) throw new RegistryError("invalid_body", { detail: `webhook_url: ${why}.`, pointer: "/webhook_url" });
}

/** A ULID whose 80 bits are all random: those that `mint` makes within one millisecond follow one upon another. */
function unguessableId(now: Date): string {
  const hex = now.getTime().toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function note(tx: Tx, caller: Caller, action: string, entityId: string, now: Date, details?: object): Promise<void> {
  return audit(tx, [{ actor: caller.actor, action, entityId, requestId: caller.requestId, details }], now);
}
