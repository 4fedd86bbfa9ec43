/** JSON-LD that a web page carries in its script elements. */
import { Parser } from "htmlparser2";
import { RegistryError } from "../domain/errors.ts";
import type { Problem } from "../domain/errors.ts";

/** One `<script type="application/ld+json">`: its document, or why it cannot be read. `pointer` is "/0" for the first. */
export type HtmlBlock = { document: unknown; pointer: string } | { problem: Problem; pointer: string };

/**
 * The embedded JSON-LD documents of a page, in their order; give each `document` to decodeEvents. A block that is not
 * JSON is a problem item, and spoils no other. Blocks wrapped in comments or CDATA, as some makers do, are read too.
 */
export function decodeHtml(html: string): HtmlBlock[] {
  const blocks: HtmlBlock[] = [];
  let text: string | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
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
  return blocks;
}

function readBlock(text: string, pointer: string): HtmlBlock {
  const json = text
    .trim()
    .replace(/^(<!--|(\/\/\s*)?<!\[CDATA\[)/, "")
    .replace(/(-->|(\/\/\s*)?\]\]>)$/, "")
    .trim();
  try {
    return { document: JSON.parse(json), pointer };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const refusal = new RegistryError("malformed_json", {
      detail: `The page's JSON-LD block ${Number(pointer.slice(1)) + 1}: expected JSON, found ${JSON.stringify(json.slice(0, 80))} (${error.message.slice(0, 200)})`,
      pointer,
    });
    return { problem: refusal.problem, pointer };
  }
}
