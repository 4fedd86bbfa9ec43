/** Conditional writes (RFC 9110 §13.1.1): entity tags of this node begin with the entity's version, as in "v7-jsonld". */
import { RegistryError } from "../domain/errors.ts";

/** Throws `precondition_failed` unless the header is absent, "*", or names the present version. */
export function assertIfMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  const versions = [...ifMatch.matchAll(/(W\/)?"v(\d+)(?:-[^"]*)?"/g)]
    .filter(([, weak]) => weak === undefined)
    .map(([, , digits]) => Number(digits));
  if (versions.includes(version)) return;
  throw new RegistryError("precondition_failed", {
    detail: `If-Match: ${ifMatch.slice(0, 100)} does not name the present version ("v${version}-…"); read the event again and repeat the change.`,
    extra: { version },
  });
}
