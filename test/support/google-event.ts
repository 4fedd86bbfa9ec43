/**
 * What Google asks of an Event: name, startDate, location (a Place with a name or an address, or a VirtualLocation with
 * a url); offers, where given, with a decimal price and an ISO 4217 currency.
 * https://developers.google.com/search/docs/appearance/structured-data/event
 */
type Json = Record<string, unknown>;

const DATE_OR_INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/;

/** What is missing or wrong in one encoded event, in words; empty when Google would take it. */
export function googleEventFaults(event: Json): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  demand(isText(event["name"]), "name is missing");
  demand(matches(event["startDate"], DATE_OR_INSTANT), "startDate is no ISO 8601 date or date-time with offset");
  demand(
    event["endDate"] === undefined || matches(event["endDate"], DATE_OR_INSTANT),
    "endDate is no ISO 8601 date or date-time with offset",
  );
  const locations = [event["location"] ?? []].flat() as Json[];
  demand(locations.length > 0, "location is missing");
  for (const location of locations) {
    if (location["@type"] === "VirtualLocation") demand(isUrl(location["url"]), "the virtual location has no url");
    else
      demand(
        isText(location["name"]) || isText(location["address"]) || Object.keys((location["address"] as Json | undefined) ?? {}).length > 1,
        "the place has neither name nor address",
      );
  }
  const mode = event["eventAttendanceMode"];
  demand(
    mode === undefined || /^https:\/\/schema\.org\/(Offline|Online|Mixed)EventAttendanceMode$/.test(String(mode)),
    "eventAttendanceMode is no schema.org address",
  );
  const status = event["eventStatus"];
  demand(status === undefined || /^https:\/\/schema\.org\/Event[A-Z]\w+$/.test(String(status)), "eventStatus is no schema.org address");
  for (const offer of [event["offers"] ?? []].flat() as Json[]) {
    for (const term of ["price", "lowPrice", "highPrice"]) {
      demand(offer[term] === undefined || matches(offer[term], /^\d+(\.\d+)?$/), `the offer's ${term} is no decimal`);
    }
    demand(
      offer["priceCurrency"] === undefined || matches(offer["priceCurrency"], /^[A-Z]{3}$/),
      "the offer's priceCurrency is no ISO 4217 code",
    );
    demand(
      (offer["lowPrice"] === undefined && offer["highPrice"] === undefined) || offer["@type"] === "AggregateOffer",
      "a range of prices needs an AggregateOffer",
    );
    demand(
      offer["lowPrice"] === undefined || offer["highPrice"] === undefined || Number(offer["lowPrice"]) <= Number(offer["highPrice"]),
      "the offer's range is upside down",
    );
    demand(offer["url"] === undefined || isUrl(offer["url"]), "the offer's url is none");
  }
  const organizer = event["organizer"] as Json | undefined;
  demand(organizer === undefined || isText(organizer["name"]), "the organizer has no name");
  return faults;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}
