/** Sources that speak to a node over HTTP, each by a key of its own. */
import type { TestNode } from "./network.ts";

export interface Answer {
  status: number;
  outcome: string | null;
  /** The event's @id, where there is one. */
  uri: string;
  document: Record<string, any>;
}

export interface Speaker {
  name: string;
  /** Submits a document; fails on nothing. */
  say(document: object): Promise<Answer>;
}

async function asAdmin(node: TestNode, path: string, body: object): Promise<Record<string, any>> {
  const response = await node.asAdmin(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, any>;
}

/** Makes a source of that name and trust, and a key that speaks for it. */
export async function speakerOn(node: TestNode, name: string, trustLevel = 5): Promise<Speaker> {
  await asAdmin(node, "/api/v1/admin/sources", { name, type: "api", trustLevel, licenseStatus: "cc0" });
  const { key } = await asAdmin(node, "/api/v1/admin/keys", { name: `key of ${name}`, role: "agent", source: name });
  return {
    name,
    async say(document) {
      const response = await fetch(`${node.url}/api/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/ld+json" },
        body: JSON.stringify(document),
      });
      const said = (await response.json()) as Record<string, any>;
      return { status: response.status, outcome: response.headers.get("calends-outcome"), uri: said["@id"] ?? "", document: said };
    },
  };
}

/** What the node shows at an address, as JSON; fails on anything but 200. */
export async function shownAt(node: TestNode, path: string): Promise<Record<string, any>> {
  const response = await fetch(path.startsWith("http") ? node.url + new URL(path).pathname : node.url + path, {
    headers: { accept: "application/json" },
  });
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, any>;
}
