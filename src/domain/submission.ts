/**
 * What one source says of one event, after decoding and before anybody decides anything.
 *
 * A submission's members are the *fields* of data.md: each becomes one claim, named by the JSON Pointer of
 * its schema.org term ("/name", "/startDate", "/location"). Members that a source did not give are absent,
 * never null. jsonld/decode makes submissions; registry turns them into claims.
 */
import { z } from "zod";
import { ATTENDANCE_MODES, EVENT_DOMAINS, EVENT_STATUSES, EVENT_TYPES, LICENSE_STATUSES, OFFER_AVAILABILITIES } from "./vocabulary.ts";

/** RFC 3339 date, date-time with offset, or local date-time ("floating"); RFC 9557 once a zone is known. */
const timePoint = z.string().max(64);
const iri = z.string().max(2048);
const shortText = z.string().min(1).max(500);
const languageTag = z.string().max(35);

export const postalAddress = z.strictObject({
  streetAddress: shortText.optional(),
  addressLocality: shortText.optional(),
  addressRegion: shortText.optional(),
  postalCode: z.string().min(1).max(40).optional(),
  addressCountry: shortText.optional(),
});

export const geoCoordinates = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});

/** Of a peer's word alone (registry/foreign-events.ts); no document says these. */
const foreignMention = {
  /** The node whose word it is: what it names is never one of ours. */
  originNodeId: z.guid().optional(),
  /** Its URI, which lies under that node's base. */
  federationUri: iri.optional(),
};

/** A schema.org Place as a source describes it; `id` is the source's own @id for it. */
export const placeMention = z.strictObject({
  ...foreignMention,
  id: iri.optional(),
  name: shortText,
  placeType: z.string().max(60).optional(),
  address: postalAddress.optional(),
  geo: geoCoordinates.optional(),
  url: iri.optional(),
  sameAs: z.array(iri).max(50).optional(),
});

/** An organizer or performer: a schema.org Organization (or subtype) or Person. */
export const agentMention = z.strictObject({
  ...foreignMention,
  kind: z.enum(["organization", "person"]),
  id: iri.optional(),
  name: shortText,
  url: iri.optional(),
  sameAs: z.array(iri).max(50).optional(),
});

const decimal = z.string().regex(/^\d{1,10}(\.\d{1,4})?$/, "a decimal number such as 12 or 12.50");

/** schema.org Offer; lowPrice and highPrice make it an AggregateOffer. Prices are decimal strings. */
export const offer = z.strictObject({
  name: shortText.optional(),
  price: decimal.optional(),
  lowPrice: decimal.optional(),
  highPrice: decimal.optional(),
  priceCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, "an ISO 4217 code such as CAD")
    .optional(),
  availability: z.enum(OFFER_AVAILABILITIES).optional(),
  url: iri.optional(),
  validFrom: timePoint.optional(),
});

/** schema.org Schedule, kept as given; the recurrence rules are expanded elsewhere. */
export const schedule = z.record(z.string().max(60), z.union([z.string().max(200), z.number(), z.array(z.string().max(200)).max(400)]));

/** One dated happening of an event that has several (schema.org subEvent). */
export const subEvent = z.strictObject({
  startDate: timePoint,
  endDate: timePoint.optional(),
  doorTime: timePoint.optional(),
  eventStatus: z.enum(EVENT_STATUSES).optional(),
  virtualUrl: iri.optional(),
});

/** A wall-clock time without zone or offset ("2026-05-08T19:00:00"), or a date ("2026-05-08"). */
const localTime = z.string().regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/, "a local time such as 2026-05-08T19:00:00, or a date");
/** ISO 8601 duration of weeks, days, hours, minutes and seconds; days are of the calendar, hours exact (RFC 5545 §3.3.6). */
const duration = z
  .string()
  .regex(/^P(?=.)(\d{1,4}W|(\d{1,5}D)?(T(?=.)(\d{1,5}H)?(\d{1,6}M)?(\d{1,8}S)?)?)$/, "a duration such as PT2H30M or P2D");

/**
 * A recurrence set (RFC 5545 §3.8.5) in wall-clock time of one zone. `rrule` is in the canonical form that
 * domain/recurrence writes, its UNTIL a local time; `dtstart` is its first instance. All local times are of `timezone`, which is
 * absent only until registry/prepare has found it. An `rdate` may have a duration of its own: "2026-05-08T19:00:00/PT1H".
 */
export const recurrenceSet = z.strictObject({
  dtstart: localTime,
  timezone: z.string().max(64).optional(),
  duration: duration.optional(),
  rrule: z.string().max(1_000).optional(),
  rdate: z.array(z.string().max(60)).max(1_000).optional(),
  exdate: z.array(localTime).max(1_000).optional(),
});

/** What one occurrence of a series has of its own; what it does not say is the series'. */
export const occurrenceOverride = z.strictObject({
  name: shortText.optional(),
  startDate: timePoint.optional(),
  endDate: timePoint.optional(),
  doorTime: timePoint.optional(),
  eventStatus: z.enum(EVENT_STATUSES).optional(),
  location: placeMention.optional(),
  virtualLocation: z.strictObject({ url: iri, name: shortText.optional() }).optional(),
  offers: z.array(offer).max(200).optional(),
  url: iri.optional(),
});

/** Names one occurrence of a series: its original local start as RFC 5545 writes it, "20260508T190000" or "20260508". */
export const recurrenceId = z.string().regex(/^\d{8}(T\d{6})?$/, "the original start of an occurrence such as 20260508T190000");

/** Occurrences of one series that have something of their own, by whichever door they come. */
export const MOST_OVERRIDES = 500;

export const eventFields = z.strictObject({
  type: z.enum(EVENT_TYPES),
  name: shortText,
  description: z.string().min(1).max(10_000).optional(),
  startDate: timePoint,
  endDate: timePoint.optional(),
  doorTime: timePoint.optional(),
  previousStartDate: timePoint.optional(),
  eventStatus: z.enum(EVENT_STATUSES).optional(),
  eventAttendanceMode: z.enum(ATTENDANCE_MODES).optional(),
  location: placeMention.optional(),
  virtualLocation: z.strictObject({ url: iri, name: shortText.optional() }).optional(),
  organizer: agentMention.optional(),
  performer: z.array(agentMention).max(200).optional(),
  offers: z.array(offer).max(200).optional(),
  image: iri.optional(),
  url: iri.optional(),
  inLanguage: z.array(languageTag).max(20).optional(),
  keywords: z.array(z.string().min(1).max(200)).max(100).optional(),
  isAccessibleForFree: z.boolean().optional(),
  accessibilityFeature: z.array(z.string().min(1).max(200)).max(50).optional(),
  sameAs: z.array(iri).max(50).optional(),
  license: iri.optional(),
  eventSchedule: z.array(schedule).max(20).optional(),
  subEvent: z.array(subEvent).max(500).optional(),
  recurrence: z.array(recurrenceSet).min(1).max(20).optional(),
  overrides: z
    .record(recurrenceId, occurrenceOverride)
    .refine(
      (overrides) => Object.keys(overrides).length <= MOST_OVERRIDES,
      `at most ${MOST_OVERRIDES} occurrences that differ from their series`,
    )
    .optional(),
  eventDomain: z.enum(EVENT_DOMAINS).optional(),
});

export const eventSubmission = z.strictObject({
  /** The source's @id of the event, when it gave an absolute one. */
  id: iri.optional(),
  /** schema.org identifier values (also iCalendar UID), in the order given. */
  identifiers: z.array(z.string().min(1).max(500)).max(20),
  /** Of one occurrence that came without its series (RFC 5545 §3.8.4.4): the series' own id at the source, and its original start. */
  occurrenceOf: z.strictObject({ identifier: z.string().min(1).max(500), recurrenceId: timePoint }).optional(),
  /** Which edition of its own word this is, where the source counts (iCalendar SEQUENCE, LAST-MODIFIED in milliseconds). */
  revision: z.strictObject({ sequence: z.int().min(0), modifiedAt: z.number().optional() }).optional(),
  /** What a peer says of its own word: how sure it is (0 to 1), and under which license it is. Of a peer's word alone. */
  asserted: z
    .strictObject({ confidence: z.number().min(0).max(1).optional(), licenseStatus: z.enum(LICENSE_STATUSES).optional() })
    .optional(),
  fields: eventFields,
});

export type PostalAddress = z.infer<typeof postalAddress>;
export type GeoCoordinates = z.infer<typeof geoCoordinates>;
export type PlaceMention = z.infer<typeof placeMention>;
export type AgentMention = z.infer<typeof agentMention>;
export type Offer = z.infer<typeof offer>;
export type SubEvent = z.infer<typeof subEvent>;
export type RecurrenceSet = z.infer<typeof recurrenceSet>;
export type OccurrenceOverride = z.infer<typeof occurrenceOverride>;
export type EventFields = z.infer<typeof eventFields>;
export type EventSubmission = z.infer<typeof eventSubmission>;
export type FieldName = keyof EventFields;
/** What a claim is about: a field, or one of an occurrence's own ("subEvent/20260508T190000/startDate"). */
export type ClaimField = Exclude<FieldName, "overrides"> | `subEvent/${string}/${keyof OccurrenceOverride}`;
