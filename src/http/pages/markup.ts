/**
 * How text becomes HTML: one escaping template, and the only two ways past it (safe links, the JSON-LD block).
 * Everything that came from a source goes through here.
 */
import { html as escaping, raw } from "hono/html";

/** Text that is HTML already. */
export type Html = ReturnType<typeof raw>;
/** What may stand in a template; strings are escaped; false and undefined vanish. */
export type Part = string | number | false | undefined | Html | readonly Part[];

/** html`<p>${"<b>"}</p>` -> `<p>&lt;b&gt;</p>`; a template within a template stays markup. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const out = escaping(strings, ...parts);
  if (out instanceof Promise) throw new TypeError("A page's template was given a promise; pages are made of values.");
  return out;
}

/** `join([a, b], ", ")` -> a, b */
export function join(parts: readonly Part[], separator: Part): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
}

/** The URL as it may stand in an href or src; undefined for what is not http(s), not absolute, or bears a password. */
export function safeHref(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, username, password, href } = new URL(url);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "" ? href : undefined;
}

/** A link to elsewhere; a URL that is not safe is shown as text, so that nothing is hidden and nothing runs. */
export function externalLink(url: string, label?: Part): Html {
  const href = safeHref(url);
  if (href === undefined) return html`${label === undefined ? url : [label, " (", url, ")"]}`;
  return html`<a href="${href}" rel="nofollow ugc noopener">${label ?? shortUrl(href)}</a>`;
}

/** "https://www.rom.on.ca/en/?utm=1" -> "rom.on.ca/en": what a reader wants to know of a link. */
export function shortUrl(href: string): string {
  const { host, pathname } = new URL(href);
  const whole = (host.replace(/^www\./, "") + pathname).replace(/\/$/, "");
  return whole.length > 60 ? `${whole.slice(0, 59)}…` : whole;
}

/** The path under our own base: `localPath("https://a.example/sub", "/events")` -> "/sub/events". */
export function localPath(base: string, path: string): string {
  return new URL(base).pathname.replace(/\/$/, "") + path;
}

const BARE_URL = /https?:\/\/[^\s<>"']+/g;

/** Plain text with its bare URLs as links; a full stop or bracket after a URL stays outside of it. */
export function autolink(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(BARE_URL)) {
    const url = withoutTail(found);
    parts.push(text.slice(from, index), externalLink(url, url));
    from = index + url.length;
  }
  return [...parts, text.slice(from)];
}

function withoutTail(url: string): string {
  const trimmed = url.replace(/[.,;:!?'"\]]+$/, "");
  return trimmed.endsWith(")") && !trimmed.includes("(") ? withoutTail(trimmed.slice(0, -1)) : trimmed;
}

/** Plain text as paragraphs: an empty line parts them, a single line break stays one. */
export function paragraphs(text: string): Html[] {
  return text
    .split(/\r?\n[ \t\u00a0]*(?:\r?\n[ \t\u00a0]*)+/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .map(
      (paragraph) =>
        html`<p>
          ${join(
            paragraph.split(/\r?\n/).map((line) => autolink(line.trim())),
            html`<br />`,
          )}
        </p>`,
    );
}

const UNSAFE_IN_SCRIPT = /[<>&\u2028\u2029]/g;

/** A JSON text as a data block: it stays the same JSON, and no "</script>" within it can end the block. */
export function jsonldBlock(json: string): Html {
  const inert = json.replace(UNSAFE_IN_SCRIPT, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return html`<script type="application/ld+json">
    ${raw(inert)}
  </script>`;
}

/** A language tag that may stand in a lang attribute, from schema.org inLanguage ("fr", "en-CA"); else undefined. */
export function langOf(tags: readonly string[] | undefined): string | undefined {
  const [tag, ...more] = tags ?? [];
  return tag !== undefined && more.length === 0 && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag) ? tag : undefined;
}
