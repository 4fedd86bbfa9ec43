/** The same rule has the same instants wherever the node runs: another zone or locale of the host changes nothing. */
import { describe, expect, test } from "vitest";
import { HOSTS, runUnder } from "../differential/hosts.ts";

const everywhere = (words: readonly string[] = []) => Promise.all(HOSTS.map((host) => runUnder(host, "expansion-hash.ts", words)));

describe("rules expanded under hosts of several zones and locales", () => {
  test("have the same instances on each", async () => {
    expect(new Set(await everywhere())).toHaveLength(1);
  });

  test("(control) an expansion that computes with the host's zone is told by its other instants", async () => {
    expect(new Set(await everywhere(["--local-dates"]))).toHaveLength(HOSTS.length);
  });
});
