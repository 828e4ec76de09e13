// Long lists of boxes: type to narrow them down. What is ticked stays in sight.
(() => {
  "use strict";
  const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

  function narrow(search) {
    const wanted = plain(search.value.trim());
    for (const row of document.querySelectorAll(`#${search.dataset.narrows} .check`)) {
      const box = row.querySelector("input");
      row.hidden = !box.checked && !plain(row.textContent).includes(wanted);
    }
  }

  for (const search of document.querySelectorAll("[data-narrows]")) {
    search.hidden = false;
    search.addEventListener("input", (event) => {
      // The head count listens to the form, and a search changes nothing of it.
      event.stopPropagation();
      narrow(search);
    });
    search.addEventListener("change", (event) => event.stopPropagation());
    search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
})();
