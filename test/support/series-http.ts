/** Recurring events on a node under test, made and looked at over HTTP. */
import { expect } from "vitest";
import { anEvent, jsonOf, type TestNode } from "./http.ts";

/** Every Friday at eight in Toronto, from 8 May 2026 on. */
export const FRIDAYS = {
  "@type": "Schedule",
  repeatFrequency: "P1W",
  byDay: "https://schema.org/Friday",
  startDate: "2026-05-08",
  startTime: "20:00",
  duration: "PT2H",
  scheduleTimezone: "America/Toronto",
};

export type SeriesOn = ReturnType<typeof seriesOn>;

/** `const { aSeries, list, starts, patch } = seriesOn(node, agent)`: the key is of the source that speaks of the series. */
export function seriesOn(node: TestNode, agent: string) {
  let made = 0;
  const list = async (path: string, query = "") =>
    (await jsonOf(node.ask(`${path}/occurrences${query}`))) as { items: any[]; next_cursor: string | null };
  return {
    /** A new series, every Friday unless told otherwise: its path, the one under /api/v1, and its name. */
    aSeries: async (schedule: object = {}, more: Record<string, unknown> = {}) => {
      const name = `Fridays ${++made}`;
      const body = anEvent({ name, endDate: "2026-05-08T22:00:00-04:00", eventSchedule: { ...FRIDAYS, ...schedule }, ...more });
      const response = await node.ask("/api/v1/events", { key: agent, body });
      expect(response.status).toBe(201);
      const address = new URL(response.headers.get("location")!).pathname;
      return { address, api: `/api/v1${address}`, name };
    },
    list,
    /** When its occurrences start, the first four from now on unless asked otherwise. */
    starts: async (path: string, query = "?limit=4") => (await list(path, query)).items.map((one) => one.startDate as string),
    patch: (path: string, body: unknown, key = agent, headers = {}) => node.ask(path, { method: "PATCH", key, body, headers }),
  };
}
