/** The cities of the corpus, in the order of how much goes on in them; the coordinates are those of their centres. */

export interface City {
  name: string;
  region: string;
  country: string;
  timezone: string;
  latitude: number;
  longitude: number;
  currency: string;
}

const ROWS = `
Toronto|ON|CA|America/Toronto|43.6532|-79.3832|CAD
New York|NY|US|America/New_York|40.7128|-74.0060|USD
London|England|GB|Europe/London|51.5074|-0.1278|GBP
Paris|Île-de-France|FR|Europe/Paris|48.8566|2.3522|EUR
Montréal|QC|CA|America/Toronto|45.5019|-73.5674|CAD
Berlin|Berlin|DE|Europe/Berlin|52.5200|13.4050|EUR
Los Angeles|CA|US|America/Los_Angeles|34.0522|-118.2437|USD
Chicago|IL|US|America/Chicago|41.8781|-87.6298|USD
Vancouver|BC|CA|America/Vancouver|49.2827|-123.1207|CAD
Amsterdam|Noord-Holland|NL|Europe/Amsterdam|52.3676|4.9041|EUR
Barcelona|Catalunya|ES|Europe/Madrid|41.3874|2.1686|EUR
Melbourne|VIC|AU|Australia/Melbourne|-37.8136|144.9631|AUD
San Francisco|CA|US|America/Los_Angeles|37.7749|-122.4194|USD
Madrid|Madrid|ES|Europe/Madrid|40.4168|-3.7038|EUR
Lyon|Auvergne-Rhône-Alpes|FR|Europe/Paris|45.7640|4.8357|EUR
Brussels|Brussels|BE|Europe/Brussels|50.8503|4.3517|EUR
Vienna|Wien|AT|Europe/Vienna|48.2082|16.3738|EUR
Ottawa|ON|CA|America/Toronto|45.4215|-75.6972|CAD
Sydney|NSW|AU|Australia/Sydney|-33.8688|151.2093|AUD
Boston|MA|US|America/New_York|42.3601|-71.0589|USD
Tokyo|Tokyo|JP|Asia/Tokyo|35.6762|139.6503|JPY
Lisbon|Lisboa|PT|Europe/Lisbon|38.7223|-9.1393|EUR
Dublin|Leinster|IE|Europe/Dublin|53.3498|-6.2603|EUR
Stockholm|Stockholm|SE|Europe/Stockholm|59.3293|18.0686|SEK
Copenhagen|Hovedstaden|DK|Europe/Copenhagen|55.6761|12.5683|DKK
Seattle|WA|US|America/Los_Angeles|47.6062|-122.3321|USD
Calgary|AB|CA|America/Edmonton|51.0447|-114.0719|CAD
Marseille|Provence-Alpes-Côte d'Azur|FR|Europe/Paris|43.2965|5.3698|EUR
Rome|Lazio|IT|Europe/Rome|41.9028|12.4964|EUR
Zürich|Zürich|CH|Europe/Zurich|47.3769|8.5417|CHF
Prague|Praha|CZ|Europe/Prague|50.0755|14.4378|CZK
Warsaw|Mazowieckie|PL|Europe/Warsaw|52.2297|21.0122|PLN
São Paulo|SP|BR|America/Sao_Paulo|-23.5505|-46.6333|BRL
Mexico City|CDMX|MX|America/Mexico_City|19.4326|-99.1332|MXN
Québec|QC|CA|America/Toronto|46.8139|-71.2080|CAD
Genève|Genève|CH|Europe/Zurich|46.2044|6.1432|CHF
Edinburgh|Scotland|GB|Europe/London|55.9533|-3.1883|GBP
Helsinki|Uusimaa|FI|Europe/Helsinki|60.1699|24.9384|EUR
Auckland|Auckland|NZ|Pacific/Auckland|-36.8509|174.7645|NZD
Halifax|NS|CA|America/Halifax|44.6488|-63.5752|CAD`;

export const CITIES: readonly City[] = ROWS.trim()
  .split("\n")
  .map((row) => {
    const [name, region, country, timezone, latitude, longitude, currency] = row.split("|") as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return { name, region, country, timezone, latitude: Number(latitude), longitude: Number(longitude), currency };
  });
