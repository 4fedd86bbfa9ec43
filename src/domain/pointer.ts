/** One reference token of a JSON Pointer (RFC 6901, section 3): "a/b" -> "a~1b". */
export const escapeToken = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");
