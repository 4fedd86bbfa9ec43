/** Who asks: `Authorization: Bearer KEY` -> a principal. A wrong key is refused everywhere, also where none is needed. */
import { createHash, timingSafeEqual } from "node:crypto";
import { RegistryError } from "../domain/errors.ts";
import type { Role } from "../domain/vocabulary.ts";
import { findValidKey, type ApiKey } from "../registry/api-keys.ts";
import { findNamedSource } from "../registry/sources.ts";
import { sessionCaller } from "./admin-session.ts";
import { clientAddress } from "./client-address.ts";
import type { HttpContext, HttpParts, Principal } from "./parts.ts";

/** A revoked key stops within this time in every process, and at once in the one that revoked it. */
const KEPT_FOR = 5_000;
const KEPT_AT_MOST = 5_000;

export interface Authenticator {
  /** Throws `unauthenticated` for a key that is not valid. */
  authenticate(c: HttpContext): Promise<Principal>;
  /** What stands for the client's address, for requests without a (valid) key. */
  anonymous(c: HttpContext): Principal;
  /** Forgets which keys were valid. */
  forget(): void;
}

export function createAuthenticator(parts: HttpParts): Authenticator {
  const { registry, secrets, clock, limits } = parts;
  const kept = new Map<string, { key: ApiKey | undefined; until: number }>();
  const adminDigest = secrets.adminKey === undefined ? undefined : digest(secrets.adminKey);

  const find = async (secret: string): Promise<ApiKey | undefined> => {
    const name = digest(secret).toString("base64");
    const now = clock().getTime();
    const known = kept.get(name);
    if (known !== undefined && known.until > now) return known.key;
    const key = await findValidKey(registry, secret);
    if (kept.size >= KEPT_AT_MOST) kept.clear();
    kept.set(name, { key, until: now + KEPT_FOR });
    return key;
  };

  const anonymous = (c: HttpContext): Principal => {
    const address = clientAddress({
      socket: c.env.incoming.socket.remoteAddress,
      forwardedFor: c.req.header("x-forwarded-for"),
      trustedProxies: limits.trustedProxies,
    });
    return {
      actor: "public",
      role: "public",
      requestId: c.get("requestId"),
      principal: `address:${address}`,
      perMinute: limits.rates.public,
    };
  };

  return {
    anonymous,
    forget: () => kept.clear(),
    async authenticate(c) {
      const header = c.req.header("authorization");
      if (header === undefined) return (await sessionCaller(c, parts)) ?? anonymous(c);
      const [, secret] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
      if (secret === undefined) throw new RegistryError("unauthenticated", { detail: "Authorization: expected `Bearer` and a key." });
      const requestId = c.get("requestId");
      if (adminDigest !== undefined && timingSafeEqual(adminDigest, digest(secret))) {
        return { actor: "admin", role: "admin", requestId, principal: "admin", perMinute: limits.rates.admin };
      }
      const key = await find(secret);
      if (key === undefined)
        throw new RegistryError("unauthenticated", { detail: "Authorization: this key is not valid here, or it was revoked." });
      const perMinute = key.requestsPerMinute ?? limits.rates[key.role];
      // An admin's key speaks for a source only where a request names one.
      const sourceId = key.role === "admin" ? undefined : (key.sourceId ?? undefined);
      return { actor: `key:${key.name}`, role: key.role, sourceId, requestId, principal: `key:${key.id}`, keyId: key.id, perMinute };
    },
  };
}

/** Throws `unauthenticated` without a key and `forbidden` with one of another role. An admin may do all. */
export function requireRole(c: HttpContext, ...roles: Exclude<Role, "public" | "admin">[]): Principal {
  const caller = c.get("caller");
  if (caller.role === "admin" || (roles as Role[]).includes(caller.role)) return caller;
  const wanted = [...roles, "admin"].join(" or ");
  if (caller.role === "public")
    throw new RegistryError("unauthenticated", { detail: `This needs a key of role ${wanted}: send \`Authorization: Bearer KEY\`.` });
  throw new RegistryError("forbidden", { detail: `This needs a key of role ${wanted}; this key's role is ${caller.role}.` });
}

/** The caller, speaking for the source that `On-Behalf-Of` names; only an admin may. Throws `forbidden`, `not_found`. */
export async function speakingFor(c: HttpContext, parts: HttpParts, caller: Principal): Promise<Principal> {
  const header = c.req.header("on-behalf-of");
  if (header === undefined) return caller;
  if (caller.role !== "admin")
    throw new RegistryError("forbidden", { detail: "On-Behalf-Of: only an admin may speak for another source." });
  const name = utf8(header);
  const source = await findNamedSource(parts.registry, name);
  if (source === undefined) {
    throw new RegistryError("not_found", {
      detail: `On-Behalf-Of: there is no source named ${name.slice(0, 200)}; make it with POST /api/v1/admin/sources.`,
    });
  }
  return { ...caller, sourceId: source.id, onBehalfOf: source.name };
}

/** Header bytes are read as Latin-1 (RFC 9110 §5.5); names are UTF-8. */
function utf8(header: string): string {
  const bytes = Buffer.from(header, "latin1");
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") ? header : text;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
