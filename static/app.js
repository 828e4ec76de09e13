// Porte-voix: what a page does better with JavaScript. Every page works without it.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);

  // --- Focus ------------------------------------------------------------------------------
  function focusOn(element) {
    if (!element) return;
    if (!element.matches("a[href],button,input,select,textarea,[tabindex]")) {
      element.tabIndex = -1;
      element.setAttribute("data-focus", "");
    }
    element.focus();
  }
  focusOn($("[data-autofocus]"));

  // On a phone the tab one is on may be out of sight at the right. After the first frame: to
  // measure before it holds that frame up.
  function centre(tab) {
    const strip = tab.parentElement;
    strip.scrollLeft = tab.offsetLeft - strip.offsetLeft - (strip.clientWidth - tab.clientWidth) / 2;
  }
  requestAnimationFrame(() =>
    setTimeout(() =>
      document.querySelectorAll(":is(.tabs,.chips) [aria-current]").forEach(centre),
    ),
  );

  // --- Dialogs ----------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
  });

  // --- Menus: one open at a time; Esc and a click elsewhere close it ------------------------
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of openMenus()) {
        menu.open = false;
        $("summary", menu).focus();
      }
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = $("[data-search]");
      if (search?.offsetParent) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
  });

  // --- A button is pressed once -------------------------------------------------------------
  const busy = new WeakMap();
  function release(form) {
    busy.get(form)?.removeAttribute("aria-busy");
    busy.delete(form);
  }
  const byHtmx = (element) => element?.matches("[hx-post],[hx-put],[hx-patch],[hx-delete]");
  // While capturing, so that a second press stops before htmx hears of it.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const button = event.submitter;
      if (form.method !== "post" && !byHtmx(form)) return;
      if (busy.has(form)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      busy.set(form, button);
      button?.setAttribute("aria-busy", "true");
      if (byHtmx(form) || byHtmx(button)) return;
      // A form that opens another window leaves this page as it is.
      const stays = (button?.formTarget || form.target) === "_blank";
      setTimeout(() => (stays || event.defaultPrevented) && release(form), stays ? 1500 : 0);
    },
    true,
  );
  // Coming back with the browser's own button must not find the page locked.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach(release);
  });

  // --- Theme, without losing what was typed on the page -------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const chosen = event.submitter;
    const body = new URLSearchParams(new FormData(form, chosen));
    fetch(form.action, { method: "POST", body, redirect: "manual" }).then(() => {
      const theme = chosen.value;
      if (theme === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
      for (const button of form.querySelectorAll("[aria-pressed]"))
        button.setAttribute("aria-pressed", String(button === chosen));
    });
  });

  // --- Without a connection: our own files, and a page that says so (service-worker.js) --------
  const { worker } = document.body.dataset;
  if (worker) navigator.serviceWorker?.register(worker).catch(() => {});

  // --- All boxes of a list ------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-check-all]");
    if (!all) return;
    const boxes = document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`);
    for (const box of boxes) box.checked = all.checked;
  });

  // --- htmx: say what went wrong, keep what was typed, take the focus along -----------------
  function say(name) {
    const notice = document.getElementById(`notice-${name}`);
    const live = document.getElementById("live");
    if (!notice || !live) return;
    const dialog = $("dialog[open]");
    const place = dialog ? $(".body", dialog) : $("main");
    live.replaceChildren(notice.content.cloneNode(true));
    if (place && live.parentElement !== place) place.prepend(live);
    live.scrollIntoView({ block: "nearest" });
  }
  const hush = () => document.getElementById("live")?.replaceChildren();

  const login = new URL($('[data-login]')?.dataset.login ?? "/accounts/login/", location).pathname;
  const isLogin = (xhr) => xhr.responseURL && new URL(xhr.responseURL).pathname === login;

  document.addEventListener("htmx:beforeRequest", (event) => {
    hush();
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
    const form = event.detail.elt.closest("form");
    if (form) release(form);
  });
  // An expired session answers with the log-in page: it must not replace what the person wrote.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isLogin(event.detail.xhr) && location.pathname !== login) {
      event.detail.shouldSwap = false;
      say("expired");
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    say(status === 401 ? "expired" : status === 403 ? "refused" : "failed");
  });
  document.addEventListener("htmx:sendError", () => say("offline"));
  document.addEventListener("htmx:timeout", () => say("offline"));
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    const dialog = target.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    const wanted = "[data-autofocus-swap]";
    focusOn(target.matches(wanted) ? target : $(wanted, target));
  });
})();
