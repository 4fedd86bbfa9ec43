/** What a calendar of events shows, in short. */
import { sql } from "kysely";
import { isBeyondHorizon } from "./beyond-horizon.ts";
import { byEvent, type EventFilters } from "./event-lists.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** More than any node has. */
const ALL = 2_000_000_000;

/** Of all events that match (see listEvents). */
export interface CalendarMark {
  /**
   * Differs when another event matches, or one shows something else. Absent where some match only by occurrences that are
   * expanded while they are read.
   */
  mark?: string;
  /** The newest change; absent where nothing matches. */
  updatedAt?: Date;
  /** False where more recurring events reach beyond the horizon than are read. */
  isWhole: boolean;
}

export async function readCalendarMark(on: Reader, filters: EventFilters): Promise<CalendarMark> {
  const all = { sort: "created" as const, descending: false, limit: ALL };
  const others = await isBeyondHorizon(on, filters, all);
  const { rows } = await sql<{ mark: string; updatedAt: Date | null }>`
    select concat_ws('-', count(*), coalesce(bit_xor(hashtextextended(e.id::text || '.' || e.version, 0)), 0)) as mark, max(e.updated_at) as "updatedAt"
    from (${byEvent(filters, all, "created")}) found join events e on e.id = found.id`.execute(kyselyOf(on));
  const { mark, updatedAt } = rows[0]!;
  return {
    ...(others === undefined && { mark }),
    ...(updatedAt !== null && { updatedAt }),
    isWhole: others?.cut === undefined,
  };
}
