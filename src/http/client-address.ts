/** Who is at the other end, for rates: the socket's address, or what trusted proxies say. */
import { isIPv6 } from "node:net";

/**
 * The client's address as one word to keep a rate by. X-Forwarded-For is read from its end, past as many entries as
 * there are trusted proxies; without any it is not read at all. An IPv6 host owns a /64, so that is what counts.
 * `clientAddress({ socket: "10.0.0.1", forwardedFor: "1.2.3.4, 5.6.7.8", trustedProxies: 1 })` -> "5.6.7.8".
 */
export function clientAddress({
  socket,
  forwardedFor,
  trustedProxies,
}: {
  socket: string | undefined;
  forwardedFor: string | undefined;
  trustedProxies: number;
}): string {
  const claimed = forwardedFor?.split(",").map((part) => part.trim()) ?? [];
  const forwarded = trustedProxies > 0 ? claimed[Math.max(0, claimed.length - trustedProxies)] : undefined;
  return canonical(forwarded !== undefined && forwarded !== "" ? forwarded : (socket ?? "unknown"));
}

function canonical(address: string): string {
  const plain = address.replace(/^\[|\](:\d+)?$/g, "").replace(/%.*$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return plain.slice(0, 64);
  // "2001:db8::1" -> the first four of its eight groups.
  const [head = "", tail] = plain.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
