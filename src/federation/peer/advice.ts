/** What a person does about each alarm: shown beside it on the admin page and by `calends peer show`; docs/operations.md says more. */
import type { Alarm } from "../../domain/peer.ts";

export const ALARM_ADVICE = {
  identity:
    "Ask its operator. If the node has moved for good, remove this peer and add the new address; if not, resume it when the right node answers again.",
  hash_chain:
    "Its history was rewritten, or damaged on the way. Ask its operator what happened; then resync, which makes a new copy and drops what that lacks.",
  digest:
    "A document was altered after it was numbered, or on the way (a proxy, a cache). Resume reads the same page again; if it fails again, ask its operator, then resync.",
  positions: "Items are missing or out of order. Resume reads the same page again; if it fails again, ask its operator, then resync.",
  cursor_refused: "Its feed was probably reset without a new epoch. Resync makes a new copy and drops what that lacks.",
  snapshot:
    "Its snapshot file was damaged twice in a row. Resume tries once more; or have it copied by its closed pages (calends peer set URL --bootstrap pages; on /admin/peers: Change it, First copy), then resync.",
  unreadable: "Look at what its feed answers (its address may serve something else). Resume when it is a feed again.",
  downgraded:
    "It runs other software now, or somebody stands between. Ask its operator; if that is meant, remove the peer and add it anew without proofs.",
} as const satisfies Record<Alarm, string>;
