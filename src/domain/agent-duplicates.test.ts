/** When two organizations or persons are one. */
import { describe, expect, test } from "vitest";
import { agentKeys, agentProbes, compareAgents, type AgentLikeness } from "./duplicates.ts";

const acme: AgentLikeness = {
  id: "1",
  kind: "organization",
  name: "Acme Arts Inc.",
  url: "https://acme.example",
  sameAs: [],
  localities: ["Toronto"],
};
const jane: AgentLikeness = { id: "1", kind: "person", name: "Jane Archibald", sameAs: [], localities: ["Toronto"] };
const verdict = (one: AgentLikeness, other: Partial<AgentLikeness>) => {
  const { verdict: said, contradictions } = compareAgents(one, { ...one, id: "2", url: undefined!, ...other });
  return [said, ...contradictions];
};

describe("organizations", () => {
  test.each([
    ["name and site", { url: "http://www.acme.example/about" }],
    ["another spelling, one site", { name: "ACME Arts", url: "https://acme.example/fr/" }],
    ["one name in one town", { name: "Acme Arts Ltd" }],
  ])("%s: one", (_, other) => {
    expect(verdict(acme, other)).toEqual(["same"]);
  });
  test.each([
    ["two sites", { url: "https://acme-arts.example" }, ["url"]],
    ["two towns", { localities: ["Ottawa"] }, ["locality"]],
    ["a person of that name", { kind: "person" as const, url: "https://acme.example" }, ["kind"]],
  ])("%s: for a person to say", (_, other, contradictions) => {
    expect(verdict(acme, other)).toEqual(["candidate", ...contradictions]);
  });
  test("a page at a site that everyone uses tells no more than the page", () => {
    const one = { ...acme, url: "https://facebook.com/acme" };
    expect(verdict(one, { url: "https://www.facebook.com/acme/" })[0]).toBe("same");
    expect(verdict(one, { name: "Other Arts", url: "https://facebook.com/other", localities: [] })[0]).toBe("different");
  });
  test("two names are two", () => {
    expect(verdict(acme, { name: "Northern Dance Society" })[0]).toBe("different");
  });
});

test("a name alone never makes two persons one", () => {
  expect(verdict(jane, {})[0]).toBe("candidate");
  expect(verdict(jane, { name: "Archibald, Jane", sameAs: [] })[0]).toBe("candidate");
  const known = { ...jane, sameAs: ["https://isni.org/isni/1"] };
  expect(verdict(known, { name: "Archibald, Jane" })[0]).toBe("same");
});

test("an agent is found by its name, its site and the beginnings of its words", () => {
  const finds = (other: Partial<AgentLikeness>) => !new Set(agentProbes({ ...acme, ...other })).isDisjointFrom(new Set(agentKeys(acme)));
  expect(finds({ name: "Acmee Artss", url: undefined!, localities: [] })).toBe(true);
  expect(finds({ name: "Quite Another", localities: [] })).toBe(true);
  expect(finds({ name: "Quite Another", url: "https://other.example", localities: [] })).toBe(false);
});
