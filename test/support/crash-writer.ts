/** A writer that knows what was acknowledged to it, and what it never heard the end of. */

export interface Acknowledged {
  key: string;
  name: string;
  path: string;
  body: string;
}
export interface Refused {
  status: number;
  code: unknown;
  retryAfter: string | null;
}

export interface Writer {
  /** What a 2xx was heard of, by Idempotency-Key. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** Keys of requests whose end nobody knows: the connection broke. */
  readonly doubtful: ReadonlySet<string>;
  /** Everything that was no 2xx. */
  readonly refused: readonly Refused[];
  /** Resolves when so many are acknowledged; rejects when the writer has ended before. */
  until(count: number): Promise<void>;
  /** Sends what is doubtful again, with the same keys, to a node that is back. */
  settle(url: string): Promise<void>;
  /** No more; resolves when the last request under way has ended. */
  stop(): Promise<void>;
}

export interface WriterOptions {
  url: string;
  key: string;
  label: string;
  lanes?: number;
  /** Writes so many and then waits to be stopped; without an end when absent. */
  most?: number;
  /** Tries again what was refused for now or broke off, as a good client does; else a broken connection ends the writing. */
  patient?: boolean;
}

const nameOf = (label: string, n: number): string => `Concert ${label} no. ${n}`;

/** A whole event: with a place, an organizer, somebody who plays, and a price. */
export const concert = (label: string, n: number): object => ({
  "@context": "https://schema.org",
  "@type": "MusicEvent",
  name: nameOf(label, n),
  identifier: `${label}-${n}`,
  startDate: `2096-${String((n % 12) + 1).padStart(2, "0")}-${String((n % 28) + 1).padStart(2, "0")}T20:00:00`,
  description: "Words. ".repeat(50),
  location: {
    "@type": "Place",
    name: `Hall ${n % 7} of ${label}`,
    address: { "@type": "PostalAddress", addressLocality: "Toronto", addressCountry: "CA" },
    geo: { "@type": "GeoCoordinates", latitude: 43.6 + (n % 7) / 100, longitude: -79.4 },
  },
  organizer: { "@type": "Organization", name: `Society ${n % 5}` },
  performer: [{ "@type": "Person", name: `Player ${n % 11}` }],
  offers: [{ "@type": "Offer", price: String(n % 40), priceCurrency: "CAD" }],
});

/** Writes concert after concert in a few lanes until it is stopped, or the node is gone. */
export function startWriter({ url, key, label, lanes = 4, most = Infinity, patient = false }: WriterOptions): Writer {
  const acknowledged = new Map<string, Acknowledged>();
  const doubtful = new Set<string>();
  const refused: Refused[] = [];
  const numbers = new Map<string, number>();
  const waiting = new Set<{ count: number; resolve(): void }>();
  const stopping = new AbortController();
  let next = 0;

  /** True when it was acknowledged. */
  const post = async (at: string, idempotencyKey: string): Promise<boolean> => {
    const n = numbers.get(idempotencyKey)!;
    const response = await fetch(`${at}/api/v1/events`, {
      method: "POST",
      body: JSON.stringify(concert(label, n)),
      signal: AbortSignal.timeout(60_000),
      headers: { authorization: `Bearer ${key}`, "content-type": "application/ld+json", "idempotency-key": idempotencyKey },
    });
    const body = await response.text();
    if (!response.ok) {
      refused.push({ status: response.status, code: JSON.parse(body).code, retryAfter: response.headers.get("retry-after") });
      return false;
    }
    doubtful.delete(idempotencyKey);
    acknowledged.set(idempotencyKey, {
      key: idempotencyKey,
      name: nameOf(label, n),
      path: new URL(response.headers.get("location")!).pathname,
      body,
    });
    for (const one of waiting) if (acknowledged.size >= one.count && waiting.delete(one)) one.resolve();
    return true;
  };

  const lane = async (): Promise<void> => {
    while (!stopping.signal.aborted && next < most) {
      const idempotencyKey = `${label}-${next}`;
      numbers.set(idempotencyKey, next++);
      doubtful.add(idempotencyKey);
      for (let settled = false; !settled;) {
        try {
          settled = await post(url, idempotencyKey);
        } catch {
          if (!patient) return; // the node is gone
        }
        if (!settled && !patient) throw new Error(`the node refused a good event: ${JSON.stringify(refused.at(-1))}`);
        // Retry-After says one second.
        if (!settled) await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, lane)).then(() => undefined);
  running.catch(() => undefined); // told by stop() and until()

  return {
    acknowledged,
    doubtful,
    refused,
    until: (count) =>
      acknowledged.size >= count
        ? Promise.resolve()
        : Promise.race([
            new Promise<void>((resolve) => waiting.add({ count, resolve })),
            running.then(() => Promise.reject(new Error(`the writer ended after ${acknowledged.size} of ${count}`))),
          ]),
    async settle(at) {
      for (const idempotencyKey of doubtful)
        if (!(await post(at, idempotencyKey))) throw new Error(`${idempotencyKey} was refused: ${JSON.stringify(refused.at(-1))}`);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
