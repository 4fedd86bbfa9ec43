/** Which representation a client wants: Accept with its q-values (RFC 9110 §12.5.1), and the suffixes of an address. */

export const FORMATS = {
  json: { type: "application/json", extension: "json" },
  jsonld: { type: "application/ld+json", extension: "jsonld" },
  html: { type: "text/html", extension: "html" },
  turtle: { type: "text/turtle", extension: "ttl" },
  ntriples: { type: "application/n-triples", extension: "nt" },
  ics: { type: "text/calendar", extension: "ics" },
} as const;
export type Format = keyof typeof FORMATS;

/** What entities are offered in; the first is for those who do not say, or ask for what there is not. */
export const ENTITY_FORMATS = ["json", "jsonld", "html", "turtle", "ntriples"] as const satisfies Format[];
/** An event is also a calendar of itself. */
export const EVENT_FORMATS = [...ENTITY_FORMATS, "ics"] as const satisfies Format[];

interface Range {
  type: string;
  subtype: string;
  q: number;
  position: number;
}

/**
 * The best of `offered` for an Accept header: `negotiate("text/turtle;q=0.9, text/html;q=0.8", ENTITY_FORMATS)` ->
 * "turtle". Each offer takes the q of the most specific range that matches it; equals go to the more specific range,
 * then to the range named first, then to the first offered. Nothing acceptable, or no header: the first offered.
 */
export function negotiate<F extends Format>(accept: string | undefined, offered: readonly [F, ...F[]]): F {
  return negotiateAmong(accept, offered, (format) => FORMATS[format].type);
}

/** The same among formats of any kind; `typeOf` gives their media types. */
export function negotiateAmong<F extends string>(
  accept: string | undefined,
  offered: readonly [F, ...F[]],
  typeOf: (format: F) => string,
): F {
  if (accept === undefined || accept === "*/*") return offered[0];
  const ranges = parseAccept(accept);
  let best: { format: F; q: number; specificity: number; position: number } | undefined;
  for (const format of offered) {
    const match = matchOf(ranges, typeOf(format));
    if (match === undefined || match.q === 0) continue;
    const specificity = specificityOf(match);
    const better =
      best === undefined ||
      match.q > best.q ||
      (match.q === best.q && (specificity > best.specificity || (specificity === best.specificity && match.position < best.position)));
    if (better) best = { format, q: match.q, specificity, position: match.position };
  }
  return best?.format ?? offered[0];
}

/** The one of `offered` that an address's suffix names: "ttl" -> "turtle". */
export function formatOfExtension<F extends Format>(extension: string, offered: readonly F[]): F | undefined {
  return offered.find((format) => FORMATS[format].extension === extension);
}

const specificityOf = ({ type, subtype }: Range): number => (type === "*" ? 0 : subtype === "*" ? 1 : 2);

function matchOf(ranges: readonly Range[], mediaType: string): Range | undefined {
  const [type, subtype] = mediaType.split("/");
  return ranges
    .filter((range) => (range.type === "*" || range.type === type) && (range.subtype === "*" || range.subtype === subtype))
    .toSorted((a, b) => specificityOf(b) - specificityOf(a) || b.q - a.q || a.position - b.position)[0];
}

const MEDIA_RANGE = /^([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)$/;
const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** Ranges of the header; what is malformed is left out. Parameters other than q do not part our representations. */
function parseAccept(accept: string): Range[] {
  return accept
    .slice(0, 4_000)
    .split(",")
    .flatMap((part, position) => {
      const [range, ...parameters] = part.split(";").map((piece) => piece.trim());
      const [, type, subtype] = MEDIA_RANGE.exec((range ?? "").toLowerCase()) ?? [];
      if (type === undefined || subtype === undefined || (type === "*" && subtype !== "*")) return [];
      const weight = parameters.find((parameter) => /^q\s*=/i.test(parameter))?.replace(/^q\s*=\s*/i, "") ?? "1";
      return QVALUE.test(weight) ? [{ type, subtype, q: Number(weight), position }] : [];
    });
}
