/** What can keep the relay from telling, and what follows from it. */
import { JetStreamApiError } from "@nats-io/jetstream";
import { RegistryError } from "../../domain/errors.ts";

/** The broker answers but a person must act: what was expected, in words. */
export class BlockedError extends Error {
  override name = "BlockedError";
}

/** The stream or the log is not where this relay left it: look again. */
export class MovedError extends Error {
  override name = "MovedError";
}

/**
 * moved: another relay was quicker, or the stream or the epoch is another one. blocked: a person must act (a quota, a setting). outage: the
 * broker or the database does not answer.
 */
export type Trouble = { kind: "moved" | "blocked" | "outage"; why: string };

/** Of the broker's own numbers for errors: wrong last sequence; no such stream; another stream takes this subject. */
const WRONG_LAST_SEQUENCE = 10_071;
const STREAM_NOT_FOUND = 10_059;
const OTHER_STREAM = 10_060;
const NOT_AVAILABLE = 10_008;

export function troubleOf(error: unknown): Trouble {
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof MovedError) return { kind: "moved", why: said };
  if (error instanceof BlockedError) return { kind: "blocked", why: said };
  if (error instanceof JetStreamApiError) {
    const moved = [WRONG_LAST_SEQUENCE, STREAM_NOT_FOUND, OTHER_STREAM].includes(error.code);
    if (moved) return { kind: "moved", why: said };
    return error.code === NOT_AVAILABLE
      ? { kind: "outage", why: `the broker says: ${said}` }
      : { kind: "blocked", why: `the broker says: ${said}` };
  }
  // Its class is not exported.
  if (error instanceof Error && error.name === "JetStreamNotEnabled")
    return { kind: "outage", why: "the broker has no such stream, or JetStream is off or out of disk" };
  if (error instanceof RegistryError) return { kind: "outage", why: `the database: ${said}` };
  return { kind: "outage", why: `the broker cannot be reached: ${said}` };
}
