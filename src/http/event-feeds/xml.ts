/** XML 1.0 by construction: text is escaped where it is put in, and what no XML may hold is left out. */

/** Finished markup; only `element` makes it. */
export interface Xml {
  readonly xml: string;
}
export type Content = string | Xml | false | undefined;

/** Everything but the Char of XML 1.0 §2.2: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
const NO_CHAR = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };

const escape = (text: string): string => text.replaceAll(NO_CHAR, "").replaceAll(/[&<>"\r]/g, (char) => ESCAPES[char]!);
// A parser turns bare tabs and line ends of an attribute into spaces.
const escapeAttribute = (text: string): string => escape(text).replaceAll(/[\t\n]/g, (char) => `&#${char.charCodeAt(0)};`);

/** `element("title", {}, "R & B")` -> <title>R &amp; B</title>. Attributes and children that are undefined are left out. */
export function element(name: string, attributes: Readonly<Record<string, string | undefined>>, ...content: readonly Content[]): Xml {
  let open = name;
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) open += ` ${key}="${escapeAttribute(value)}"`;
  let inner = "";
  for (const one of content) if (one !== undefined && one !== false) inner += typeof one === "string" ? escape(one) : one.xml;
  return { xml: inner === "" ? `<${open}/>` : `<${open}>${inner}</${name}>` };
}

/** A whole document, UTF-8. */
export const xmlDocument = (root: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}\n`;
