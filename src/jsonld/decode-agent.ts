/** schema.org organizer and performer -> named organizations and persons. */
import type { AgentMention } from "../domain/submission.ts";
import { firstUrl, urls } from "./decode-url.ts";
import { identifierOf, literal, resolve, text, typesOf, values } from "./expanded.ts";
import type { Node, NodeIndex, Term, Value } from "./expanded.ts";
import { absoluteIri, httpIri, plainLine } from "./text.ts";

/** The agents of a property in their order; what names nobody is left out. A bare string is of kind `assumed`. */
export function readAgents(event: Node, term: "organizer" | "performer", assumed: AgentMention["kind"], index: NodeIndex): AgentMention[] {
  return values(event, term).flatMap((value) => readAgent(resolve(value, index), assumed, term, index) ?? []);
}

function readAgent(value: Value, assumed: AgentMention["kind"], term: Term, index: NodeIndex): AgentMention | undefined {
  const written = literal(value);
  if (written !== undefined) {
    const url = httpIri(String(written));
    const name = url === undefined ? plainLine(String(written)) : hostOf(url);
    return name === "" ? undefined : { kind: assumed, name, ...(url !== undefined && { id: url }) };
  }
  // A schema.org Role stands between the event and the agent and repeats the property.
  const inner = values(value, term)[0];
  if (inner !== undefined) return readAgent(resolve(inner, index), assumed, term, index);
  const id = absoluteIri(identifierOf(value) ?? "");
  const url = firstUrl(value, "url");
  const sameAs = urls(value, "sameAs");
  const full = [text(value, "givenName"), text(value, "familyName")].filter((part) => part !== undefined).join(" ");
  const named = text(value, "name") ?? text(value, "legalName") ?? text(value, "alternateName");
  const name = (named === undefined ? "" : plainLine(named)) || plainLine(full) || hostOf(url ?? id);
  if (name === "") return undefined;
  const types = typesOf(value);
  const kind = types.length === 0 ? assumed : types.some((type) => type === "Person" || type === "Patient") ? "person" : "organization";
  return { kind, name, ...(id !== undefined && { id }), ...(url !== undefined && { url }), ...(sameAs.length > 0 && { sameAs }) };
}

/** Who has only an address is called by its host: "https://www.harbour.example/about" -> "harbour.example". */
function hostOf(url: string | undefined): string {
  return url === undefined || !URL.canParse(url) ? "" : new URL(url).hostname.replace(/^www\./, "");
}
