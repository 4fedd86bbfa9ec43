import { describe, expect, test } from "vitest";
import { createAllowList, whyRefused } from "./addresses.ts";

describe("the public internet may be dialled", () => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:831::200e",
    "2400:cb00:2048:1::c629:d7a2",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ])("%s", (address) => {
    expect(whyRefused(address)).toBeUndefined();
  });
});

describe("nothing else may", () => {
  test.each([
    ["0.0.0.0", "unspecified"],
    ["0.255.255.255", "unspecified"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["10.0.0.0", "private"],
    ["10.255.255.255", "private"],
    ["172.16.0.0", "private"],
    ["172.31.255.255", "private"],
    ["192.168.0.1", "private"],
    ["169.254.169.254", "link-local (cloud metadata lives there)"],
    ["100.64.0.0", "shared by carriers (CGNAT)"],
    ["100.100.100.200", "shared by carriers (CGNAT)"],
    ["100.127.255.255", "shared by carriers (CGNAT)"],
    ["168.63.129.16", "cloud metadata"],
    ["192.0.0.192", "reserved for protocols"],
    ["192.0.2.1", "for documentation"],
    ["198.18.0.1", "for benchmarks"],
    ["224.0.0.251", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "reserved"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["fe80::1", "link-local"],
    ["fe80::1%eth0", "link-local"],
    ["febf::1", "link-local"],
    ["fec0::1", "not of the public internet"],
    ["fc00::1", "private (unique local)"],
    ["fd00:ec2::254", "private (unique local)"],
    ["fd20:ce::254", "private (unique local)"],
    ["ff02::1", "multicast"],
    ["2001:db8::1", "for documentation"],
    ["3fff::1", "for documentation"],
    ["2001::7f00:1", "reserved for protocols"],
    ["2002:7f00:1::", "reserved for protocols"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["0:0:0:0:0:ffff:a9fe:a9fe", "link-local (cloud metadata lives there)"],
    ["::FFFF:10.1.2.3", "private"],
    ["64:ff9b::7f00:1", "loopback"],
    ["64:ff9b::169.254.169.254", "link-local (cloud metadata lives there)"],
    ["64:ff9b:1::808:808", "not of the public internet"],
    ["::127.0.0.1", "not of the public internet"],
    ["::ffff:0:127.0.0.1", "not of the public internet"],
    ["4000::1", "not of the public internet"],
    ["localhost", "no address"],
    ["0x7f000001", "no address"],
    ["127.1", "no address"],
    ["", "no address"],
  ])("%s: %s", (address, why) => {
    expect(whyRefused(address)).toBe(why);
  });
});

describe("an allow-list", () => {
  const list = createAllowList(["intranet.example:443", "LocalHost:8080", "[::1]:9", "10.1.0.0/16", "fd00::/8", "127.0.0.2"]);

  test.each([
    ["intranet.example", 443, true],
    ["intranet.example.", 443, true],
    ["intranet.example", 80, false],
    ["other.example", 443, false],
    ["localhost", 8080, true],
    ["[::1]", 9, true],
    ["[::1]", 90, false],
  ])("admits the host %s at port %i: %s", (host, port, admitted) => {
    expect(list.admitsHost(host, port)).toBe(admitted);
  });

  test.each([
    ["10.1.255.255", true],
    ["::ffff:10.1.0.1", true],
    ["10.2.0.0", false],
    ["127.0.0.2", true],
    ["127.0.0.1", false],
    ["127.0.0.3", false],
    ["fdab::1", true],
    ["fe80::1", false],
    ["intranet.example", false],
  ])("admits the address %s: %s", (address, admitted) => {
    expect(list.admitsAddress(address)).toBe(admitted);
  });

  test.each([
    "intranet.example",
    "10.0.0.0/33",
    "fd00::/129",
    "http://a.example:80",
    "a.example:0",
    "a.example:70000",
    "a b:80",
    "",
    "10.0.0/8",
  ])("refuses the entry %j", (entry) => {
    expect(() => createAllowList([entry])).toThrow("no entry of an allow-list");
  });
});
