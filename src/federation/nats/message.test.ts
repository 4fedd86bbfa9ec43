import { describe, expect, test } from "vitest";
import type { RelayedChange } from "../../db/stream-relays.ts";
import { itemText } from "../../feed/item.ts";
import { redactItem } from "../../feed/redact.ts";
import { HEADER, markOf, messageOf } from "./message.ts";
import { addressOf, covers } from "./stream.ts";

const frame = { node: "https://node.example", prefix: "calends", head: { epoch: "01E", redactions: 2 } };

function change(action: RelayedChange["action"], document: object, shownBefore: string | null = null): RelayedChange {
  const at = "2026-05-01T12:00:00.000Z";
  const facts = {
    action,
    changedAt: at,
    receivedAt: at,
    sourceAt: at,
    kind: "event",
    licenseStatus: "cc0",
    position: 7,
    uri: "https://node.example/events/1",
    version: 1,
  } as const;
  const { text: item, hash } = itemText(facts, JSON.stringify(document), "");
  return { position: 7, kind: "event", action, hash, item, shownBefore };
}

const music = { description: "Words", name: "Concert", "sel:eventDomain": "music" };

describe("a change as a message", () => {
  test("bears where it stands, and reads back as that", () => {
    const created = change("create", music);
    const { subject, id, headers, body } = messageOf(created, frame);
    expect([subject, id, body]).toEqual(["calends.event.music.create", "01E:7", created.item]);
    expect(markOf((name) => headers[name])).toEqual({
      node: frame.node,
      epoch: "01E",
      position: 7,
      hash: created.hash,
      redactions: 2,
      redacted: false,
    });
  });

  test("of a delete goes where the event was shown last", () => {
    expect(messageOf(change("delete", { "sel:tombstone": true }, change("create", music).item), frame).subject).toBe(
      "calends.event.music.delete",
    );
    expect(messageOf(change("delete", { "sel:tombstone": true }), frame).subject).toBe("calends.event.-.delete");
  });

  test("never makes a subject of what a peer calls a domain", () => {
    for (const domain of ["music.>", "a b", "*", "", 7, ["music"]])
      expect(messageOf(change("create", { "sel:eventDomain": domain }), frame).subject).toBe("calends.event.-.create");
  });

  test("of a redacted item is another message than the one that was erased", () => {
    const created = change("create", music);
    const message = messageOf({ ...created, item: redactItem(created.item) }, frame);
    expect([message.id, message.headers[HEADER.redacted], message.body.includes("Words")]).toEqual(["01E:7:redacted", "true", false]);
  });

  test("that no relay wrote has no mark", () => {
    expect(markOf(() => undefined)).toBeUndefined();
    expect(markOf((name) => (name === HEADER.position ? "many" : "x"))).toBeUndefined();
  });
});

test("whether a stream takes all our subjects", () => {
  for (const pattern of ["calends.>", ">", "*.>", "calends.*.*.*", "calends.*.>"])
    expect([pattern, covers(pattern, "calends")]).toEqual([pattern, true]);
  for (const pattern of ["calends", "calends.*", "calends.event.>", "other.>", "calends.*.*.*.*"])
    expect([pattern, covers(pattern, "calends")]).toEqual([pattern, false]);
  expect([covers("city.events.>", "city.events"), covers("city.>", "city.events"), covers("city.*.*.*", "city.events")]).toEqual([
    true,
    true,
    false,
  ]);
});

test("where the broker is, and who we are to it", () => {
  expect(addressOf("nats://broker.example")).toEqual({ servers: ["broker.example:4222"] });
  expect(addressOf("tls://us%40er:p%3Ass@a.example:4443, tls://b.example")).toEqual({
    servers: ["a.example:4443", "b.example:4222"],
    user: "us@er",
    pass: "p:ss",
    tls: {},
  });
  expect(addressOf("nats://token@broker.example:4222")).toEqual({ servers: ["broker.example:4222"], token: "token" });
});
