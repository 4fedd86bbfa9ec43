/** Text and addresses as the web writes them -> plain text and valid IRIs. */
import { Parser } from "htmlparser2";

const BLOCKS = new Set([
  "address",
  "article",
  "blockquote",
  "dd",
  "div",
  "dl",
  "dt",
  "figure",
  "footer",
  "form",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "header",
  "hr",
  "main",
  "ol",
  "p",
  "pre",
  "section",
  "table",
  "ul",
]);
const LINES = new Set(["br", "li", "tr"]);
const SILENT = new Set(["script", "style", "template", "noscript"]);
const MAX_ESCAPES = 4;
// oxlint-disable-next-line no-control-regex -- PostgreSQL refuses U+0000, and the others are never meant
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * Text of several paragraphs, without markup: "<p>One &amp; two</p><p>three</p>" -> "One & two\n\nthree".
 * Plain text keeps its own line breaks. Empty when nothing is left.
 */
export function plainText(raw: string): string {
  let text = raw.toWellFormed().replace(/\r\n?/g, "\n");
  // Feeds escape twice ("&amp;amp;", "&lt;p&gt;"). Going on until nothing changes also makes reading repeatable: a
  // peer who reads what we wrote finds the same text.
  for (let round = 0; round < MAX_ESCAPES && /[<&]/.test(text); round++) {
    const stripped = stripMarkup(text);
    if (stripped === text) break;
    text = stripped;
  }
  return text
    .replace(CONTROLS, "")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Text of one line: as `plainText`, with every break and run of blanks as one space. Empty where nothing of it would show. */
export function plainLine(raw: string): string {
  const line = plainText(raw).replace(/\s+/g, " ");
  return NOTHING_SHOWS.test(line) ? "" : line;
}
/** Blanks, control characters, and what Unicode says is not drawn: U+200B, U+00AD, U+202E and their like. */
const NOTHING_SHOWS = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * Only elements that HTML knows are markup: the "<CODE/CRAFTS>" of an event's name, "<3" and "a < b" are text.
 */
const NOT_MARKUP = new RegExp(
  `<(?!/?(?:${[
    ...BLOCKS,
    ...LINES,
    ...SILENT,
    "a",
    "abbr",
    "aside",
    "audio",
    "b",
    "big",
    "body",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "del",
    "details",
    "em",
    "embed",
    "figcaption",
    "font",
    "head",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "link",
    "mark",
    "meta",
    "nav",
    "object",
    "param",
    "picture",
    "q",
    "s",
    "samp",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "u",
    "var",
    "video",
    "wbr",
  ].join("|")})(?=[\\s>]|/>)|!--)`,
  "gi",
);

function stripMarkup(raw: string): string {
  const html = raw.replace(NOT_MARKUP, "&lt;");
  const marked = /<\/?(p|br|div|li|ul|ol|h[1-6]|table|tr|section|article)\b[^>]*>/i.test(html);
  let out = "";
  let silent = 0;
  const parser = new Parser(
    {
      onopentag(name) {
        if (SILENT.has(name)) silent++;
        if (BLOCKS.has(name)) out += "\n\n";
        else if (LINES.has(name)) out += "\n";
      },
      ontext(data) {
        // Where tags make the breaks, a line break of the source is only a blank.
        if (silent === 0) out += marked ? data.replace(/\s+/g, " ") : data;
      },
      onclosetag(name) {
        if (SILENT.has(name)) silent--;
        if (BLOCKS.has(name)) out += "\n\n";
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return out;
}

/**
 * An absolute http(s) address as a valid IRI, or undefined: blanks and other characters that no IRI may hold are
 * percent-encoded ("https://a.example/x y.jpg" -> "https://a.example/x%20y.jpg"), the rest stays as it was written.
 */
export function httpIri(raw: string): string | undefined {
  let text = raw
    .toWellFormed()
    .replace(/[\t\n\r]/g, "")
    .trim();
  if (text.startsWith("//")) text = `https:${text}`;
  if (!/^https?:\/\//i.test(text)) return undefined;
  const iri = encodeIri(text);
  if (!URL.canParse(iri)) return undefined;
  const { hostname, username, password } = new URL(iri);
  return hostname === "" || username !== "" || password !== "" ? undefined : iri;
}

/** As `httpIri`, for names rather than addresses: urn:, tag: and http(s) are names, anything else is undefined. */
export function absoluteIri(raw: string): string | undefined {
  const text = raw.trim();
  return /^(urn:[a-z0-9][a-z0-9-]{0,31}:|tag:)./i.test(text) ? encodeIri(text.toWellFormed()) : httpIri(text);
}

/** RFC 3987, section 2.2: none of these may stand in an IRI; brackets only around an IPv6 host. */
// oxlint-disable-next-line no-control-regex -- these are what the rule is about
const NOT_IN_IRI = /[\u0000-\u0020\u007f-\u009f\u00a0\ufffd<>"{}|\\^`[\]]|%(?![0-9A-Fa-f]{2})/g;

function encodeIri(text: string): string {
  const pathAt = /^https?:\/\/[^/?#]*/i.exec(text)?.[0].length ?? 0;
  return text.slice(0, pathAt) + text.slice(pathAt).replace(NOT_IN_IRI, (character) => encodeURIComponent(character));
}
