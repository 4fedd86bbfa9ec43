/**
 * The corpus of the relevance bench, as it is read back through the API of a node that holds the real input.
 * Judgements name events by what people would: name, place and start; never by a minted id.
 */

/** An event as the bench and whoever judges see it. */
export interface CorpusEvent {
  /** The node's own @id, of this run. */
  id: string;
  name: string;
  /** As the API says it: a local time with its offset, or a plain date. */
  start: string;
  end: string | undefined;
  place: string;
  city: string;
  country: string;
  organizer: string;
  performers: string[];
  keywords: string[];
  description: string;
  free: boolean | undefined;
  online: boolean;
  latitude: number | undefined;
  longitude: number | undefined;
}

/** Every event of the node, through its list. */
export async function readCorpus(url: string, headers: Record<string, string>): Promise<CorpusEvent[]> {
  const events: CorpusEvent[] = [];
  for (let after: string | null = ""; after !== null;) {
    const answer = await fetch(`${url}/api/v1/events?limit=200${after && `&after=${encodeURIComponent(after)}`}`, { headers });
    if (!answer.ok) throw new Error(`The list of events answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    const page = (await answer.json()) as { items: Item[]; next_cursor: string | null };
    events.push(...page.items.map(corpusEvent));
    after = page.next_cursor;
  }
  return events;
}

/** What is read of an event's JSON-LD. */
interface Item {
  "@id": string;
  name: string;
  startDate: string;
  endDate?: string;
  location?: Place | Place[];
  organizer?: { name: string };
  performer?: { name: string }[];
  keywords?: string[];
  description?: string;
  isAccessibleForFree?: boolean;
  eventAttendanceMode?: string;
}
interface Place {
  "@type": string;
  name?: string;
  address?: { addressLocality?: string; addressCountry?: string };
  geo?: { latitude: number; longitude: number };
}

function corpusEvent(item: Item): CorpusEvent {
  const places = [item.location ?? []].flat();
  const place = places.find((one) => one.name !== undefined);
  return {
    id: item["@id"],
    name: item.name,
    start: item.startDate,
    end: item.endDate,
    place: place?.name ?? (places.length > 0 ? "online" : ""),
    city: place?.address?.addressLocality ?? "",
    country: place?.address?.addressCountry ?? "",
    organizer: item.organizer?.name ?? "",
    performers: (item.performer ?? []).map(({ name }) => name),
    keywords: item.keywords ?? [],
    description: item.description ?? "",
    free: item.isAccessibleForFree,
    online: /Online|Mixed/.test(item.eventAttendanceMode ?? ""),
    latitude: place?.geo?.latitude,
    longitude: place?.geo?.longitude,
  };
}

const plain = (text: string) => text.normalize("NFC").replace(/\s+/g, " ").trim();

/** "Free Jazz at the Rex | The Rex": every date of one event at one place. */
export const seriesKey = ({ name, place }: Pick<CorpusEvent, "name" | "place">): string => `${plain(name)} | ${plain(place)}`;

/** The same with one start, to the minute of the local time: "… | The Rex | 2026-05-08T21:00". */
export const eventKey = (event: Pick<CorpusEvent, "name" | "place" | "start">): string =>
  `${seriesKey(event)} | ${event.start.slice(0, 16)}`;
