/** When an origin says that it said something: `dateModified` and `sel:deletedAt` of a document that is pushed. */
import { withoutProtectedAnywhere } from "../../domain/protected-fields.ts";
import { expected } from "../../jsonld/faults.ts";

const FORM = /^(\d{4}-\d\d-\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d\d):?(\d\d)))?$/;
const EXPECTED = "a date-time with an offset such as 2026-05-01T10:00:00Z, or a date";
const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/**
 * `"2026-05-01T12:00:00+02:00"`, `["2026-05-01T10:00:00Z"]` and `{"@value": "2026-05-01T10:00:00Z"}` -> the same `at`, in milliseconds since
 * 1970 (0 for what lies before); a date is the first moment of its day in UTC. Undefined where nothing is said; else what is wrong.
 */
export function readSaidTime(said: unknown): { at: number; fault?: undefined } | { at?: undefined; fault: string } | undefined {
  if (said === undefined) return undefined;
  const value = valueOf(said);
  const at = typeof value === "string" ? instantOf(value) : undefined;
  // No position of a feed is less than 0.
  if (at !== undefined) return { at: Math.max(0, at) };
  return { fault: expected([], EXPECTED, withoutProtectedAnywhere(said)).detail };
}

/** JSON-LD writes one value alone, in a list of one, and as an object that also names its type. */
function valueOf(said: unknown): unknown {
  const one: unknown = Array.isArray(said) && said.length === 1 ? said[0] : said;
  return typeof one === "object" && one !== null && "@value" in one ? one["@value"] : one;
}

function instantOf(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, day, hour = "0", minute = "0", second = "0", fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Some days that no month has are read as days of the next one.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  const [h, m, s, ofH, ofM] = [hour, minute, second, offsetHour, offsetMinute].map(Number) as [number, number, number, number, number];
  if (h > 23 || m > 59 || s > 60 || ofH > 23 || ofM > 59) return undefined;
  const offset = (sign === "-" ? -1 : 1) * (ofH * HOUR + ofM * MINUTE);
  const whole = midnight + h * HOUR + m * MINUTE + s * SECOND - offset;
  // A leap second ends a day of UTC.
  if (s === 60 && whole % DAY !== 0) return undefined;
  return whole + Number(fraction.slice(0, 3).padEnd(3, "0"));
}
