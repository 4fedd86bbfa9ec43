/** How a recurring event is shown: its own page, the page of each date, lists and feeds. */
import { describe, expect, test } from "vitest";
import type { EventState } from "../../domain/state.ts";
import { textOf, tight } from "../../../test/support/page-text.ts";
import { eventView, occurrenceView, sampleEvent, sampleNode, weeklySeries } from "../../../test/support/render-pages.ts";
import { whenAndWhere } from "../event-feeds/feed.ts";
import { eventListPage } from "./event-list-page.ts";
import { eventPage } from "./event-page.ts";
import { faultsOf } from "./page-faults.ts";
import { occurrencePage } from "./occurrence-page.ts";
import { datesToCome, nextDate, seriesWords } from "./series-dates.ts";

const at = (instant: string) => new Date(instant);
const withRule = (rrule: string | undefined, more: object = {}): EventState =>
  sampleEvent({
    series: {
      recurrence: [{ dtstart: "2026-05-08T22:00:00", duration: "PT1H", timezone: "America/Toronto", ...(rrule && { rrule }), ...more }],
    },
  });
const wordsOf = (event: EventState, now = sampleNode.now) => seriesWords({ ...event, series: event.series! }, now);

describe("the page of a series", () => {
  const page = eventPage(eventView(weeklySeries));
  const text = textOf(page);

  test("says the rule in words, in which zone, and when the doors open", () => {
    expect(text).toContain("Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026");
    expect(text).toContain("Eastern Daylight Time (EDT)");
    expect(text).toContain("Doors open at 6:30 pm");
  });

  test("lists the next ten dates, each a link to its own page, and says that there are more", () => {
    const dates = [...tight(page).matchAll(/<a href="\/events\/[0-9A-Z]{26}\/occurrences\/(\d{8}T\d{6})">/g)].map(([, name]) => name);
    expect(dates).toHaveLength(10);
    expect(dates.slice(0, 3)).toEqual(["20260508T190000", "20260515T190000", "20260522T190000"]);
    expect(text).toContain("… and more after these.");
  });

  test("marks a date that is moved, elsewhere, renamed or cancelled", () => {
    expect(text).toContain(
      "Fri 15 May 2026, 8:00 pm – 10:00 pm (moved from Fri 15 May 2026, 7:00 pm, at Lake Stage, as Friday Sessions by the lake)",
    );
    expect(text).toContain("Fri 22 May 2026, 7:00 pm – 9:30 pm (cancelled)");
  });

  test("leads to its calendar and to the series that it continues", () => {
    expect(tight(page)).toMatch(/<a href="\/events\/[0-9A-Z]{26}\.ics">Calendar of all dates/);
    expect(text).toContain("the series that this one continues");
    expect(text).not.toContain("the series that continues this one");
  });

  test("shows the next date that takes place on its sheet, and is past only when no date is to come", () => {
    expect(nextDate(weeklySeries, at("2026-05-20T12:00:00Z"))?.recurrenceId).toBe("20260529T190000");
    expect(text).not.toContain("This event is over.");
    const ended = withRule("FREQ=WEEKLY;COUNT=3");
    expect(textOf(eventPage({ ...eventView(ended), now: at("2026-05-22T23:00:00Z") }))).not.toContain("This event is over.");
    const over = textOf(eventPage({ ...eventView(ended), now: at("2026-06-01T12:00:00Z") }));
    expect(over).toContain("Past. This event is over.");
    expect(over).toContain("no date is to come");
  });

  test("a date that has begun is still to come until it is over", () => {
    const ids = (now: string) => datesToCome(weeklySeries, at(now), 2).dates.map(({ recurrenceId }) => recurrenceId);
    expect(ids("2026-05-08T23:30:00Z")).toEqual(["20260508T190000", "20260515T190000"]);
    expect(ids("2026-05-09T02:00:00Z")).toEqual(["20260515T190000", "20260522T190000"]);
  });

  test("a series that has not begun says from when on", () => {
    expect(wordsOf(withRule("FREQ=WEEKLY"))).toEqual(["Every Friday, 10:00 pm – 11:00 pm, from 8 May 2026"]);
    expect(wordsOf(withRule("FREQ=WEEKLY"), at("2026-06-01T00:00:00Z"))).toEqual(["Every Friday, 10:00 pm – 11:00 pm"]);
  });

  test("a rule that has no words is told by its number of dates", () => {
    const strange = { rdate: ["2026-05-10T22:00:00"] };
    expect(wordsOf(withRule(undefined, strange))).toEqual(["On 2 dates"]);
    expect(wordsOf(withRule("FREQ=YEARLY;BYWEEKNO=20"))).toEqual(["On many dates"]);
    expect(wordsOf(withRule("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;COUNT=200"))).toEqual(["On more than 100 dates"]);
  });
});

describe("the page of one date", () => {
  const pageOf = (recurrenceId: string, now = sampleNode.now) => occurrencePage({ ...occurrenceView(weeklySeries, recurrenceId), now });
  const text = (recurrenceId: string, now?: Date) => textOf(pageOf(recurrenceId, now));

  test("says when and where, that it is one of a series, and what is before and after", () => {
    const plain = text("20260508T190000");
    expect(plain).toContain("When Friday 8 May 2026, 7:00 pm – 9:30 pm");
    expect(plain).toContain("Where Backroom Comedy Club");
    expect(plain).toContain("One of a series: Friday Sessions. Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026.");
    expect(plain).toContain("Before: Fri 1 May 2026, 7:00 pm – 9:30 pm");
    expect(plain).toContain("After: Fri 15 May 2026, 8:00 pm – 10:00 pm");
    expect(pageOf("20260508T190000")).not.toContain('class="notice');
  });

  test("one that was moved says from when, and where it is instead", () => {
    const moved = text("20260515T190000");
    expect(moved).toContain("Friday Sessions by the lake");
    expect(moved).toContain("Moved. It was to be on Friday 15 May 2026, 7:00 pm. The time below is the new one.");
    expect(moved).toContain("Elsewhere. This date is at Lake Stage");
    expect(moved).toContain("Price Free");
    expect(moved).not.toContain("Backroom Comedy Club");
  });

  test("one that is cancelled says so, and its neighbours say it of it", () => {
    expect(text("20260522T190000")).toContain("Cancelled. This date will not take place.");
    expect(text("20260522T190000")).toContain("Was planned for");
    expect(text("20260529T190000")).toContain("Before: Fri 22 May 2026, 7:00 pm – 9:30 pm (cancelled)");
  });

  test("one that is over says so", () => expect(text("20260508T190000", at("2026-05-10T00:00:00Z"))).toContain("Past. This date is over."));

  test("a source's words are text, whatever they are", () => {
    const evil = `"'></h1><hostile onclick=alert(1)>`;
    const overrides = [
      { recurrenceId: "20260515T190000", name: evil, url: "javascript:alert(1)", location: { id: weeklySeries.id, name: evil } },
    ];
    const hostile = { ...weeklySeries, name: evil, series: { ...weeklySeries.series!, overrides } };
    expect(faultsOf(occurrencePage(occurrenceView(hostile, "20260515T190000")))).toEqual([]);
    expect(faultsOf(eventPage(eventView(hostile)))).toEqual([]);
  });
});

test("a list shows the date that it is about, where that one is, and the rule", () => {
  const { occurrence } = occurrenceView(weeklySeries, "20260515T190000");
  const text = textOf(eventListPage({ ...sampleNode, items: [{ event: weeklySeries, occurrence }], filters: {} }));
  expect(text).toContain("Fri 15 May 2026, 8:00 pm – 10:00 pm EDT");
  expect(text).toContain("Lake Stage, Toronto · Free · Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026");
});

test("a date that is cancelled does not strike out the series", () => {
  const listed = (recurrenceId: string, members: Partial<EventState> = {}) => {
    const { occurrence } = occurrenceView(weeklySeries, recurrenceId);
    return tight(eventListPage({ ...sampleNode, items: [{ event: { ...weeklySeries, ...members }, occurrence }], filters: {} }));
  };
  expect(listed("20260522T190000")).toContain('<strong class="tag">This date: cancelled</strong>');
  expect(listed("20260522T190000")).not.toContain("struck");
  expect(listed("20260529T190000", { lifecycleState: "cancelled" })).toContain('class="event struck"');
});

test("feeds tell the rule and the next dates", () => {
  const words = whenAndWhere(weeklySeries, sampleNode.now);
  expect(words).toContain("Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026; next: Fri 8 May 2026, 7:00 pm – 9:30 pm (EDT), ");
  expect(words).toContain("Fri 22 May 2026, 7:00 pm – 9:30 pm (EDT) (cancelled) · Backroom Comedy Club");
});
