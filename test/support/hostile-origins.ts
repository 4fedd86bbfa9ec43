/** Peers that speak of what is not theirs. After each, one good event shows that the rest of the page is none the worse. */
import { eventAt, tellDocument, tellEvent, tombstoneOf, alterLast, type HostilePeer } from "./hostile-tools.ts";
import type { RefusalReason } from "../../src/domain/custody.ts";
import type { World } from "./hostile-peer-process.ts";
import type { ScriptedPeer } from "./scripted-peer.ts";

const refused = (name: string, reason: RefusalReason, tell: (peer: ScriptedPeer, world: World) => void): HostilePeer => ({
  name,
  turns(peer, world) {
    tell(peer, world);
    tellEvent(peer, 9);
  },
  fresh: true,
  outcome: "applied",
  refused: [reason],
  counts: { applied: 4 },
});

/** `tell` is let in as the peer's own word, and must change nothing else. */
const harmless = (
  name: string,
  tell: (peer: ScriptedPeer, world: World) => void,
  counts: HostilePeer["counts"] = { applied: 1 },
): HostilePeer => ({
  name,
  turns: tell,
  outcome: "applied",
  refused: [],
  counts,
});

const lookalike = (name: string, uriOf: (world: World, peer: ScriptedPeer) => string, reason: RefusalReason = "foreign_uri") =>
  refused(name, reason, (peer, world) => tellDocument(peer, eventAt(uriOf(world, peer))));

export const ORIGINS: HostilePeer[] = [
  refused("tells of our own event", "own_uri", (peer, { ours }) => tellDocument(peer, eventAt(ours.event))),
  refused("tells of our own place", "own_uri", (peer, { ours }) =>
    tellDocument(peer, { "@id": ours.place, "@type": "Place", name: "Hijacked" }, { kind: "place" }),
  ),
  refused("tells of our own person", "own_uri", (peer, { ours }) =>
    tellDocument(peer, { "@id": ours.person, "@type": "Person", name: "Hijacked" }, { kind: "person" }),
  ),
  refused("says that our event is gone", "own_uri", (peer, { ours }) => tellDocument(peer, tombstoneOf(ours.event), { gone: true })),
  refused("invents an event under our base", "own_uri", (peer, { here }) => tellDocument(peer, eventAt(`${here}/events/01KINVENTED`))),
  harmless(
    "tells of our event with us as its custody",
    (peer, { here, ours }) => {
      tellDocument(peer, eventAt(ours.event), { custody: { node: here, epoch: "", position: 1_000_000, hops: [] } });
      tellEvent(peer, 9);
    },
    { applied: 1, passedOver: 1 },
  ),
  refused("tells of another node's event", "foreign_uri", (peer, { other }) => tellDocument(peer, eventAt(other.event))),
  refused("says that another node's event is gone", "foreign_uri", (peer, { other }) =>
    tellDocument(peer, tombstoneOf(other.event), { gone: true }),
  ),
  refused("tells of another node's place", "foreign_uri", (peer, { other }) =>
    tellDocument(peer, { "@id": other.place, "@type": "MusicVenue", name: "Hijacked" }, { kind: "place" }),
  ),
  harmless(
    "tells with custody of another node's event, and is no relay",
    (peer, { other }) => {
      const custody = { node: other.base, epoch: other.epoch, position: 1_000_000, version: 99, hops: [] };
      tellDocument(peer, eventAt(other.event), { custody });
      tellEvent(peer, 9);
    },
    { applied: 1, passedOver: 1 },
  ),
  refused("gives an event of its own out as another node's word", "false_custody", (peer, { other }) =>
    tellDocument(peer, eventAt(`${peer.base}/events/8`), { custody: { node: other.base, epoch: "", position: 7, hops: [] } }),
  ),
  refused("puts our @id into a document of its own", "identity", (peer, { ours }) =>
    tellDocument(peer, eventAt(ours.event), { uri: `${peer.base}/events/8` }),
  ),
  refused("puts its own @id under our uri", "identity", (peer, { ours }) =>
    tellDocument(peer, eventAt(`${peer.base}/events/8`), { uri: ours.event }),
  ),
  refused("puts another node's @id into a document of its own", "identity", (peer, { other }) =>
    tellDocument(peer, eventAt(other.event), { uri: `${peer.base}/events/8` }),
  ),
  refused("gives its document two @ids", "identity", (peer, { ours }) =>
    tellDocument(peer, { ...eventAt(ours.event), "@id": [`${peer.base}/events/8`, ours.event] }, { uri: `${peer.base}/events/8` }),
  ),
  lookalike("has our name at the beginning of its own", ({ here }) => `${here}.evil.example/events/1`),
  lookalike("has another node's name at the beginning of its own", ({ other }) => `${other.base}0/events/1`),
  lookalike("has its own name with another ending", (_world, peer) => `${peer.base}0/events/1`),
  lookalike("writes our name in capitals", ({ here, ours }) => ours.event.replace(here, here.replace("node", "NODE"))),
  lookalike("writes our scheme in capitals", ({ ours }) => ours.event.replace("https", "HTTPS"), "malformed"),
  lookalike("writes our name with its port", ({ here, ours }) => ours.event.replace(here, `${here}:443`)),
  lookalike("writes our name with a dot at its end", ({ here, ours }) => ours.event.replace(here, `${here}.`)),
  lookalike("writes our name as somebody's who speaks from elsewhere", ({ here }) => `${here}@evil.example/events/1`),
  lookalike("writes itself as a user of our name", ({ here }) => `${here.replace("://", "://evil@")}/events/1`),
  lookalike("writes our name behind a double slash", ({ ours }, peer) => `${peer.base.replace(/:\d+$/, "")}//${ours.event}`),
  lookalike("climbs out of its base", (_world, peer) => `${peer.base}/../events/1`),
  lookalike("climbs out of its base in disguise", (_world, peer) => `${peer.base}/%2e%2e/events/1`),
  lookalike("climbs out of its base at the end", (_world, peer) => `${peer.base}/events/..?1`),
  lookalike("writes our name in other letters", ({ here }) => `${here.replace("o", "\u043e")}/events/1`),
  lookalike("writes a backslash for a slash", (_world, peer) => `${peer.base}\\events\\1`, "malformed"),
  lookalike("calls an event by a script", () => "javascript:alert(1)", "malformed"),
  lookalike("calls an event by a file", () => "file:///etc/passwd", "malformed"),
  lookalike("calls an event by a name of several lines", (_world, peer) => `${peer.base}/events/1\nevents/2`, "malformed"),
  lookalike("calls an event by a name that turns its reading around", (_world, peer) => `${peer.base}/events/\u202e1`, "malformed"),
  lookalike(
    "calls an event by a name of thousands of characters",
    (_world, peer) => `${peer.base}/events/${"x".repeat(5_000)}`,
    "malformed",
  ),
  lookalike("calls an event by a name of too many bytes", (_world, peer) => `${peer.base}/events/${"\u{1f3b7}".repeat(600)}`, "too_large"),
  refused("makes an event a place", "kind_changed", (peer) =>
    tellDocument(peer, { "@id": `${peer.base}/events/1`, "@type": "Place", name: "Hall" }, { kind: "place" }),
  ),
  refused("says that its version has gone back", "version_backwards", (peer) =>
    tellDocument(peer, eventAt(`${peer.base}/events/1`), { version: 0 }),
  ),
  harmless("raises its version as far as it goes", (peer) =>
    tellDocument(peer, eventAt(`${peer.base}/events/1`), { version: 2 ** 53 - 1 }),
  ),
  refused("raises its version beyond what a number holds", "malformed", (peer) =>
    tellDocument(peer, eventAt(`${peer.base}/events/1`), { version: 2 ** 53 }),
  ),
  refused("gives half a version", "malformed", (peer) => tellDocument(peer, eventAt(`${peer.base}/events/1`), { version: 1.5 })),
  harmless(
    "says that ours has taken the place of its event",
    (peer, { ours }) =>
      tellDocument(peer, tombstoneOf(`${peer.base}/events/1`, { "sel:supersededBy": { "@id": ours.event } }), { gone: true }),
    { deleted: 1 },
  ),
  harmless("says that another node's place has taken the place of its own", (peer, { other }) => {
    const place = `${peer.base}/places/hall`;
    tellDocument(peer, tombstoneOf(place, { "@type": "Place", "sel:supersededBy": { "@id": other.place } }), { gone: true, kind: "place" });
    tellEvent(peer, 9);
  }),
  harmless("holds its event in our place", (peer, { ours }) =>
    tellEvent(peer, 8, { location: { "@id": ours.place, "@type": "Place", name: "Hijacked" } }),
  ),
  harmless("holds its event in another node's place", (peer, { other }) =>
    tellEvent(peer, 8, {
      location: { "@id": other.place, "@type": "Place", name: "Hijacked", geo: { "@type": "GeoCoordinates", latitude: 0, longitude: 0 } },
    }),
  ),
  harmless("has us organize and perform", (peer, { ours }) =>
    tellEvent(peer, 8, {
      organizer: { "@id": ours.organization, "@type": "Organization", name: "Hijacked", url: "https://evil.example" },
      performer: [{ "@id": ours.person, "@type": "Person", name: "Hijacked" }],
    }),
  ),
  harmless("describes our place again by its name alone", (peer) =>
    tellEvent(peer, 8, {
      location: {
        "@type": "Place",
        name: "The Rex",
        url: "https://evil.example/the-rex",
        address: {
          "@type": "PostalAddress",
          streetAddress: "194 Queen St W",
          addressLocality: "Toronto",
          addressCountry: "CA",
          postalCode: "EVIL",
        },
      },
      organizer: { "@type": "Organization", name: "The Rex Hotel", url: "https://evil.example" },
    }),
  ),
  harmless("says that its place is the same as ours", (peer, { ours, other }) => {
    const place = { "@id": `${peer.base}/places/hall`, "@type": "MusicVenue", name: "The Rex", sameAs: [ours.place, other.place] };
    tellDocument(peer, place, { kind: "place" });
  }),
  harmless("says that its event is the same as ours, and copies it", (peer, { ours }) =>
    tellEvent(peer, 8, {
      name: "Free Jazz at the Rex",
      sameAs: [ours.event],
      identifier: ours.event,
      url: ours.event,
      startDate: "2026-05-08T21:00:00-04:00",
      endDate: "2026-05-08T23:30:00-04:00",
    }),
  ),
  harmless("says that its event is a part of ours", (peer, { ours }) =>
    tellEvent(peer, 8, {
      superEvent: { "@id": ours.event, "@type": "Event", name: "Hijacked" },
      subEvent: [{ "@id": `${ours.event}/occurrences/1`, "@type": "Event", name: "Hijacked", startDate: "2026-05-08T22:00:00-04:00" }],
    }),
  ),
  harmless("says that it continues our event", (peer, { ours }) =>
    tellEvent(peer, 8, { "sel:continues": { "@id": ours.event }, "sel:supersededBy": { "@id": ours.event } }),
  ),
  harmless("says that another node's event and ours are the halves of its own", (peer, { ours, other }) =>
    tellEvent(peer, 8, { "sel:continues": { "@id": other.event }, "sel:continuedBy": ours.event }),
  ),
  harmless("says that our node is its origin", (peer, { here, ours }) => {
    tellEvent(peer, 8, {
      "sel:originNode": { "@id": here },
      "sel:lifecycleState": "deleted",
      "prov:wasDerivedFrom": [{ "@id": ours.event }],
    });
    alterLast(peer, (item) => void (item["federation_uri"] = ours.event));
  }),
];
