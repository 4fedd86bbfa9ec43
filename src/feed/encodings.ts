/** Content codings (RFC 9110 §12.5.3): which one a client takes, and a body compressed with it. */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";

/** In the order in which we like to serve them: a client's equal q-values leave the choice to us. */
export const ENCODINGS = ["zstd", "br", "gzip", "identity"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The coding to serve for an Accept-Encoding header; without one, and where nothing else is accepted, `identity`. */
export function chooseEncoding(header: string | undefined): Encoding {
  if (header === undefined) return "identity";
  const wanted = new Map(
    header
      .slice(0, 1_000)
      .split(",")
      .map((part) => {
        const [coding = "", ...parameters] = part
          .toLowerCase()
          .split(";")
          .map((piece) => piece.trim());
        const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
        return [coding, Number.isNaN(weight) ? 0 : weight];
      }),
  );
  const qualityOf = (encoding: Encoding) => wanted.get(encoding) ?? wanted.get("*") ?? (encoding === "identity" ? 0.001 : 0);
  let best: Encoding = "identity";
  for (const encoding of ENCODINGS.toReversed()) if (qualityOf(encoding) > 0 && qualityOf(encoding) >= qualityOf(best)) best = encoding;
  return best;
}

/** Compressed once and sent often: worth more than the default effort, not the utmost (brotli 11 takes 50 times as long as 5). */
export async function compress(encoding: Encoding, body: Buffer): Promise<Buffer> {
  switch (encoding) {
    case "zstd":
      return promisify(zstdCompress)(body, { params: { [constants.ZSTD_c_compressionLevel]: 9 } });
    case "br":
      return promisify(brotliCompress)(body, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
      });
    case "gzip":
      return promisify(gzip)(body, { level: 6 });
    case "identity":
      return body;
  }
}
