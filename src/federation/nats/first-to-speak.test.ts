import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { firstToSpeak } from "./first-to-speak.ts";
import { openStream } from "./stream.ts";

/** A server that says this to whoever connects; `server` is "127.0.0.1:PORT". */
async function listening(says: string): Promise<{ server: string; connected: Promise<Socket> }> {
  const door = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined).resume();
    socket.write(says);
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  onTestFinished(() => void door.close());
  return {
    server: `127.0.0.1:${(door.address() as AddressInfo).port}`,
    connected: once(door, "connection").then(([socket]) => socket as Socket),
  };
}

test("of a cluster, the one that speaks is taken, and not the one that only accepts", async () => {
  const [mute, broker] = [await listening(""), await listening('INFO {"server_id":"a"}\r\n')];
  expect(await firstToSpeak([mute.server, broker.server], { timeout: 30_000 })).toBe(broker.server);
});

test.each([
  ["accepts connections but says nothing", "", 1_000, "it does not speak"],
  ["speaks something else", "HTTP/1.1 400 Bad Request\r\n\r\n", 30_000, "it is no broker of NATS"],
])("what %s is no broker, and no socket to it stays open", async (_what, says, timeout, why) => {
  const { server, connected } = await listening(says);
  await Promise.all([
    expect(firstToSpeak([server], { timeout })).rejects.toThrow(`${server}: ${why}`),
    connected.then((socket) => once(socket, "close")),
  ]);
});

test("a stop does not wait for a broker that says nothing, and leaves no socket", async () => {
  const { server, connected } = await listening("");
  const stopping = new AbortController();
  const names = { stream: "CALENDS", prefix: "calends", node: "https://node.example", name: "test", settle: () => Promise.resolve() };
  const opening = openStream({ url: `nats://${server}`, ...names, signal: stopping.signal });
  const closed = once(await connected, "close");
  stopping.abort(new Error("stopped"));
  await expect(opening).rejects.toThrow("stopped");
  await closed;
});
