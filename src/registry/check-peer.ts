/** What an operator may set of a peer; a fault names the setting and what was expected. */
import { RegistryError } from "../domain/errors.ts";
import { isPeerBase } from "../domain/peer-base.ts";
import { BOOTSTRAP_WAYS, type BootstrapWay, type PeerFilters } from "../domain/peer.ts";
import { boxFault } from "../domain/peer-filters.ts";
import { EVENT_DOMAINS } from "../domain/vocabulary.ts";

interface Checked {
  name?: string | undefined;
  trust?: number | undefined;
  direction?: string | undefined;
  filters?: PeerFilters | undefined;
  accessKey?: string | null | undefined;
  everySeconds?: number | undefined;
  bootstrapBy?: BootstrapWay | undefined;
}

const DIRECTIONS = ["pull", "push", "both"];
const MOST_KEY = 500;
const MOST_MOST = 999_999_999;

/** Throws `invalid_body`. */
export function checkPeerSettings({ name, trust, direction, filters, accessKey, everySeconds, bootstrapBy }: Checked): void {
  if (name !== undefined && (name.trim() === "" || name.length > 200)) throw wrong("name", "expected 1 to 200 characters");
  if (trust !== undefined && !isWithin(trust, 1, 10)) throw wrong("trust", `${trust} is not a whole number from 1 to 10`);
  if (direction !== undefined && !DIRECTIONS.includes(direction))
    throw wrong("direction", `"${direction}" is not known; expected ${DIRECTIONS.join(", ")}`);
  if (everySeconds !== undefined && !isWithin(everySeconds, 10, 86_400))
    throw wrong("everySeconds", `${everySeconds} is not a whole number from 10 to 86400`);
  if (bootstrapBy !== undefined && !BOOTSTRAP_WAYS.includes(bootstrapBy))
    throw wrong("bootstrapBy", `"${String(bootstrapBy)}" is not known; expected ${BOOTSTRAP_WAYS.join(", ")}`);
  if (accessKey != null && !(accessKey.length <= MOST_KEY && /^[\x21-\x7e]+$/.test(accessKey)))
    throw wrong("accessKey", `expected up to ${MOST_KEY} visible ASCII characters without spaces`);
  if (filters !== undefined) checkFilters(filters);
}

function checkFilters({ bbox, domains, origins, maxEntities }: PeerFilters): void {
  if (bbox !== undefined) {
    const fault = boxFault(bbox);
    if (fault !== undefined) throw wrong("filters/bbox", fault);
  }
  if (domains !== undefined && !(domains.length > 0 && domains.every((domain) => EVENT_DOMAINS.includes(domain))))
    throw wrong("filters/domains", `expected some of ${EVENT_DOMAINS.join(", ")}`);
  if (origins !== undefined && !(origins.length > 0 && origins.every(isPeerBase)))
    throw wrong("filters/origins", "expected bases of nodes, such as https://events.example.org, without a slash at the end");
  if (maxEntities !== undefined && !isWithin(maxEntities, 0, MOST_MOST))
    throw wrong("filters/maxEntities", `${maxEntities} is not a whole number from 0 to ${MOST_MOST}`);
}

const isWithin = (n: number, least: number, most: number): boolean => Number.isInteger(n) && n >= least && n <= most;
const wrong = (member: string, detail: string): RegistryError =>
  new RegistryError("invalid_body", { detail: `${member.replace("/", ".")}: ${detail}.`, pointer: `/${member}` });
