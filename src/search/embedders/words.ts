/**
 * Text to words, and a word to its features: itself and its character n-grams, each hashed to a number and a sign.
 * Part of the vectors' meaning: a change here makes another version of lexical-hash.
 */

/** "L'Été à Montréal 🎷" -> ["l", "ete", "a", "montreal", "🎷"]: compatibility forms and marks gone, lower case; pictures count as words. */
export function wordsOf(text: string): string[] {
  const plain = ASCII.test(text) ? text : text.normalize("NFKD").replace(MARKS, "");
  return plain.toLowerCase().match(WORD) ?? [];
}

const ASCII = /^[\x00-\x7f]*$/;
const MARKS = /\p{M}+/gu;
const WORD = /[\p{L}\p{N}]+|\p{Extended_Pictographic}/gu;
/** Scripts without spaces: there a run of letters is a clause, and one or two of its characters are a word. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Of longer runs only the beginning is cut into n-grams: nobody writes such words, and hostile text has them. */
const LONGEST = 64;

/** 512: at a thousand features a text, cosines of unrelated texts stay below 0.2. A power of two. */
export const DIMENSIONS = 512;

/** What a word adds to a vector: its own place first, then those of its n-grams. A place p is at p >> 1, negative when p is odd. */
export function placesOf(word: string): Uint16Array {
  const bounded = `<${word.slice(0, LONGEST)}>`;
  const [least, most] = UNSPACED.test(word) ? [1, 3] : [3, 5];
  const places = [placeOf(word, 0, word.length)];
  for (let size = least; size <= most; size++) {
    for (let from = 0; from + size <= bounded.length; from++) {
      // The word itself, bounded or not, has its own place already.
      if (size < bounded.length) places.push(placeOf(bounded, from, from + size));
    }
  }
  return Uint16Array.from(places);
}

/** FNV-1a over the UTF-16 units, then murmur3's finalizer, without which neighbouring words land beside each other. */
function placeOf(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % (2 * DIMENSIONS);
}
