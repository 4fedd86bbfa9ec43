/** Which of schema.org's types are of which kind of entity here, as far as that is certain. */
import { EVENT_TYPES, type EntityKind } from "../domain/vocabulary.ts";

/** Organizations that are no Place. What is both, as LocalBusiness and its kinds, stands in neither list. */
const ORGANIZATIONS = new Set(
  `Organization Airline Consortium Cooperative Corporation DanceGroup DiagnosticLab FundingAgency FundingScheme GovernmentOrganization
  LibrarySystem MedicalOrganization MusicGroup NGO NewsMediaOrganization OnlineBusiness OnlineMarketplace OnlineStore PerformingGroup
  PoliticalParty Project ResearchOrganization ResearchProject SearchRescueOrganization SportsOrganization SportsTeam TheaterGroup VeterinaryCare
  WorkersUnion`.split(/\s+/),
);

/** Places that are no Organization. */
const PLACES = new Set(
  `Place Accommodation AdministrativeArea Airport Apartment ApartmentComplex Aquarium Beach BoatTerminal BodyOfWater Bridge BuddhistTemple
  BusStation BusStop CampingPitch Canal CatholicChurch Cemetery Church City CityHall CivicStructure Continent Country Courthouse Crematorium
  DefenceEstablishment Embassy EventVenue GatedResidenceCommunity GovernmentBuilding HinduTemple HotelRoom House LakeBodyOfWater Landform
  LandmarksOrHistoricalBuildings LegislativeBuilding MeetingRoom Mosque Mountain Museum MusicVenue OceanBodyOfWater Park ParkingFacility
  PerformingArtsTheater PlaceOfWorship Playground Pond PublicToilet RVPark Reservoir Residence RiverBodyOfWater Room SchoolDistrict
  SeaBodyOfWater SingleFamilyResidence State SubwayStation Suite Synagogue TaxiStand TouristAttraction TouristDestination TrainStation
  Volcano Waterfall Zoo`.split(/\s+/),
);
const EVENTS = new Set<string>(EVENT_TYPES);

/** Undefined for a type of several kinds, of none of these, and for one that schema.org does not have (yet). */
function kindOfType(type: string): EntityKind | undefined {
  if (type === "Person" || type === "Patient") return "person";
  if (ORGANIZATIONS.has(type)) return "organization";
  if (PLACES.has(type)) return "place";
  return EVENTS.has(type) || /^[A-Za-z0-9]*Event$/.test(type) ? "event" : undefined;
}

/**
 * False for types that make it another kind of entity: `mayBe("place", ["MusicEvent"])`. Beside one of its own kind others do no harm; a type
 * of which nothing is known may be of any kind, also beside one of the other of place and organization. A person is always called one, and
 * what is called a person is no organization. A Museum or a MusicVenue is a place to schema.org, and often stands for who runs it.
 */
export function mayBe(kind: Exclude<EntityKind, "event">, types: readonly string[]): boolean {
  const kinds = types.map(kindOfType);
  if (kind === "person" || (kind === "organization" && kinds.includes("person"))) return kind === "person" && kinds.includes("person");
  if (kinds.includes(kind)) return true;
  if (kinds.includes("event") || kinds.includes("person")) return false;
  return kinds.length === 0 || kinds.includes(undefined) || (kind === "organization" && kinds.includes("place"));
}
