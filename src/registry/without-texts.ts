/** What is let in of an item about an event whose texts and images were taken down: its facts. */
import { withoutProtected } from "../domain/protected-fields.ts";
import type { EventFields } from "../domain/submission.ts";
import type { PreparedItem } from "./prepare.ts";

/** The item without texts and images, and without its bytes, which hold them too; their hash stays, so that they are known again. */
export function withoutTexts(item: PreparedItem): PreparedItem {
  const fields: EventFields = withoutProtected(item.submission.fields);
  return { ...item, payload: Buffer.alloc(0), submission: { ...item.submission, fields } };
}
