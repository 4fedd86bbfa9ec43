/** One pace for each host, over all processes, and what its robots.txt said: the part of a visit that is kept. */
import { holdHost, readStoredRobots, storeRobots, takeHostTurn, type StoredRobots } from "../db/harvest-hosts.ts";
import type { Registry } from "./context.ts";

export type { StoredRobots } from "../db/harvest-hosts.ts";

/** Takes the next turn to ask this host ("calendar.example:8443"), or says when it comes. */
export function takeTurn(registry: Registry, host: string, pauseMs: number): Promise<{ waitUntil: Date | undefined }> {
  return registry.database.transact((tx) => takeHostTurn(tx, host, pauseMs, registry.clock()));
}

/** The host has asked to be left alone until then. */
export function leaveAlone(registry: Registry, host: string, until: Date): Promise<void> {
  return registry.database.transact((tx) => holdHost(tx, host, until, registry.clock()));
}

export function keptRobots(registry: Registry, host: string): Promise<StoredRobots | undefined> {
  return registry.database.read((on) => readStoredRobots(on, host));
}

/** `pauseSeconds` between two requests is what it asks for. */
export function keepRobots(registry: Registry, host: string, robots: StoredRobots, pauseSeconds: number): Promise<void> {
  return registry.database.transact((tx) => storeRobots(tx, host, robots, pauseSeconds, registry.clock()));
}
