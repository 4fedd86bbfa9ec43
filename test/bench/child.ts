/** Work in a process of its own: a module of this folder that serves calls over the IPC channel. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child extends AsyncDisposable {
  /** Calls the child's function of that name. */
  call<T>(name: string, argument?: unknown): Promise<T>;
}

type Answer = { id: number; value?: unknown; error?: string };

/** `startChild("load.ts")`: forks a sibling of this file. */
export function startChild(file: string): Child {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: "advanced" });
  const waiting = new Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>();
  let last = 0;
  child.on("message", ({ id, value, error }: Answer) => {
    const call = waiting.get(id)!;
    waiting.delete(id);
    if (error === undefined) call.resolve(value);
    else call.reject(new Error(`${file}: ${error}`));
  });
  child.on("exit", (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${file} ended (${code ?? signal}) before it answered.`));
  });
  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        child.send({ id, name, argument });
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In the child: answers calls by these functions, and ends by itself when its parent lets go and they left nothing open. */
export function serveCalls(functions: Record<string, (argument: any) => Promise<unknown>>): void {
  process.on("message", ({ id, name, argument }: { id: number; name: string; argument: unknown }) => {
    const work = async () => functions[name]!(argument);
    work().then(
      (value) => process.send!({ id, value } satisfies Answer),
      (error: unknown) =>
        process.send!({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer),
    );
  });
  process.on("disconnect", () => process.exit());
}
