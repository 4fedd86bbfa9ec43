/** The charset of an answer: what the bytes themselves say comes before what the label says, and a label that nobody knows says nothing. */

type Decoder = InstanceType<typeof TextDecoder>;

/** "text/calendar; charset=\"ISO-8859-1\"" -> "ISO-8859-1" */
export function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? "")?.[1];
}

/**
 * An HTML page as text: by its byte order mark, else as UTF-8 where it is that, else by Content-Type, `<meta>`, and as
 * windows-1252 (HTML, section 13.2.3.2, but for UTF-8: the label of a page that happens to be valid UTF-8 is wrong).
 */
export function htmlText(body: Buffer, contentType: string | undefined): string {
  const marked = markOf(body);
  if (marked !== undefined) return marked.decode(body);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const beginning = body.toString("latin1", 0, 4096);
  const declared = /<meta[^>]+charset\s*=\s*["']?([^"'\s/>;]+)/i.exec(beginning)?.[1];
  const decoder = decoderOf(charsetOf(contentType)) ?? decoderOf(declared) ?? new TextDecoder("windows-1252");
  return decoder.decode(body);
}

/**
 * JSON as UTF-8 bytes without a mark. JSON is UTF-8 (RFC 8259, section 8.1); what is none is read by its label, and where
 * it has none the bytes stay as they are, so that the fault can be told of the line that has it.
 */
export function jsonText(body: Buffer, contentType: string | undefined): Buffer {
  const marked = markOf(body);
  if (marked !== undefined) return Buffer.from(marked.decode(body), "utf8");
  if (isUtf8(body)) return body;
  const decoder = decoderOf(charsetOf(contentType));
  return decoder === undefined ? body : Buffer.from(decoder.decode(body), "utf8");
}

function markOf(body: Buffer): Decoder | undefined {
  const [first, second, third] = body;
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder("utf-8");
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  return undefined;
}

function isUtf8(body: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(body);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Undefined for a charset that nobody knows, and for UTF-8 itself, which the bytes were tried as. */
function decoderOf(charset: string | undefined): Decoder | undefined {
  if (charset === undefined || /^utf-?8$/i.test(charset)) return undefined;
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
