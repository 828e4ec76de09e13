// The share panel: what it does better with JavaScript. Without it every part is a form or a link.
//
// The count and the preview follow the typing; the text is copied and the network's composer opens
// at once, in the press of the button itself, or the browser would keep the window shut.

const $ = (selector, within = document) => within.querySelector(selector);
const language = document.documentElement.lang || undefined;
const figure = (number) => number.toLocaleString(language);
const counting = import($("[data-counting]").href);
const segmenter = new Intl.Segmenter(language, { granularity: "grapheme" });

// --- The post as it will be ------------------------------------------------------------------
const box = () => $("#share-text");
const numberOr = (value, none) => (value === "" || value === undefined ? none : Number(value));

function post() {
  const { line } = box().dataset;
  let words = box().value.trim();
  if (!line) return words;
  if (words.startsWith(line)) words = words.slice(line.length).trimStart();
  return `${line}\n\n${words}`;
}

function folded(text, fold) {
  if (fold === null) return text.length;
  let end = 0;
  for (const part of segmenter.segment(text)) {
    if (fold-- <= 0) return end;
    end = part.index + part.segment.length;
  }
  return end;
}

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => figure(values[name]));

let saying;
function say(words, wait = 1000) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    const said = $("#share-said");
    if (said) said.textContent = words;
  }, wait);
}

async function refresh(announce) {
  const { length, fitting } = await counting;
  if (!box()) return;
  const { rule, limit, fold, after } = box().dataset;
  const cost = numberOr(box().dataset.cost, null);
  const most = numberOr(limit, null);
  const text = post();
  const n = length(text + after, rule, cost);
  const left = most === null ? null : most - n;
  const over = left !== null && left < 0;
  const words = $("#share-words").dataset;
  const told = over
    ? fill(left === -1 ? words.overOne : words.over, { n: -left, limit: most })
    : fill(left === null ? words.plain : words.left, { n, left });
  const count = $("#share-count");
  count.textContent = told;
  count.classList.toggle("danger", over);
  // Silent until it matters: a count after every word is noise to who listens to it.
  if (announce && most !== null && n > most * 0.8) say(told);
  else say("", 0);
  // The link takes its part of the limit, wherever the words end.
  const room = over ? most - (n - length(text, rule, cost)) : 0;
  show(text, over ? fitting(text, rule, cost, room) : null, numberOr(fold, null), -left);
}

// end: where the text stops fitting, or null when all of it fits.
function show(text, end, fold, excess) {
  const over = end !== null;
  const seen = over ? end : folded(text, fold);
  $("#share-fits").textContent = text.slice(0, seen);
  $("#share-beyond").textContent = over ? text.slice(end) : "";
  $("#share-fold").hidden = over || seen === text.length;
  const badge = $("#share-over");
  badge.hidden = !over;
  if (over) {
    const words = $("#share-words").dataset;
    $("span", badge).textContent = fill(excess === 1 ? words.tooManyOne : words.tooMany, { n: excess });
  }
}

const isOver = () => !$("#share-over").hidden;

// --- Wordings: what was typed under one comes back with it -----------------------------------
const typed = new Map();

document.addEventListener("change", (event) => {
  const chosen = event.target;
  if (!chosen.matches("#share-form input[name=caption]")) return;
  const shown = $("#share-form input[name=shown]");
  typed.set(shown.value, box().value);
  box().value = typed.get(chosen.value) ?? chosen.dataset.text;
  shown.value = chosen.value;
  refresh(false);
});

document.addEventListener("input", (event) => {
  if (event.target === box()) refresh(true);
});

// --- Copy and open ---------------------------------------------------------------------------
let opening = null; // the window that waits for its address
let away = false; // the person has gone to the composer and not come back

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

let copied = null;
// While capturing, and before htmx asks the server: a window may only open within the press.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    // A button with an address of its own shares nothing: it previews, or plans.
    if (!form.matches("[data-share]") || event.submitter?.hasAttribute("formaction")) return;
    const device = event.submitter?.matches("[data-web-share]");
    form.dataset.device = device ? "yes" : "";
    if (device || isOver() || (form.elements.instance && !form.elements.instance.value)) return;
    if (form.dataset.prefill === "link") copied = copy(post());
    if (form.dataset.opens === "window") {
      opening = window.open("about:blank", "_blank");
      if (opening) opening.opener = null;
    }
  },
  true,
);

async function opened(answer) {
  const { composer, text, url, title, post: words } = answer.dataset;
  const form = $("[data-share]");
  const said = $("[data-said]", answer);
  const says = $("#share-words").dataset;
  if (form?.dataset.device) {
    navigator.share({ title, text: words, url }).then(() => {}, () => {});
    return;
  }
  if (form?.dataset.prefill === "copy") copied = copy(text);
  if (composer.startsWith("mailto:")) location.href = composer;
  else if (opening) opening.location.replace(composer);
  else if (composer) {
    said.textContent = says.blocked;
    say(says.blocked, 0);
  }
  away = Boolean(composer);
  opening = null;
  if (text && copied !== null) tell(await copied, answer, said, says);
  copied = null;
}

function tell(isCopied, answer, said, says) {
  said.textContent = `${said.textContent} ${isCopied ? says.copied : says.uncopied}`.trim();
  say(said.textContent, 0);
  const field = $("#share-copy", answer);
  if (isCopied) field.closest(".field").hidden = true;
  else field.select();
}

document.addEventListener("htmx:afterSettle", (event) => {
  ready();
  const answer = $("[data-opened]:not([data-done])");
  if (answer && event.detail.target.id === "share-answer") {
    answer.dataset.done = "";
    opened(answer);
  }
});

// The server refused, or did not answer: no empty window is left behind.
function shut() {
  opening?.close();
  opening = copied = null;
}
document.addEventListener("htmx:responseError", shut);
document.addEventListener("htmx:sendError", shut);
document.addEventListener("htmx:beforeSwap", (event) => {
  if (opening && !event.detail.xhr.responseText.includes("data-opened")) shut();
});

// Back from the composer: the question is where the eyes are.
window.addEventListener("focus", () => {
  const question = away && $("[data-posted]");
  if (!question) return;
  away = false;
  question.scrollIntoView({ block: "center" });
  question.focus();
});

// --- What only a script makes useful, or useless ----------------------------------------------
function ready() {
  for (const element of document.querySelectorAll("[data-no-script]")) element.hidden = true;
  const onPhone = matchMedia("(pointer: coarse)").matches && navigator.share;
  for (const button of document.querySelectorAll("[data-web-share]")) button.hidden = !onPhone;
  // On a phone the network one is on may be beyond the edge.
  for (const tab of document.querySelectorAll("#share-panel .tabs [aria-current]")) {
    tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
  }
  if (box()) refresh(false);
}
ready();
