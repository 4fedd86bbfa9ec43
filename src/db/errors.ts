/** The only module that knows SQLSTATEs (PostgreSQL documentation, appendix A). */
import { RegistryError } from "../domain/errors.ts";

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK_DETECTED = "40P01";
const QUERY_CANCELED = "57014";
const CONNECTION_CLASSES = ["08", "57P"];
const CONNECTION_MESSAGES =
  /Connection terminated|is not queryable|ECONNREFUSED|ECONNRESET|timeout exceeded when trying to connect|the database system is/i;

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** True when running the same transaction again may well succeed. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED;
}

/** True when the server went away or is not up yet: nothing is known of what was asked last. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined && CONNECTION_CLASSES.some((prefix) => state.startsWith(prefix))) return true;
  return (
    error instanceof Error && (CONNECTION_MESSAGES.test(error.message) || ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(state ?? ""))
  );
}

/** A database error in the registry's words; anything else comes back as it is. */
export function translate(error: unknown): unknown {
  if (error instanceof RegistryError) return error;
  if (isConnectionLost(error))
    return new RegistryError("unavailable", { detail: "The database cannot be reached; try again in a moment.", cause: error });
  if (sqlState(error) === QUERY_CANCELED)
    return new RegistryError("unavailable", { detail: "The query took too long and was stopped.", cause: error });
  return error;
}
