/** Addresses in expanded JSON-LD: literals, references and objects that hold one. */
import { identifierOf, literal, values } from "./expanded.ts";
import type { Node, Term, Value } from "./expanded.ts";
import { httpIri } from "./text.ts";

/** The first usable http(s) address of a property: `firstUrl(event, "url")`. */
export function firstUrl(node: Node, term: Term): string | undefined {
  for (const value of values(node, term)) {
    const url = urlOf(value);
    if (url !== undefined) return url;
  }
  return undefined;
}

/** All usable http(s) addresses of a property, each once, in their order. */
export function urls(node: Node, term: Term): string[] {
  return [...new Set(values(node, term).flatMap((value) => urlOf(value) ?? []))];
}

/** A string, a reference, or a node's url or @id. */
export function urlOf(value: Value): string | undefined {
  const written = literal(value);
  if (written !== undefined) return httpIri(String(written));
  return firstUrl(value, "url") ?? httpIri(identifierOf(value) ?? "");
}

/** The first usable picture: a URL, or an ImageObject's contentUrl, url, @id or thumbnail. */
export function firstImage(node: Node): string | undefined {
  for (const value of values(node, "image")) {
    const url =
      literal(value) === undefined ? (firstUrl(value, "contentUrl") ?? urlOf(value) ?? firstUrl(value, "thumbnailUrl")) : urlOf(value);
    if (url !== undefined) return url;
  }
  return undefined;
}
