/** `calends COMMAND …`: finds the command, runs it, and turns what goes wrong into one line that says what to do next. */
import { helpOf, parseArguments, table, UsageError, type Cli, type Command } from "./command.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { explain } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { keyCommands } from "./key.ts";
import { migrateCommand } from "./migrate.ts";
import { peerCommands } from "./peer.ts";
import { reindexCommand } from "./reindex.ts";
import { serveCommand } from "./serve.ts";
import { sourceCommands } from "./source.ts";
import { takedownCommand } from "./takedown.ts";

export const COMMANDS: readonly Command[] = [
  serveCommand,
  demoCommand,
  migrateCommand,
  importCommand,
  exportCommand,
  ...sourceCommands,
  ...peerCommands,
  ...keyCommands,
  takedownCommand,
  reindexCommand,
  doctorCommand,
];

const HELP = ["--help", "-h"];

/** Runs one command; resolves with the exit code: 0, 1 when it failed, 2 when the command line was wrong. Never rejects. */
export async function runCli(words: readonly string[], cli: Cli): Promise<number> {
  try {
    const [first = "help"] = words;
    if (["help", ...HELP].includes(first)) {
      cli.stdout.write(overview());
      return words.length === 0 ? 2 : 0;
    }
    const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
    if (group.length > 0 && HELP.includes(words[1] ?? "")) {
      cli.stdout.write(groupHelp(first, group));
      return 0;
    }
    const command = findCommand(words);
    const { help, ...given } = parseArguments(command, words.slice(command.name.split(" ").length));
    if (help) {
      cli.stdout.write(helpOf(command));
      return 0;
    }
    return await command.run(cli, given);
  } catch (error) {
    cli.stderr.write(`calends: ${explain(error)}\n`);
    if (cli.env["LOG_LEVEL"] === "debug" || cli.env["LOG_LEVEL"] === "trace")
      cli.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function findCommand(words: readonly string[]): Command {
  const [first, second] = words;
  const found = COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
  if (found !== undefined) return found;
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name.slice(first!.length + 1));
  if (group.length === 0) throw new UsageError(`"${first}" is no command of calends. See "calends --help".`);
  throw new UsageError(
    `calends ${first} needs one of ${group.join(", ")}${second === undefined ? "" : `, not "${second}"`}. See "calends ${first} --help".`,
  );
}

const listed = (commands: readonly Command[]): string => table(commands.map(({ name, summary }) => [name, summary] as const));

/** The text of `calends peer --help`. */
const groupHelp = (group: string, commands: readonly Command[]): string =>
  `calends ${group}: one of these (each has --help)\n\n${listed(commands)}\n`;

function overview(): string {
  return `calends: a federated registry of cultural events\n\nCommands (each has --help)\n${listed(COMMANDS)}\n\nSettings come from the environment: PORT, NODE_URL, DATA_DIR, DATABASE_URL … (docs/operations.md lists them).\n`;
}
