/** Feeds that break their proofs, run in circles, or never end. The three good events are read; what comes next is not to be had. */
import type { Alarm } from "../../src/domain/peer.ts";
import { encodeCursor } from "../../src/feed/cursor.ts";
import { drip, feedAnswers, pour, rawPage, respond, SHORT, SMALL, tellEvent, type HostilePeer } from "./hostile-tools.ts";
import { FEED, json, type ScriptedPeer } from "./scripted-peer.ts";

type Page = Record<string, any>;

/** Two more good events are told; then `turns` spoils what is told of them. */
const stopped = (
  name: string,
  alarm: Alarm,
  detail: RegExp,
  turns: (peer: ScriptedPeer) => void,
  more: Partial<HostilePeer> = {},
): HostilePeer => ({
  name,
  turns(peer) {
    for (const n of [8, 9]) tellEvent(peer, n);
    turns(peer);
  },
  outcome: "alarm",
  alarm,
  detail,
  ...more,
});
const failed = (name: string, detail: RegExp, turns: (peer: ScriptedPeer) => void, more: Partial<HostilePeer> = {}): HostilePeer => ({
  name,
  turns(peer) {
    for (const n of [8, 9]) tellEvent(peer, n);
    turns(peer);
  },
  outcome: "failed",
  detail,
  ...more,
});
const page = (change: (page: Page) => unknown) => (peer: ScriptedPeer) => void (peer.changePage = change);
/** The first new item, after it was proven. */
const item = (change: (item: Record<string, any>) => void) => (peer: ScriptedPeer) => change(peer.items[3]!);
const position = (value: unknown) => item((one) => void (one["sequence_number"] = value));
const cursor = (value: unknown) => page((one) => ({ ...one, next_cursor: value }));
const head = (value: unknown) => page((one) => ({ ...one, head: value }));

export const FEEDS: HostilePeer[] = [
  stopped(
    "changes a document under its digest",
    "digest",
    /position 4: digest/,
    item((one) => Object.assign(one["snapshot"], { name: "Changed" })),
  ),
  stopped(
    "gives a digest of another document",
    "digest",
    /position 4/,
    item((one) => void (one["digest"] = `sha-256:${"ab".repeat(32)}`)),
  ),
  stopped(
    "changes what its hash covers",
    "hash_chain",
    /position 4/,
    item((one) => void (one["version"] = 7)),
  ),
  stopped(
    "turns a change into a deletion",
    "digest",
    /position 4/,
    item((one) => void (one["action"] = "delete")),
  ),
  stopped("puts a tombstone of its own beside the one that is proven", "digest", /position 6: digest covers the tombstone/, (peer) => {
    const { uri } = peer.items[0]!;
    const told = peer.tell({ path: String(uri), gone: true, version: 2 });
    const item = peer.items.at(-1)!;
    item["snapshot"] = item["tombstone"];
    item["tombstone"] = { ...(item["snapshot"] as object), "sel:supersededBy": `${told}/forged` };
  }),
  stopped(
    "breaks the chain in the middle of a page",
    "hash_chain",
    /position 5/,
    (peer) => void (peer.items[4]!["hash"] = "ab".repeat(32)),
  ),
  stopped(
    "has a hash that is none",
    "hash_chain",
    /is none/,
    item((one) => void (one["hash"] = "../../etc/passwd")),
  ),
  stopped(
    "leaves the hash out",
    "downgraded",
    /no hash/,
    item((one) => void delete one["hash"]),
  ),
  stopped(
    "leaves the digest out",
    "downgraded",
    /no digest/,
    item((one) => void delete one["digest"]),
  ),
  stopped("calls a document redacted to change it", "hash_chain", /position 5/, (peer) => {
    Object.assign(peer.items[3]!, { redacted: true });
    peer.items[4]!["hash"] = "cd".repeat(32);
  }),
  stopped("writes its history anew", "hash_chain", /position 4/, (peer) => {
    peer.items.splice(0);
    for (const n of [21, 22, 23, 24, 25]) tellEvent(peer, n);
  }),
  stopped("skips a position", "positions", /4 was expected, it gives 5/, (peer) => void peer.items.splice(3, 1)),
  stopped("repeats a position", "positions", /4 was expected, it gives 3/, (peer) => void peer.items.splice(3, 0, peer.items[2]!)),
  stopped("begins again at the beginning, whatever it is asked for", "positions", /it gives 1/, (peer) =>
    page((one) => ({ ...one, changes: peer.items }))(peer),
  ),
  stopped("turns a page around", "positions", /it gives 5/, (peer) => void peer.items.push(...peer.items.splice(3).toReversed())),
  stopped("has a position that is a text", "positions", /the number 4 was expected as a position, it gives "4"/, position("4")),
  stopped("has a position below nothing", "positions", /it gives -4/, position(-4)),
  stopped("has half a position", "positions", /it gives 4\.5/, position(4.5)),
  stopped("has a position beyond what a number holds", "positions", /it gives 9007199254740992/, position(2 ** 53)),
  stopped("has a list for a position", "positions", /4 was expected/, position([4])),
  stopped("has a position that no computer holds", "positions", /it gives Infinity/, (peer) =>
    peer.answer(
      FEED,
      rawPage(peer, (text) => text.replace('"sequence_number":4', '"sequence_number":1e400')),
    ),
  ),
  stopped(
    "has items that are none",
    "positions",
    /it gives no item/,
    page((one) => ({ ...one, changes: [null, "item", 7] })),
  ),
  stopped(
    "has lists for items",
    "positions",
    /4 was expected/,
    page((one) => ({ ...one, changes: [[], []] })),
  ),
  stopped(
    "gives more than it is asked for",
    "unreadable",
    /500 were asked for/,
    page((one) => ({ ...one, changes: Array(501).fill({}) })),
  ),
  stopped(
    "gives a cursor that leads back to itself",
    "positions",
    /leads back/,
    page((one) => ({ ...one, next_cursor: one["cursor"] })),
  ),
  stopped(
    "gives a cursor that leads to the beginning",
    "positions",
    /6 was expected, it gives 1/,
    (peer) => page((one) => ({ ...one, next_cursor: encodeCursor({ epoch: peer.epoch, position: 0 }), head: 9 }))(peer),
    { partly: true },
  ),
  stopped("gives a cursor of a megabyte", "unreadable", /next_cursor/, cursor("x".repeat(1024 ** 2))),
  stopped("gives a cursor with a line break in it", "unreadable", /next_cursor/, cursor("a\r\nX-Evil: 1")),
  stopped("gives a cursor that is an object", "unreadable", /next_cursor/, cursor({ toString: "x" })),
  stopped("gives an empty cursor", "unreadable", /next_cursor/, cursor("")),
  stopped("gives no cursor", "unreadable", /next_cursor/, cursor(undefined)),
  stopped("has a head that lies behind what it gives", "positions", /says its head is 1/, head(1)),
  stopped("has a head below nothing", "unreadable", /head/, head(-1)),
  stopped("has a head beyond what a number holds", "unreadable", /head/, head(2 ** 60)),
  stopped(
    "gives another epoch, as if nothing had happened",
    "positions",
    /its epoch was/,
    page((one) => ({ ...one, epoch: "01K00000000000000000000000" })),
  ),
  stopped(
    "gives an epoch that is a path",
    "unreadable",
    /epoch/,
    page((one) => ({ ...one, epoch: "../../admin" })),
  ),
  stopped(
    "gives a page that is a list",
    "unreadable",
    /no JSON object/,
    page(() => []),
  ),
  stopped(
    "gives a page without changes",
    "unreadable",
    /changes/,
    page((one) => ({ ...one, changes: null })),
  ),
  stopped("nests a page beyond all depth", "unreadable", /nested/, feedAnswers(respond(200, "[".repeat(1_000_000)))),
  stopped(
    "gives a page of a million values",
    "unreadable",
    /too large/,
    feedAnswers(respond(200, `{"changes":[${"0,".repeat(1_000_000)}0]}`)),
  ),
  stopped("refuses the cursor that it gave", "cursor_refused", /cursor_beyond_head/, (peer) => void peer.items.splice(1)),
  stopped(
    "refuses every cursor with a page of HTML",
    "cursor_refused",
    /refuses its own cursor/,
    feedAnswers(respond(400, "<html>Bad".repeat(1_000))),
  ),
  failed(
    "gives empty pages without an end",
    /without an end/,
    page((one) => ({ ...one, changes: [], next_cursor: `${one["next_cursor"]}x`, head: 99 })),
  ),
  failed(
    "gives empty pages below a head that flees",
    /without an end/,
    page((one) => ({ ...one, changes: [], head: 2 ** 52 })),
  ),
  failed("is gone for ever", /again and again/, feedAnswers(json(410, { code: "wrong_epoch" })), { partly: true }),
  failed(
    "is gone, and names an epoch that it does not have",
    /again and again/,
    (peer) =>
      peer.answer(FEED, (request, response) =>
        new URL(request.url!, peer.base).searchParams.has("since")
          ? json(410, { epoch: "01WRONG" })(request, response)
          : json(410, { epoch: `01K${String(peer.heard.length).padStart(6, "0")}` })(request, response),
      ),
    { partly: true },
  ),
  failed("has no time for us before the next century", /answered 429/, feedAnswers(json(429, {}, { "retry-after": "1000000000" }))),
  failed(
    "has no time for us until a date that is none",
    /answered 503/,
    feedAnswers(json(503, {}, { "retry-after": "Mon, 99 Foo 99999" })),
  ),
  failed("says that nothing has changed", /answered 304/, feedAnswers(respond(304))),
  failed("says nothing, and that well", /answered 204/, feedAnswers(respond(204))),
  failed("gives a part of a page", /answered 206/, feedAnswers(respond(206, "{}"))),
  failed("is a teapot", /answered 418/, feedAnswers(respond(418, "x".repeat(500_000)))),
  failed(
    "fails with a page of escape codes",
    /answered 404: (?!.*[\u001b\n])/,
    feedAnswers(respond(404, "\u001b[2J\u001b]0;owned\u0007\nline")),
  ),
  stopped("pours out a gigabyte", "unreadable", /too large/, feedAnswers(pour(Buffer.alloc(64 * 1024, " "))), { limits: SMALL }),
  stopped("promises a gigabyte", "unreadable", /too large/, feedAnswers(respond(200, "{}", { "content-length": String(1024 ** 3) })), {
    limits: SMALL,
  }),
  stopped(
    "pours out one text without an end",
    "unreadable",
    /too large/,
    feedAnswers(pour(Buffer.alloc(64 * 1024, "x"), { begin: '{"changes":["' })),
    {
      limits: SMALL,
    },
  ),
  failed(
    "drips its page",
    /no complete answer within 0\.3 s/,
    feedAnswers((_request, response) => drip(response, " ")),
    { limits: SHORT },
  ),
  failed(
    "never answers",
    /no complete answer within 0\.3 s/,
    feedAnswers(() => undefined),
    { limits: SHORT },
  ),
];
