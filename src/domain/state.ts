/**
 * The full public state of an entity, as the database function `entity_states(kind, ids)` renders it (jsonb).
 *
 * Every output is made from this one shape: JSON-LD, HTML, lists, the feed. Members without a value are
 * absent, never null, and no list is empty. Times are RFC 3339 with the local offset of `timezone`, or plain dates.
 */
import type { AttendanceMode, EventDomain, EventStatus, EventType, LicenseStatus } from "./vocabulary.ts";
import type { LifecycleState } from "./lifecycle.ts";
import type { GeoCoordinates, Offer, PostalAddress, RecurrenceSet } from "./submission.ts";

/** What every kind of entity carries. */
interface EntityState {
  /** uuid; its 128 bits are the ULID of the entity's URI. */
  id: string;
  /** The origin's @id, for an entity that came from a peer; absent for our own. */
  federationUri?: string;
  name: string;
  sameAs?: string[];
  url?: string;
  /** Grows with every change of what this state shows. */
  version: number;
  createdAt: string;
  updatedAt: string;
  /** False for what no reader may see: a draft, pending, withdrawn or deleted entity. */
  public: boolean;
  deletedAt?: string;
  /** After a merge: the entity that this one leads on to. */
  supersededBy?: EntityReference;
  /** Of an entity of a peer, and in the outbox alone: what its origin says, which is what the feed passes on. */
  statement?: StatementState;
}

/** What an origin said last of one of its entities, and where in its own feed it did. */
export interface StatementState {
  /** Base of the origin. */
  node: string;
  /** Bases of the nodes between the origin and us, in the order of travel. */
  hops: string[];
  /** "" where the origin's feed has none. */
  epoch: string;
  position: number;
  version?: number;
  gone: boolean;
  /** Gone by our own filters, and not by its word. */
  withheld: boolean;
  /** Texts or images were taken out of it. */
  redacted: boolean;
  /** The canonical text (RFC 8785) of its snapshot or tombstone. */
  document: string;
}

export interface EntityReference {
  id: string;
  federationUri?: string;
}

export interface PlaceState extends EntityState {
  kind: "place";
  placeType?: string;
  address?: PostalAddress;
  geo?: GeoCoordinates;
}

export interface AgentState extends EntityState {
  kind: "organization" | "person";
  alternateName?: string[];
}

/** A place, organizer or performer as an event shows it. */
export interface NestedPlace extends EntityReference {
  name: string;
  placeType?: string;
  address?: PostalAddress;
  geo?: GeoCoordinates;
  url?: string;
}
export interface NestedAgent extends EntityReference {
  kind: "organization" | "person";
  name: string;
  url?: string;
  role?: string;
}

/** One occurrence of a series that differs from what the rule says; members that it does not have are the series'. */
export interface OverrideState {
  /** Its original local start: "20260508T190000", or "20260508" where it has no time. */
  recurrenceId: string;
  name?: string;
  startDate?: string;
  endDate?: string;
  doorTime?: string;
  eventStatus?: EventStatus;
  location?: NestedPlace;
  virtualUrl?: string;
  offers?: Offer[];
  url?: string;
}

/** How an event recurs. Its occurrences are not listed in the state: domain/recurrence expands them from this. */
export interface SeriesState {
  /** In wall-clock time, each with its zone. */
  recurrence: (RecurrenceSet & { timezone: string })[];
  /** Seconds by which the doors open before each start. */
  doorLead?: number;
  /** In the order of their recurrenceId. */
  overrides?: OverrideState[];
  /** The series that this one was split from, and the one that goes on after it. */
  continues?: EntityReference;
  continuedBy?: EntityReference;
}

export interface OccurrenceState {
  /** Of an occurrence of a series: which one it is. */
  recurrenceId?: string;
  startDate: string;
  endDate?: string;
  doorTime?: string;
  previousStartDate?: string;
  timezone: string;
  /** True when startDate is a plain date. */
  allDay: boolean;
  eventStatus?: EventStatus;
  virtualUrl?: string;
}

export interface SourceReference {
  name: string;
  url?: string;
  licenseUrl?: string;
  licenseStatus: LicenseStatus;
  recordUri?: string;
}

export interface EventState extends EntityState, OccurrenceState {
  kind: "event";
  type: EventType;
  description?: string;
  lifecycleState: LifecycleState;
  attendanceMode?: AttendanceMode;
  location?: NestedPlace;
  virtualUrl?: string;
  organizer?: NestedAgent;
  performer?: NestedAgent[];
  offers?: Offer[];
  image?: string;
  inLanguage?: string[];
  keywords?: string[];
  isAccessibleForFree?: boolean;
  accessibilityFeature?: string[];
  eventDomain: EventDomain;
  license?: string;
  licenseStatus: LicenseStatus;
  confidence: number;
  eventSchedule?: Record<string, string | number | string[]>[];
  /** Of a recurring event; its first occurrence's times stand in the members above, and `occurrences` is absent. */
  series?: SeriesState;
  /** All occurrences, in order of start, when there is more than one; the first also stands in the members above. */
  occurrences?: OccurrenceState[];
  /** Who speaks for this event now, by name. */
  sources: SourceReference[];
  /** Base URL of the origin node, for a federated event. */
  originNode?: string;
  takedownAt?: string;
}

export type AnyState = EventState | PlaceState | AgentState;
