/**
 * What is wrong with a page, found in its HTML as a browser would parse it: for tests of the pages.
 * Looks for markup that a page never writes (so anything a source smuggled in), for what the
 * Content-Security-Policy would refuse, and for the plainest breaches of accessibility.
 */
import { Parser } from "htmlparser2";

const ELEMENTS = new Set(
  (
    "html head meta title link script body a header nav ul ol li main footer p div span b strong section article h1 h2 h3 h4 dl dt dd time br img code pre " +
    "details summary form label input select option button table thead tbody tr th td aside mark"
  ).split(" "),
);
const VOID = new Set(["meta", "link", "br", "img", "input"]);
const ATTRIBUTES = new Set(
  (
    "lang charset name content rel href type title property class tabindex aria-label aria-labelledby aria-hidden aria-current id datetime role " +
    "src alt loading referrerpolicy method action for value autocomplete selected scope open " +
    "hidden defer placeholder maxlength min max required autocapitalize aria-invalid aria-describedby data-suggest data-tiles data-attribution " +
    "data-latitude data-longitude data-venue data-place"
  ).split(" "),
);
const LOCAL = /^(\/(?!\/)|#|assets\/)/;

/** One string for each fault; none for a sound page. */
export function faultsOf(page: string): string[] {
  const faults: string[] = [];
  const ids: string[] = [];
  const referred: string[] = [];
  const fields: string[] = [];
  const labelled: string[] = [];
  const headings: number[] = [];
  const counts = new Map<string, number>();
  let script: string | undefined;

  const parser = new Parser({
    onopentag(name, attributes) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (!ELEMENTS.has(name)) faults.push(`unknown element ${name}`);
      for (const [attribute, value] of Object.entries(attributes)) {
        if (!ATTRIBUTES.has(attribute)) faults.push(`unknown attribute ${attribute} of ${name}`);
        if (["href", "src", "action"].includes(attribute) && !LOCAL.test(value) && !/^https?:\/\/[^/@]+(\/|$)/.test(value))
          faults.push(`unsafe ${attribute} ${value}`);
      }
      if (/^h\d$/.test(name)) headings.push(Number(name[1]));
      if (attributes.id !== undefined) ids.push(attributes.id);
      for (const reference of [
        attributes.for,
        attributes["aria-labelledby"],
        attributes["aria-describedby"],
        attributes.href?.startsWith("#") ? attributes.href.slice(1) : undefined,
      ])
        if (reference) referred.push(reference);
      if (name === "img" && !attributes.alt) faults.push("an image without words");
      if ((name === "input" && attributes.type !== "hidden") || name === "select") fields.push(attributes.id ?? `(a ${name} without id)`);
      if (name === "label" && attributes.for !== undefined) labelled.push(attributes.for);
      if (name === "script") {
        // Scripts are files of the node's own under /assets/; nothing that stands in a page runs.
        const own = /^\/?assets\/[\w./-]+\.js$/.test(attributes.src ?? "");
        if (attributes.type !== "application/ld+json" && !own) faults.push("a script that runs");
        if (!own) script = "";
      }
    },
    ontext(text) {
      if (script !== undefined) script += text;
    },
    onclosetag(name, implied) {
      if (implied && !VOID.has(name)) faults.push(`${name} is not closed where it was opened`);
      if (name !== "script" || script === undefined) return;
      try {
        JSON.parse(script);
      } catch {
        faults.push("the data block is not JSON");
      }
      script = undefined;
    },
  });
  parser.end(page);

  for (const name of ["main", "h1", "title"]) if (counts.get(name) !== 1) faults.push(`${counts.get(name) ?? 0} ${name}`);
  for (const [index, level] of headings.entries())
    if (level > (headings[index - 1] ?? 0) + 1) faults.push(`h${level} after h${headings[index - 1] ?? 0}`);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) faults.push(`id ${id} twice`);
  for (const field of fields) if (!labelled.includes(field)) faults.push(`no label for ${field}`);
  for (const reference of new Set(referred)) if (!ids.includes(reference)) faults.push(`nothing has the id ${reference}`);
  return faults;
}
