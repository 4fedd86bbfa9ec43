/**
 * Cursors of SEL servers: `seq_N`, plain or as base64, with its padding or without. The last page gives none; where the feed's own cursors have that form, the
 * next one is made from the last position, else reading goes on from the one before, and what comes again is passed over.
 */
type Form = "plain" | "base64url" | "base64";

function readCursor(cursor: string | null | undefined): { form: Form; position: number } | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  for (const form of ["plain", "base64url"] as const) {
    const text = form === "plain" ? cursor : Buffer.from(cursor, "base64url").toString("latin1");
    const position = /^seq_(\d{1,15})$/.exec(text)?.[1];
    if (position !== undefined) return { form: cursor.endsWith("=") ? "base64" : form, position: Number(position) };
  }
  return undefined;
}

/** The position that a cursor of that form names. */
export const cursorPosition = (cursor: string | null): number | undefined => readCursor(cursor)?.position;

/** The cursor after `position`, in the form of one of these; undefined where none has it. */
export function cursorLike(examples: readonly (string | null | undefined)[], position: number): string | undefined {
  const forms = examples.flatMap((one) => readCursor(one)?.form ?? []);
  const text = `seq_${position}`;
  if (forms.length === 0) return undefined;
  // One of them alone need not show that they are padded.
  const form = forms.includes("base64") ? "base64" : forms[0]!;
  return form === "plain" ? text : Buffer.from(text).toString(form);
}
