/** Bodies: counted while they come, so that neither a lie about their length nor a missing one lets in more than the limit. */
import type { IncomingMessage } from "node:http";
import { RegistryError } from "../domain/errors.ts";
import { assertBounded } from "../jsonld/bounds.ts";
import type { HttpContext } from "./parts.ts";

/** How much of a body that is too large is waited for, at most. */
const HEARD_OUT = { bytes: 32 * 1024 * 1024, milliseconds: 2_000 };

export interface Body {
  payload: Buffer;
  mediaType: string;
}

/**
 * Reads the whole body. Throws `unsupported_media_type` (another type, a charset but UTF-8, a Content-Encoding),
 * `too_large` beyond `limit` bytes, `malformed_json` when it is empty or cut off.
 */
export async function readBody(c: HttpContext, { types, limit }: { types: readonly string[]; limit: number }): Promise<Body> {
  const mediaType = assertMediaType(c, types);
  const declared = Number(c.req.header("content-length") ?? 0);
  const { incoming } = c.env;
  if (declared > limit) throw await tooLarge(incoming, limit);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Destroying the stream would take the connection, and with it the answer.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new RegistryError("malformed_json", { detail: "The body was cut off before its end.", cause: error });
  }
  if (length > limit) throw await tooLarge(incoming, limit);
  if (length === 0) throw new RegistryError("malformed_json", { detail: `The body is empty; expected ${types.join(" or ")}.` });
  return { payload: Buffer.concat(chunks, length), mediaType };
}

/** A JSON body within the bounds of linked-data work (`too_complex`; `invalid_body` for keys that reach a prototype). */
export async function readJson(
  c: HttpContext,
  options: { types: readonly string[]; limit: number },
): Promise<Body & { document: unknown }> {
  const body = await readBody(c, options);
  const document = parseJson(body.payload);
  assertBounded(document);
  return { ...body, document };
}

/** JSON in UTF-8 (RFC 8259 §8.1); a byte order mark is passed over. Throws `malformed_json`. */
export function parseJson(payload: Uint8Array): unknown {
  const text = decodeUtf8(payload);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new RegistryError("malformed_json", { detail: `The body is not JSON: ${(cause as Error).message.slice(0, 200)}`, cause });
  }
}

/** Throws `malformed_json` for bytes that are not UTF-8. */
export function decodeUtf8(payload: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch (cause) {
    throw new RegistryError("malformed_json", { detail: "The body is not UTF-8.", cause });
  }
}

function assertMediaType(c: HttpContext, types: readonly string[]): string {
  const header = c.req.header("content-type") ?? "";
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const refuse = (detail: string) => new RegistryError("unsupported_media_type", { detail, extra: { accepted: types } });
  if (!types.includes(type))
    throw refuse(`Content-Type: expected ${types.join(" or ")}, found ${type === "" ? "none" : type.slice(0, 100)}.`);
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8")
    throw refuse(`Content-Type: expected charset utf-8, found ${charset.slice(0, 50)}.`);
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== "" && encoding !== "identity") {
    throw refuse(`Content-Encoding: expected none, found ${encoding.slice(0, 50)}; send the body as it is.`);
  }
  return type;
}

/**
 * A client that is busy sending does not hear a refusal, and loses it when the connection is closed on what it still
 * sends (RFC 9112 §9.6); so some of the rest is read first, and thrown away.
 */
async function tooLarge(incoming: IncomingMessage, limit: number): Promise<RegistryError> {
  await new Promise<void>((resolve) => {
    const late = setTimeout(done, HEARD_OUT.milliseconds);
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > HEARD_OUT.bytes) done();
    };
    function done(): void {
      clearTimeout(late);
      incoming.off("data", count).off("close", done).off("end", done).off("error", done);
      resolve();
    }
    if (incoming.readableEnded || incoming.destroyed) done();
    else incoming.on("data", count).once("close", done).once("end", done).once("error", done).resume();
  });
  return new RegistryError("too_large", {
    detail: `The body is larger than ${limit.toLocaleString("en")} bytes, the most that is read here.`,
    extra: { limit },
  });
}
