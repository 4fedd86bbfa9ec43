/** What a reader of a page sees of it, and its markup as it is meant. */

/** The words, without scripts and the title. */
export const textOf = (page: string) =>
  page
    .replace(/<(script|title)[^>]*>.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
/** The markup without what a formatter may add: spaces between tags, slashes of void elements. */
export const tight = (page: string) => page.replaceAll(" />", ">").replace(/\s*(<[^>]*>)\s*/g, "$1");
