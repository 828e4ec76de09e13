// The queue by keyboard: j and k go through it, a approves, r asks for changes.
// Only while the focus is in the list or on the title of what is read (WCAG 2.1.4): a letter typed
// anywhere else does nothing.
(() => {
  "use strict";
  const queue = document.querySelector("[data-queue]");
  if (!queue) return;
  // Each may turn letters off in their preferences.
  const letters = document.body.hasAttribute("data-letters");
  document.getElementById("keys")?.toggleAttribute("hidden", !letters);

  const links = () => [...queue.querySelectorAll("tbody a")];

  let reads = false; // chosen to be read: the focus goes to it

  function show(link) {
    for (const each of links()) {
      each.toggleAttribute("aria-current", false);
      each.closest("tr").classList.remove("is-current");
    }
    link.setAttribute("aria-current", "true");
    link.closest("tr").classList.add("is-current");
    // By j and k the focus stays in the list, and what changed beside it is said.
    const said = queue.querySelector("[data-shown]");
    if (!reads) said.textContent = `${said.dataset.shown} ${link.textContent}`;
  }

  // What is approved is what is on screen: not while another item is still on its way.
  const inSight = () => {
    const current = queue.querySelector("tbody a[aria-current]");
    const detail = document.querySelector(`#decide[data-item="${current?.dataset.item}"]`);
    return detail?.querySelector("[data-decision]");
  };

  function go(step) {
    const all = links();
    const here = all.findIndex((link) => link.hasAttribute("aria-current"));
    const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    if (!next) return;
    next.focus();
    if (!next.hasAttribute("aria-current")) next.click();
  }

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    a: () => inSight()?.querySelector("[data-key=a]")?.click(),
    r: () => inSight()?.querySelector("textarea").focus(),
  };

  // In the list, and on the title a decision leads to: one goes on without going back.
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest("[data-queue],#decide-title")) return;
    if (!letters || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  queue.addEventListener("click", (event) => {
    const link = event.target.closest("tbody a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    reads = event.isTrusted;
    show(link);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (reads && event.detail.target.id === "decide") document.getElementById("decide-title").focus();
    reads = false;
  });
})();
