// How long a text is for a network: the same rules as campaigns/networks/counting.py, for the
// figure that follows the typing. The server counts again and has the last word.

const url = /https?:\/\/[^\p{White_Space}<>"'«»]*[^\p{White_Space}<>"'«».,;:!?…)\]}’”]/giu;
const emoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u;
// \w as the server reads it: letters, marks, digits and what joins words, of any script.
const w = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const mention = new RegExp(`(?<!${w}|[@/])@(${w}+)@(?:${w}|[.\\-])+${w}`, "gu");
const light = [[0, 0x10FF], [0x2000, 0x200D], [0x2010, 0x201F], [0x2032, 0x2037]];
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const graphemes = (text) => Array.from(segmenter.segment(text), (part) => part.segment);
const isLight = (code) => light.some(([first, last]) => first <= code && code <= last);
const weight = (grapheme) => emoji.test(grapheme)
  ? 2
  : Array.from(grapheme).reduce((sum, char) => sum + (isLight(char.codePointAt(0)) ? 1 : 2), 0);

const plain = (text, cost) =>
  graphemes(cost === null ? text : text.replace(url, "x".repeat(cost))).length;

const rules = {
  plain,
  x(text, cost) {
    text = text.normalize("NFC");
    const links = (text.match(url) || []).length;
    return graphemes(text.replace(url, ""))
      .reduce((sum, grapheme) => sum + weight(grapheme), links * (cost === null ? 23 : cost));
  },
  mastodon: (text, cost) => plain(text.replace(mention, "@$1"), cost),
  bluesky: (text) => Math.max(
    graphemes(text).length, Math.ceil(new TextEncoder().encode(text).length / 10)),
};

// rule: "plain", "x", "mastodon" or "bluesky". cost: what a link counts for, or null.
export const length = (text, rule, cost = null) => rules[rule](text.replace(/\r\n/g, "\n"), cost);

// How much of the text fits, as an index into it: what follows is too much.
export function fitting(text, rule, cost, most) {
  if (most === null || length(text, rule, cost) <= most) return text.length;
  const ends = Array.from(segmenter.segment(text), (part) => part.index + part.segment.length);
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (length(text.slice(0, ends[middle]), rule, cost) <= most) low = middle + 1;
    else high = middle;
  }
  return low ? ends[low - 1] : 0;
}
