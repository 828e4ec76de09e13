// The queue by keyboard: j and k go through it, a approves, r asks for changes.
// Only while the focus is in the list (WCAG 2.1.4): a letter typed anywhere else does nothing.
(() => {
  "use strict";
  const queue = document.querySelector("[data-queue]");
  if (!queue) return;
  document.getElementById("keys")?.removeAttribute("hidden");

  const links = () => [...queue.querySelectorAll("tbody a")];

  function show(link) {
    for (const each of links()) {
      each.toggleAttribute("aria-current", false);
      each.closest("tr").classList.remove("is-current");
    }
    link.setAttribute("aria-current", "true");
    link.closest("tr").classList.add("is-current");
    // The focus stays in the list; what changed beside it is said.
    const said = queue.querySelector("[data-shown]");
    said.textContent = `${said.dataset.shown} ${link.textContent}`;
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
    a: () => inSight()?.querySelector("[data-key=a]").click(),
    r: () => inSight()?.querySelector("textarea").focus(),
  };

  queue.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  queue.addEventListener("click", (event) => {
    const link = event.target.closest("tbody a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) show(link);
  });
})();
