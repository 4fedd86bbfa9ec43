/** Opens whichever database the configuration names, brought to the newest schema. */
import { openEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import { openServer, type ServerOptions } from "./server.ts";
import type { Database } from "./database.ts";

export type DatabaseLocation = ({ url: string } & Omit<ServerOptions, "url">) | { folder: string } | { memory: true };

/** `{ url: "postgres://…" }`, `{ folder: "./data" }` or, for tests, `{ memory: true }`; `clean` is false after a crash of the embedded one. */
export async function openDatabase(at: DatabaseLocation): Promise<{ database: Database; clean: boolean }> {
  if ("url" in at) return migrated(openServer(at), true);
  const embedded = await openEmbedded("folder" in at ? at.folder : undefined);
  return migrated(embedded, embedded.wasClosedCleanly);
}

async function migrated(database: Database, clean: boolean) {
  try {
    await migrate(database);
    return { database, clean };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
