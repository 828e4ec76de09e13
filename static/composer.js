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
