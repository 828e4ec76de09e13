// "Print" only shows where it works: with JavaScript. The browser's own command does the same.
(() => {
  "use strict";
  const show = () => document.querySelectorAll("[data-print]").forEach((b) => (b.hidden = false));
  show();
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
