/** Compiles documents against schema-dts, the vocabulary's own TypeScript types. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { JsonLdValue } from "../../src/jsonld/encode.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** The members that schema-dts speaks of. Its nodes have one type: of ["EventSeries", "MusicEvent"] the kind of event. */
function schemaOrgOnly(value: JsonLdValue): JsonLdValue {
  if (Array.isArray(value)) return value.map(schemaOrgOnly);
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "@context" && !key.includes(":"))
      .map(([key, inner]) => [key, key === "@type" && Array.isArray(inner) ? inner.at(-1)! : schemaOrgOnly(inner)]),
  );
}

/** What tsc says of documents, each as a constant of its schema-dts type; "" when it says nothing. */
export async function compile(documents: { type: string; document: JsonLdValue }[]): Promise<string> {
  // Within the project, so that the types resolve; its name keeps it out of git and of the suites.
  const folder = await mkdtemp(`${ROOT}node_modules/.schema-dts-`);
  try {
    const lines = documents.map(
      ({ type, document }, index) =>
        `const d${index}: WithContext<${type}> = ${JSON.stringify({ "@context": "https://schema.org", ...(schemaOrgOnly(document) as object) })};`,
    );
    await writeFile(
      `${folder}/documents.ts`,
      [
        'import type { Event, Organization, Person, Place, WithContext } from "schema-dts";',
        "type Licensed = Event & { license?: string };",
        ...lines,
        "export {};",
      ].join("\n"),
    );
    const tsc = `${ROOT}node_modules/.bin/tsc`;
    await run(
      tsc,
      [
        "--noEmit",
        "--ignoreConfig",
        "--skipLibCheck",
        "--strict",
        "--target",
        "esnext",
        "--module",
        "nodenext",
        "--types",
        "",
        `${folder}/documents.ts`,
      ],
      { maxBuffer: 64 << 20 },
    );
    return "";
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined || stdout === "") throw error;
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
