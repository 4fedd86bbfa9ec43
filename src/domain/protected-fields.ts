/** What a source may own of an event, and what a takedown takes away: texts and images. Names, dates, places and prices are facts. */
export const PROTECTED_FIELDS = ["description", "image"] as const;

/** These members without the protected ones; the very same object where there are none. */
export function withoutProtected<T extends object>(members: T): Omit<T, (typeof PROTECTED_FIELDS)[number]> {
  if (!PROTECTED_FIELDS.some((field) => field in members)) return members;
  return Object.fromEntries(Object.entries(members).filter(([member]) => !(PROTECTED_FIELDS as readonly string[]).includes(member))) as T;
}
