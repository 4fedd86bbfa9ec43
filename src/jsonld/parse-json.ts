/** JSON that others wrote, read without exceptions. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** JSON.parse of bytes in UTF-8 (RFC 8259, section 8.1), with a fault for a person instead of an exception. */
export function parseJson(bytes: Buffer): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(UTF8.decode(bytes)) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: `not JSON: ${error.message.replace(/\s+/g, " ").slice(0, 200)}` };
    if (error instanceof TypeError) return { fault: "not UTF-8 text" };
    throw error;
  }
}
