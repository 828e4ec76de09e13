// The composer: what the page says of itself goes into the fields that nobody has touched.
(() => {
  "use strict";
  const card = document.getElementById("card");
  const said = () => [...card.querySelectorAll("[data-fills]")];
  const fieldOf = (words) => document.getElementById(words.dataset.fills);
  // What we put where, to tell it from what somebody typed; the rest is as the page came.
  const filled = new Map(said().map((words) => [words.dataset.fills, words.value]));
  const touched = new Set();
  const isNew = !document.querySelector("#composer [name=pk]");
  document.addEventListener("change", (event) => touched.add(event.target.id));

  function isFree(field) {
    if (field.id === "id_kept" && document.getElementById("id_picture").files.length) return false;
    if (field.tagName === "SELECT") return isNew && !touched.has(field.id);
    return field.value === "" || field.value === filled.get(field.id);
  }

  function fill() {
    for (const words of said()) {
      const field = fieldOf(words);
      if (!field || !isFree(field) || (field.tagName === "SELECT" && !words.value)) continue;
      field.value = words.value;
      filled.set(field.id, words.value);
      if (field.id === "id_kept") document.getElementById("picture-out").hidden = !words.value;
    }
    // The preview listens to the form.
    document.getElementById("id_title").dispatchEvent(new Event("input", { bubbles: true }));
  }
  card.addEventListener("htmx:afterSwap", fill);
})();

// An empty text has nothing to be adapted.
(() => {
  "use strict";
  const offer = (text) => { text.closest(".caption").querySelector(".adapt").hidden = !text.value.trim(); };
  const texts = ".caption textarea";
  document.querySelectorAll(texts).forEach(offer);
  document.addEventListener("input", (event) => { if (event.target.matches(texts)) offer(event.target); });
})();

// What is typed keeps itself: two seconds after the last key, when a field is left, when the page
// is. Without JavaScript the form is as any other.
(() => {
  "use strict";
  const PAUSE = 2000;
  const MINUTE = 60000;
  const form = document.getElementById("composer");
  const shown = document.getElementById("kept-at");
  const said = document.getElementById("kept-said");
  let waiting, spoken = 0, warned = "", sending = null, over = false, pause = PAUSE;

  // What would be sent; a picture only once, it is no small thing.
  let sentPicture = null;
  function typed() {
    const data = new FormData(form);
    const picture = data.get("picture");
    if (!picture?.size || picture === sentPicture || same(picture, sentPicture)) data.delete("picture");
    data.delete("action");
    return data;
  }
  const same = (one, other) =>
    Boolean(other) && one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
  const words = (data) => JSON.stringify([...data].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "picture"));
  // A page that came back from a button holds what nothing has kept yet.
  let last = "typed" in form.dataset ? "" : words(typed());

  function tell(text, isNews) {
    shown.textContent = text;
    // Said aloud once a minute at most: to hear it after every pause is noise.
    if (!isNews && Date.now() - spoken < MINUTE) return;
    spoken = Date.now();
    said.textContent = text;
  }

  async function keep() {
    clearTimeout(waiting);
    const data = typed();
    const picture = data.get("picture");
    const now = words(data);
    if (over || sending || (now === last && !picture)) return;
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST", body: data, signal: sending.signal, headers: { "HX-Request": "true" },
      });
      if (!answer.ok) throw new Error(answer.status);
      pause = PAUSE;
      last = now;
      if (picture) sentPicture = picture;
      if (answer.status === 200) heard(await answer.json());
    } catch (error) {
      // The line may be down for hours: asked again, but less and less often.
      pause = Math.min(pause * 2, MINUTE);
      if (error.name !== "AbortError") tell(form.dataset.unkept, shown.textContent !== form.dataset.unkept);
    }
    sending = null;
    if (!over && words(typed()) !== last) wait();
  }

  function heard(answer) {
    // The picture is on the server now: the form only has to name it.
    if (answer.kept) {
      document.getElementById("id_kept").value = answer.kept;
      document.getElementById("picture-out").hidden = false;
      // The preview listens to the form.
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const news = answer.newer ?? "";
    tell(news ? `${answer.said} — ${news}` : answer.said, news !== warned);
    warned = news;
  }

  function wait() {
    clearTimeout(waiting);
    waiting = setTimeout(keep, pause);
  }

  document.addEventListener("input", (event) => { if (event.target.form === form) wait(); });
  document.addEventListener("change", (event) => { if (event.target.form === form) wait(); });
  form.addEventListener("focusout", keep);
  if (last === "") wait();
  document.addEventListener("visibilitychange", () => {
    const data = typed();
    data.delete("picture");
    if (document.hidden && !over && words(data) !== last) navigator.sendBeacon(form.dataset.keep, data);
  });
  // Saved by hand: what is still under way would come too late.
  form.addEventListener("submit", () => {
    over = true;
    clearTimeout(waiting);
    sending?.abort();
  });
  // Back by the browser's own button, the page is as it was left.
  window.addEventListener("pageshow", () => { over = false; });
})();
