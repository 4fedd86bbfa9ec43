/** What a source may own of an event, and what a takedown takes away: texts and images. Names, dates, places and prices are facts. */
export const PROTECTED_FIELDS = ["description", "image"] as const;

export const isProtectedField = (field: string): boolean => (PROTECTED_FIELDS as readonly string[]).includes(field);

/** These members without the protected ones; the very same object where there are none. */
export function withoutProtected<T extends object>(members: T): Omit<T, (typeof PROTECTED_FIELDS)[number]> {
  if (!PROTECTED_FIELDS.some((field) => field in members)) return members;
  return Object.fromEntries(Object.entries(members).filter(([member]) => !isProtectedField(member))) as T;
}

/**
 * The same of a document that another node wrote: members of these names go wherever they stand and however they are spelled
 * ("schema:description", an image of the place).
 */
export function withoutProtectedAnywhere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProtectedAnywhere);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([member]) => !isProtected(member));
  return Object.fromEntries(members.map(([member, one]) => [member, member === "@context" ? one : withoutProtectedAnywhere(one)]));
}

/**
 * Where such members show anything in a document, as paths that leave out places in lists: "/description", "/location/image". A null or
 * an empty text shows nothing.
 */
export function protectedPaths(value: unknown, path = ""): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((one) => [...protectedPaths(one, path)]));
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([member, one]) => {
      if (isProtected(member)) return isEmpty(one) ? [] : [`${path}/${member.replace(BEFORE_NAME, "")}`];
      return member === "@context" ? [] : [...protectedPaths(one, `${path}/${member}`)];
    }),
  );
}

const isEmpty = (value: unknown): boolean => value == null || value === "" || (Array.isArray(value) && value.every(isEmpty));

const BEFORE_NAME = /^.*[/:#]/;
const isProtected = (member: string): boolean => /(^|[/:#])(description|image)$/.test(member);
