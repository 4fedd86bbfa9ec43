/** Locks between processes, by a file: the operating system's own (SQLite's), which die with the process, so that no stale one is ever left. */
import { DatabaseSync } from "node:sqlite";

/** Holds the file (made when it is missing) until it is disposed of; undefined when another holds it, in this process or in any other. */
export function lockFile(path: string): Disposable | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("pragma locking_mode = exclusive; begin exclusive");
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/** SQLITE_BUSY. */
const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5;
