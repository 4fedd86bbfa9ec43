/** The events of a feed as one JSON-LD document: each as encode.ts gives it out alone, under one shared context. */
import type { EventState } from "../../domain/state.ts";
import { ownContextUrl } from "../../jsonld/contexts.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import type { EventFeed } from "./feed.ts";

export function encodeJsonLd(events: readonly EventState[], { base }: Pick<EventFeed, "base">): string {
  const graph = events.map((event) => {
    const { "@context": _shared, ...members } = encodeEntity(event, { base });
    return members;
  });
  return JSON.stringify({ "@context": ["https://schema.org", ownContextUrl(base)], "@graph": graph });
}
