/** The base that a node keeps for ever: NODE_URL (or where it listens) at the first start, and the same one after that. */
import type { Database } from "../db/database.ts";
import { keepNodeSettings, readNodeSettings } from "../db/node-settings.ts";

export interface BaseSettings {
  nodeUrl?: string | undefined;
  nodeName: string;
  /** Where it listens; 0 for a process that does not. */
  port: number;
}

/** The base, without a slash at its end; or, as `fault`, which setting contradicts what this database was begun as. */
export async function settleBase(
  database: Database,
  { nodeUrl, nodeName, port }: BaseSettings,
): Promise<{ base: string; fault?: undefined } | { base?: undefined; fault: string }> {
  const kept = await database.read(readNodeSettings);
  if (kept !== undefined && nodeUrl !== undefined && kept.baseUrl !== nodeUrl)
    return {
      fault: `NODE_URL is ${nodeUrl}, but this database was begun as ${kept.baseUrl}, which is part of every @id it gave out. Set NODE_URL to ${kept.baseUrl} (or leave it out), or begin a new database.`,
    };
  if (kept === undefined && nodeUrl === undefined && port === 0)
    return { fault: "PORT is 0 and this process does not listen: set NODE_URL, the public base of every @id." };
  const baseUrl = kept?.baseUrl ?? nodeUrl ?? `http://localhost:${port}`;
  return { base: (await database.transact((tx) => keepNodeSettings(tx, { baseUrl, name: nodeName }))).baseUrl };
}
