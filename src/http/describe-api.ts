/** The API's description (OpenAPI 3.1), made from the routes; served, rendered at /docs, and committed as docs/openapi.json. */
import type { HttpApp } from "./parts.ts";

const TAGS = [
  { name: "Events", description: "Reading and writing events." },
  { name: "Places", description: "Where events are held. Made from what events say of them." },
  { name: "Organizations", description: "Who organizes or performs." },
  { name: "Persons", description: "Who organizes or performs." },
  { name: "Searches", description: "Searches that are kept: as feeds, and told to webhooks." },
  { name: "Feed", description: "Every public change, once, in order." },
  { name: "Linked data", description: "What an @id leads to, and what its terms mean." },
  { name: "Node", description: "What the node is, and how it fares." },
  { name: "Admin", description: "For the node's keeper." },
];

/** The document for the routes of `app`, in an order that does not depend on how they were put together. */
export function describeApi(app: HttpApp, { version, base }: { version: string; base?: string | undefined }): object {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "`Authorization: Bearer cal_…`",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Calends",
      version,
      license: { name: "MIT" },
      description:
        "A registry of cultural events: JSON-LD in, one truth per event, a change feed out. Speaks the SEL Interoperability Profile v0.1.\n\nEvery error is a problem document (RFC 9457). Answers to `GET` carry `RateLimit` headers where a rate applies.",
    },
    ...(base !== undefined && { servers: [{ url: base }] }),
    tags: TAGS,
  });
  const paths = Object.fromEntries(Object.entries(document.paths ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths };
}
