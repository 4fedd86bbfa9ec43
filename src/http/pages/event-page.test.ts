import { describe, expect, test } from "vitest";
import type { EventState } from "../../domain/state.ts";
import { textOf, tight } from "../../../test/support/page-text.ts";
import { eventView, postponedEvent, richEvent, sampleEvent, sampleNode } from "../../../test/support/render-pages.ts";
import { eventListPage } from "./event-list-page.ts";
import { eventPage } from "./event-page.ts";

const pageOf = (members: Partial<EventState>, now = sampleNode.now) => eventPage({ ...eventView(sampleEvent(members)), now });

describe("an event's page", () => {
  const page = eventPage(eventView(richEvent));
  const markup = tight(page);

  test("says when, where, what it costs and who says so", () => {
    const text = textOf(page);
    for (const words of [
      "Friday 8 May 2026, 10:00 pm – 11:50 pm",
      "Eastern Daylight Time (EDT)",
      "Doors open at 9:15 pm",
      "814 Bloor St W",
      "Toronto, ON M6G 1L9",
      "Canada",
      "Advance: CA$15 (few left) — Tickets",
      "Ana Ferreira (headliner)",
      "City of Toronto festivals, Creative Commons Attribution (CC BY)",
      "Wheelchair accessible",
    ])
      expect(text).toContain(words);
    expect(page).toContain('<time datetime="2026-05-08T22:00:00-04:00">');
  });

  test("says once that no license is stated, and not at all where the entry has one", () => {
    const sources = [{ name: "toronto.example", licenseStatus: "unknown" as const }];
    const unknown = textOf(pageOf({ sources, licenseStatus: "unknown" }));
    expect(unknown).toContain("toronto.example, licence not stated");
    expect(unknown).not.toContain("Licence of this entry");
    const open = textOf(pageOf({ sources, licenseStatus: "cc-by" }));
    expect(open).toContain("Licence of this entry: Creative Commons Attribution (CC BY)");
    expect(open).not.toContain("licence not stated");
  });

  test("links to the map, the filters, the other formats and its own address", () => {
    expect(page).toContain("https://www.openstreetmap.org/?mlat=43.662786&amp;mlon=-79.422820#map=17/43.662786/-79.422820");
    expect(textOf(page)).toContain("Map of Backroom Comedy Club on OpenStreetMap");
    expect(page).toContain('href="/events?keywords=Live%20performances"');
    for (const extension of ["jsonld", "ttl", "nt"])
      expect(markup).toMatch(new RegExp(`<link rel="alternate" type="[^"]+" title="[^"]+" href="/events/[0-9A-Z]{26}\\.${extension}">`));
    expect(markup).toContain('<link rel="canonical" href="https://node.example/events/01HXQ2M0000000000000000001">');
    expect(markup).toContain('<script type="application/ld+json">{"@type":"ComedyEvent"');
  });

  test("folds a long list of dates and marks the ones that are past or off", () => {
    expect(markup).toMatch(/<details><summary>All 12 dates<\/summary>/);
    expect(textOf(page)).toContain("Fri 29 May 2026, 10:00 pm – 11:50 pm (cancelled)");
    expect(textOf(page)).toContain("Fri 24 April 2026, 10:00 pm – 11:50 pm (past)");
    const two = [
      { startDate: "2026-05-08", timezone: "UTC", allDay: true },
      { startDate: "2026-05-09", timezone: "UTC", allDay: true },
    ];
    expect(pageOf({ occurrences: two })).not.toContain("<details>");
  });

  test.each<[string, Partial<EventState>, string]>([
    ["cancelled", { lifecycleState: "cancelled" }, "Cancelled. This event will not take place."],
    ["cancelled by its status", { eventStatus: "EventCancelled" }, "Cancelled."],
    [
      "postponed",
      { lifecycleState: "postponed", previousStartDate: "2026-05-01T20:00:00-04:00" },
      "Postponed. It was to be on Friday 1 May 2026, 8:00 pm.",
    ],
    [
      "rescheduled",
      { eventStatus: "EventRescheduled", previousStartDate: "2026-05-01" },
      "Rescheduled. It was to be on Friday 1 May 2026. The time below is the new one.",
    ],
    ["sold out", { lifecycleState: "sold_out" }, "Sold out."],
    ["past", { startDate: "2020-01-01", endDate: "2020-01-02" }, "Past. This event is over."],
  ])("says in words that it is %s", (_, members, expected) => expect(textOf(pageOf(members))).toContain(expected));

  test("marks it in lists, too, whether or not the date shown is marked itself", () => {
    const several = { ...richEvent, eventStatus: "EventCancelled" as const };
    expect(textOf(eventListPage({ ...sampleNode, items: [{ event: several }], filters: {} }))).toContain("Cancelled Fri 8 May 2026");
  });

  test("says that a text was taken down, not that there never was one", () => {
    const text = textOf(pageOf({ takedownAt: "2026-05-01T00:00:00Z" }));
    expect(text).toContain("The description was taken down.");
    expect(text).not.toContain("No description has been given");
  });

  test("does not call a past event sold out", () =>
    expect(textOf(pageOf({ lifecycleState: "sold_out", startDate: "2020-01-01", endDate: "2020-01-02" }))).not.toContain("Sold out."));

  test("has no notice for an event that simply takes place", () => expect(pageOf({})).not.toContain('class="notice'));
  test("what will not take place is not called When", () =>
    expect(textOf(eventPage(eventView(postponedEvent)))).toContain("Was planned for"));

  test("keeps dates as dates, with no time of day anywhere", () => {
    const text = textOf(pageOf({ startDate: "2013-02-07", endDate: "2013-02-09", allDay: true, timezone: "Africa/Johannesburg" }));
    expect(text).toContain("Thu 7 – Sat 9 February 2013");
    expect(text).not.toMatch(/\d (am|pm)\b/);
  });

  test("of a federated event points to its origin and stays browsable here", () => {
    const page = eventPage(
      eventView(sampleEvent({ originNode: "https://other.example", federationUri: "https://other.example/events/01X" })),
    );
    expect(tight(page)).toContain('<link rel="canonical" href="https://other.example/events/01X">');
    expect(page).toMatch(/href="\/events\/[0-9A-Z]{26}\.ttl"/);
    expect(textOf(page)).toContain("comes from another node of the federation, other.example; see it there.");
  });

  test("says whether it is free, paid or unknown", () => {
    expect(textOf(pageOf({ isAccessibleForFree: true }))).toContain("Price Free");
    expect(textOf(pageOf({ isAccessibleForFree: false }))).toContain("Not free; the price is not given");
    expect(pageOf({})).not.toContain("<dt>Price</dt>");
  });
});
