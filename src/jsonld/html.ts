/** JSON-LD that a web page carries in its script elements. */
import { Parser } from "htmlparser2";
import { RegistryError } from "../domain/errors.ts";
import type { Problem } from "../domain/errors.ts";

/**
 * One `<script type="application/ld+json">`: its document, or why it cannot be read. `pointer` is "/0" for the first;
 * `text` is what stands in the element, without the wrappings.
 */
export type HtmlBlock = { document: unknown; pointer: string; text: string } | { problem: Problem; pointer: string; text: string };

export interface HtmlPage {
  blocks: HtmlBlock[];
  /** What relative addresses in the page are relative to: its `<base href>`, else its own address, where that is known. */
  base?: string;
}

/** The embedded JSON-LD documents of a page, in their order; give each `document` to decodeEvents. See readPage. */
export function decodeHtml(html: string): HtmlBlock[] {
  return readPage(html).blocks;
}

/**
 * The JSON-LD of the page at `url`, and the base of its addresses. A block that is not JSON is a problem item, and
 * spoils no other. Blocks wrapped in comments or CDATA, or escaped as if they were text, are read too.
 */
export function readPage(html: string, url?: string): HtmlPage {
  const blocks: HtmlBlock[] = [];
  let text: string | undefined;
  let base: string | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
      // Only the first one counts (HTML, section 4.2.3).
      if (name === "base" && attributes["href"] !== undefined) base ??= absolute(attributes["href"], url);
      if (name === "script" && /^application\/ld\+json\s*(;|$)/i.test(attributes["type"]?.trim() ?? "")) text = "";
    },
    ontext(data) {
      if (text !== undefined) text += data;
    },
    onclosetag(name) {
      if (name !== "script" || text === undefined) return;
      blocks.push(readBlock(text, `/${blocks.length}`));
      text = undefined;
    },
  });
  parser.end(html);
  base ??= url;
  return { blocks, ...(base !== undefined && { base }) };
}

function absolute(href: string, url: string | undefined): string | undefined {
  const found = URL.parse(href.trim(), url);
  return found !== null && /^https?:$/.test(found.protocol) ? found.href : undefined;
}

function readBlock(text: string, pointer: string): HtmlBlock {
  const json = text
    .trim()
    .replace(/^(<!--|(\/\/\s*)?<!\[CDATA\[)/, "")
    .replace(/(-->|(\/\/\s*)?\]\]>)$/, "")
    .trim();
  const parsed = parse(json);
  if ("document" in parsed) return { document: parsed.document, pointer, text: json };
  const unescaped = /^[[{]?\s*&(quot|#34|#x22);/i.test(json) ? parse(plainEntities(json)) : parsed;
  if ("document" in unescaped) return { document: unescaped.document, pointer, text: plainEntities(json) };
  const refusal = new RegistryError("malformed_json", {
    detail: `The page's JSON-LD block ${Number(pointer.slice(1)) + 1}: expected JSON, found ${JSON.stringify(json.slice(0, 80))} (${parsed.fault.slice(0, 200)})`,
    pointer,
  });
  return { problem: refusal.problem, pointer, text: json };
}

function parse(json: string): { document: unknown } | { fault: string } {
  try {
    return { document: JSON.parse(json) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: error.message };
    throw error;
  }
}

/** What a template engine has escaped that took the script for text: "{&quot;name&quot;: …" */
function plainEntities(json: string): string {
  const named: Record<string, string> = {
    quot: '"',
    "#34": '"',
    "#x22": '"',
    "#39": "'",
    "#x27": "'",
    apos: "'",
    lt: "<",
    gt: ">",
    amp: "&",
  };
  return json.replace(/&(quot|#34|#x22|#39|#x27|apos|lt|gt|amp);/gi, (_, name: string) => named[name.toLowerCase()]!);
}
