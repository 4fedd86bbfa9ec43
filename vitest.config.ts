/** The suites. `npm test` runs unit, integration and property; `npm run test:server` again what asks a database; `npm run test:postgres` and `npm run test:e2e` the others. */
import { defineConfig } from "vitest/config";
import { withoutDatabase } from "./scripts/database-tests.ts";

/** What every suite shares; a test without an assertion fails. */
const SHARED = {
  environment: "node",
  expect: { requireAssertions: true },
  // To open an embedded database takes seconds, and on a machine with other work several times that.
  testTimeout: 120_000,
  // The first in a fresh checkout migrates an embedded database for all.
  hookTimeout: 300_000,
  restoreMocks: true,
  unstubEnvs: true,
} as const;

/** The files of one worker share its modules and, above all, its databases: to open an embedded one takes seconds. Nothing of ours keeps state in a module. */
const SHARING = { isolate: false } as const;

/** In mode "server", which follows a run on the embedded database, only what asks a database is asked again. */
const leftOut = (mode: string): string[] =>
  mode === "server" ? withoutDatabase("test/{integration,property}/**/*.test.ts", import.meta.dirname) : [];

/** Files of this suite run one after the other: they put a whole server under load, and look at what it does then. */
const SERIAL = { fileParallelism: false, maxWorkers: 1 } as const;

export default defineConfig(({ mode }) => ({
  test: {
    // Every core, not all but one as is vitest's own choice: on a machine of two that would be half of it.
    maxWorkers: "100%",
    // Here and not in the projects, so that it runs once.
    globalSetup: ["test/support/global-setup.ts"],
    teardownTimeout: 10_000,
    projects: [
      { test: { ...SHARED, ...SHARING, name: "unit", include: ["src/**/*.test.ts", "scripts/**/*.test.ts"] } },
      { test: { ...SHARED, ...SHARING, name: "integration", include: ["test/integration/**/*.test.ts"], exclude: leftOut(mode) } },
      {
        test: {
          ...SHARED,
          ...SHARING,
          name: "property",
          include: ["test/property/**/*.test.ts"],
          exclude: leftOut(mode),
          testTimeout: 300_000,
        },
      },
      { test: { ...SHARED, ...SERIAL, name: "postgres", include: ["test/postgres/**/*.test.ts"], testTimeout: 600_000 } },
      { test: { ...SHARED, name: "e2e", include: ["test/e2e/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 } },
    ],
  },
}));
