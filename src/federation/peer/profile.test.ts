import { expect, it } from "vitest";
import { PeerFault } from "./faults.ts";
import { dialectOf, profileOf } from "./profile.ts";

const BASE = "https://a.example";
const OWN = {
  node: BASE,
  name: "Node A",
  version: "0.1.0",
  software: { name: "calends", version: "1" },
  changeFeedEndpoint: `${BASE}/api/v1/feeds/changes`,
  snapshotEndpoint: "/snapshot",
  feedFeatures: ["epochs", "hash-chain", 7, "<script>"],
};

it("reads what a node offers, with absolute addresses", () => {
  expect(profileOf(OWN, BASE)).toEqual({
    node: BASE,
    name: "Node A",
    version: "0.1.0",
    software: { name: "calends", version: "1" },
    feed: `${BASE}/api/v1/feeds/changes`,
    snapshot: `${BASE}/snapshot`,
    features: ["epochs", "hash-chain"],
  });
});

it("a SEL server that says little has its feed where the profile puts it", () => {
  const profile = profileOf({ node: `${BASE}/` }, BASE);
  expect(profile).toMatchObject({ node: BASE, name: "a.example", feed: `${BASE}/api/v1/feeds/changes`, features: [] });
  expect(dialectOf(profile)).toBe("sel");
  expect(dialectOf(profileOf(OWN, BASE))).toBe("calends");
});

it("a name is one printable line", () => {
  expect(profileOf({ ...OWN, name: "A\n\u001B[31mB\u202E" }, BASE).name).toBe("A [31mB");
});

it.each<[string, Record<string, unknown>, object]>([
  ["of another node", { ...OWN, node: "https://b.example" }, { alarm: "identity" }],
  ["of a node whose name begins alike", { ...OWN, node: `${BASE}.evil` }, { alarm: "identity" }],
  ["without a node", { ...OWN, node: undefined }, { alarm: undefined }],
  ["with a feed elsewhere", { ...OWN, changeFeedEndpoint: "https://b.example/feed" }, { alarm: undefined }],
  ["with a feed that is no address", { ...OWN, changeFeedEndpoint: "http://" }, { alarm: undefined }],
  ["with a stream of another scheme", { ...OWN, streamEndpoint: "http://a.example/stream" }, { alarm: undefined }],
])("a profile %s is refused", (_what, said, fault) => {
  expect(() => profileOf(said, BASE)).toThrow(PeerFault);
  expect(() => profileOf(said, BASE)).toThrow(expect.objectContaining(fault));
});
