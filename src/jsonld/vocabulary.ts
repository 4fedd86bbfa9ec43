/** The IRIs that this room writes and reads, and the kinds of place that our context declares. */

export const SCHEMA = "http://schema.org/";
/** The spelling of enumeration members (EventScheduled …) in what we emit; readers and Google expect https. */
export const SCHEMA_HTTPS = "https://schema.org/";
export const SEL = "https://schema.togather.foundation/ns#";
export const PROV = "http://www.w3.org/ns/prov#";
export const XSD = "http://www.w3.org/2001/XMLSchema#";

/** schema.org kinds of Place that are kept as such; every other kind becomes a plain Place. */
export const PLACE_TYPES = [
  "AmusementPark",
  "Aquarium",
  "ArtGallery",
  "BarOrPub",
  "Beach",
  "BookStore",
  "BowlingAlley",
  "CafeOrCoffeeShop",
  "Campground",
  "Casino",
  "Cemetery",
  "Church",
  "City",
  "CityHall",
  "CivicStructure",
  "CollegeOrUniversity",
  "ComedyClub",
  "Country",
  "EducationalOrganization",
  "EntertainmentBusiness",
  "EventVenue",
  "FoodEstablishment",
  "GovernmentBuilding",
  "HinduTemple",
  "Hotel",
  "LandmarksOrHistoricalBuildings",
  "Library",
  "LocalBusiness",
  "LodgingBusiness",
  "Mosque",
  "MovieTheater",
  "Museum",
  "MusicVenue",
  "NightClub",
  "Park",
  "PerformingArtsTheater",
  "Place",
  "PlaceOfWorship",
  "Playground",
  "Restaurant",
  "School",
  "ShoppingCenter",
  "SportsActivityLocation",
  "StadiumOrArena",
  "Store",
  "Synagogue",
  "TouristAttraction",
  "TouristDestination",
  "Winery",
  "Zoo",
] as const;
