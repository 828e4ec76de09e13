// The palette (Ctrl or Cmd K), and "?" for the list of keys. The focus stays in the field; the
// results are chosen by aria-activedescendant, so that typing goes on.
(() => {
  "use strict";
  const palette = document.getElementById("palette");
  if (!palette) return;
  const input = palette.querySelector("[role=combobox]");
  const results = document.getElementById("palette-results");
  const said = palette.querySelector("[role=status]");
  const options = () => [...results.querySelectorAll("[role=option]")];
  const chosen = () => results.querySelector("[aria-selected=true]");
  let awaited = false; // Enter was pressed before the results of what was typed were there.
  let saying;

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  // A menu that stays open behind would take Esc, and hide what is to get the focus back.
  function closeMenus() {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  }

  function open(text = "") {
    if (document.querySelector("dialog[open]")) return;
    closeMenus();
    input.value = text;
    results.replaceChildren();
    choose(null);
    palette.showModal();
    input.focus();
    htmx.trigger(input, "palette");
  }

  const isFresh = () => results.firstElementChild?.dataset.for === input.value.trim();
  const step = (by) => {
    const all = options();
    const at = all.indexOf(chosen());
    choose(at < 0 && by < 0 ? all.at(-1) : all.at((at + by) % all.length));
  };
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => choose(options()[0]),
    End: () => choose(options().at(-1)),
  };

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter" && isFresh() && !chosen()) return; // The form, to the whole page.
    if (event.key === "Enter") {
      event.preventDefault();
      if (isFresh()) chosen().click();
      else awaited = true;
    } else if (keys[event.key] && options().length) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // What arrives after the palette was closed would open it again.
  palette.addEventListener("htmx:configRequest", (event) => palette.open || event.preventDefault());
  palette.addEventListener("htmx:beforeSwap", (event) => {
    if (!palette.open) event.detail.shouldSwap = false;
  });
  palette.addEventListener("htmx:afterSettle", (event) => palette.open || event.stopPropagation());
  palette.addEventListener("close", () => {
    clearTimeout(saying);
    awaited = false;
    said.textContent = "";
  });
  palette.addEventListener("htmx:afterSwap", () => {
    const all = options();
    input.setAttribute("aria-expanded", String(all.length > 0));
    choose(input.value.trim() ? all[0] : null);
    if (awaited && isFresh()) chosen()?.click();
    awaited = false;
    clearTimeout(saying);
    // Once they have stopped typing: a count for every letter would drown it.
    saying = setTimeout(() => (said.textContent = results.firstElementChild.dataset.count), 700);
  });
  palette.addEventListener("click", (event) => event.target === palette && palette.close());

  // --- Ways in ------------------------------------------------------------------------------
  for (const way of document.querySelectorAll("[data-palette]")) {
    way.setAttribute("aria-haspopup", "dialog");
    way.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
    way.addEventListener("input", (event) => {
      if (event.isComposing || !way.value) return;
      const text = way.value;
      way.value = "";
      open(text);
    });
  }
  const hint = document.querySelector(".search kbd");
  if (hint) {
    hint.hidden = false;
    if (/Mac|iP/.test(navigator.platform)) hint.textContent = "⌘ K";
  }

  const help = document.querySelector("[data-keys]");
  help?.addEventListener("click", closeMenus);
  const typing = (element) => element.closest("input,textarea,select,[contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.shiftKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      palette.open ? palette.close() : open();
    } else if (event.key === "?" && document.body.hasAttribute("data-letters")) {
      if (!typing(event.target) && !document.querySelector("dialog[open]")) help?.click();
    }
  });
})();
