/** The closed sets of words that the registry stores: schema.org enumerations by their local names. */

export const EVENT_TYPES = [
  "Event",
  "BusinessEvent",
  "ChildrensEvent",
  "ComedyEvent",
  "ConferenceEvent",
  "CourseInstance",
  "DanceEvent",
  "DeliveryEvent",
  "EducationEvent",
  "EventSeries",
  "ExhibitionEvent",
  "Festival",
  "FoodEvent",
  "Hackathon",
  "LiteraryEvent",
  "MusicEvent",
  "PerformingArtsEvent",
  "PublicationEvent",
  "SaleEvent",
  "ScreeningEvent",
  "SocialEvent",
  "SportsEvent",
  "TheaterEvent",
  "VisualArtsEvent",
] as const;
export const EVENT_STATUSES = ["EventScheduled", "EventCancelled", "EventPostponed", "EventRescheduled", "EventMovedOnline"] as const;
export const ATTENDANCE_MODES = ["OfflineEventAttendanceMode", "OnlineEventAttendanceMode", "MixedEventAttendanceMode"] as const;
export const OFFER_AVAILABILITIES = [
  "BackOrder",
  "Discontinued",
  "InStock",
  "InStoreOnly",
  "LimitedAvailability",
  "MadeToOrder",
  "OnlineOnly",
  "OutOfStock",
  "PreOrder",
  "PreSale",
  "Reserved",
  "SoldOut",
] as const;
export const EVENT_DOMAINS = ["arts", "music", "culture", "sports", "community", "education", "general"] as const;
export const LICENSE_STATUSES = ["cc0", "cc-by", "proprietary", "unknown"] as const;
export const SOURCE_TYPES = ["api", "scraper", "partner", "user", "curator", "federation"] as const;
export const ENTITY_KINDS = ["event", "place", "organization", "person"] as const;
export const ROLES = ["public", "agent", "peer", "admin"] as const;

export type EventType = (typeof EVENT_TYPES)[number];
export type EventStatus = (typeof EVENT_STATUSES)[number];
export type AttendanceMode = (typeof ATTENDANCE_MODES)[number];
export type EventDomain = (typeof EVENT_DOMAINS)[number];
export type LicenseStatus = (typeof LICENSE_STATUSES)[number];
export type SourceType = (typeof SOURCE_TYPES)[number];
export type EntityKind = (typeof ENTITY_KINDS)[number];
export type Role = (typeof ROLES)[number];
