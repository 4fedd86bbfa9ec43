/**
 * Decides, once a run, which database the suites use, says so, and tells the tests by `inject("database")`:
 * the server of DATABASE_URL; else a container, where Docker answers; else the embedded database.
 */
import pg from "pg";
import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";
import type { TestProject } from "vitest/node";

export type ChosenDatabase = { kind: "server"; url: string } | { kind: "embedded" };

declare module "vitest" {
  export interface ProvidedContext {
    database: ChosenDatabase;
  }
}

const PASSWORD = "calends";

export default async function chooseDatabase(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const tell = (database: ChosenDatabase, description: string) => {
    project.provide("database", database);
    console.log(`Database of these tests: ${description}`);
  };
  const url = process.env["DATABASE_URL"];
  if (url) {
    tell({ kind: "server", url }, `${await versionOf(url)} at DATABASE_URL`);
    return undefined;
  }
  if (!(await dockerAnswers())) {
    tell({ kind: "embedded" }, "embedded (no DATABASE_URL is set and no Docker answers)");
    return undefined;
  }
  const image = await GenericContainer.fromDockerfile("docker", "postgres.Dockerfile").build("calends-postgres", { deleteOnExit: false });
  const container = await image
    .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
    .withCommand(["postgres", "-c", "max_connections=200"])
    .withExposedPorts(5432)
    // The image starts the server twice: once for its own set-up, then for good.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  const at = `postgres://postgres:${PASSWORD}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  tell({ kind: "server", url: at }, `${await versionOf(at)} in a container`);
  return async () => void (await container.stop());
}

/** "PostgreSQL 17.6"; rejects with what to do when the server does not answer. */
async function versionOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return `PostgreSQL ${rows[0]?.server_version}`;
  } catch (cause) {
    throw new Error("The server of DATABASE_URL does not answer: start it, or unset DATABASE_URL to test on the embedded database.", {
      cause,
    });
  } finally {
    await client.end();
  }
}

async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch (error) {
    // testcontainers has no class for "there is none".
    if (error instanceof Error && error.message.includes("container runtime")) return false;
    throw error;
  }
}
