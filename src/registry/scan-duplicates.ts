/** The scan for duplicates over everything that has changed since it was last compared: places and agents first, for events lean on them. */
import type { Registry } from "./context.ts";
import { scanEvents } from "./find-duplicates.ts";
import { scanOthers } from "./scan-others.ts";

export interface Scanned {
  scanned: number;
  merged: number;
  candidates: number;
}

export async function scanDuplicates(registry: Registry): Promise<Record<"place" | "organization" | "person" | "event", Scanned>> {
  return {
    place: await scanOthers(registry, "place"),
    organization: await scanOthers(registry, "organization"),
    person: await scanOthers(registry, "person"),
    event: await scanEvents(registry),
  };
}
