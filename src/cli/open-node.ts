/** A node for the length of one command: its database and rules, but no server, workers or sequencer. */
import { parseConfig, parseSecrets, type NodeConfig } from "../config.ts";
import type { Caller } from "../registry/context.ts";
import { createNode, type CalendsNode } from "../node.ts";
import type { Cli } from "./command.ts";

/** `await using node = await openNode(cli)`. Says only what went wrong, unless LOG_LEVEL asks for more. */
export function openNode(cli: Cli): Promise<CalendsNode> {
  const config = parseConfig(cli.env);
  const quiet: NodeConfig = { ...config, roles: new Set(), logLevel: cli.env["LOG_LEVEL"] ? config.logLevel : "error" };
  return createNode(quiet, { secrets: parseSecrets(cli.env), clock: cli.clock, ...(cli.database && { database: cli.database }) });
}

/** Who acts when a command is run: may do all, and stands by name in the audit log. */
export const operator = (cli: Cli): Caller => ({ actor: `cli:${cli.user}`, role: "admin" });
