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
  // One thing wrong: straight to its field, which says what. More: to the list of them.
  function focusFor(mark) {
    if (!mark) return;
    const wrong = mark.parentElement.querySelectorAll("[aria-invalid=true]");
    const within = mark.dataset.autofocus && $(mark.dataset.autofocus, mark);
    focusOn(mark.matches("[data-errors]") && wrong.length === 1 ? wrong[0] : within || mark);
  }
  focusFor($("[data-autofocus]"));

  // --- What is said to who does not see it: once, from a region that is always there ----------
  let hushing;
  function announce(words) {
    // Whatever lies outside an open dialog is not read: then its own region speaks.
    const region = $("dialog[open] [data-said]") ?? $("#said");
    if (!region || !words) return;
    clearTimeout(hushing);
    region.textContent = words.replace(/\s+/g, " ").trim();
    // Gone again before anybody meets it at the end of the page.
    hushing = setTimeout(() => (region.textContent = ""), 5000);
  }
  // A region that is filled when the page arrives is passed over: it must change afterwards.
  setTimeout(() => announce($("#messages")?.textContent), 250);

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
  const live = document.getElementById("live");
  function say(name) {
    const notice = document.getElementById(`notice-${name}`);
    if (!notice || !live) return;
    const dialog = $("dialog[open]");
    const place = dialog ? $(".body", dialog) : $("main");
    // Filled where it is read: a region that moves with its words in it may be read twice.
    if (place && live.parentElement !== place) place.prepend(live);
    live.replaceChildren(notice.content.cloneNode(true));
    live.scrollIntoView({ block: "nearest" });
  }
  const hush = () => live?.replaceChildren();

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
      expired = true;
      say("expired");
    }
    if (event.detail.shouldSwap) leave(event.detail.target);
  });
  // Logging in again, in another tab, changes the token that forms carry.
  let expired = false;
  async function renew() {
    const answer = await fetch(location.href);
    if (new URL(answer.url).pathname === login) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = $("[name=csrfmiddlewaretoken]", page)?.value;
    // Somebody else's login must not send this person's words: the old token is refused.
    if (!token || page.body.dataset.person !== document.body.dataset.person) return;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    expired = false;
  }
  document.addEventListener("htmx:confirm", (event) => {
    if (!expired) return;
    event.preventDefault();
    const go = () => event.detail.issueRequest(true);
    renew().then(go, go);
  });

  // What had the focus, so that it is found again in what takes its place.
  let left = null;
  function leave(target) {
    if (target.contains(live)) document.body.append(live);
    const here = document.activeElement;
    left = target.contains(here) ? selectorOf(here) : null;
  }
  function selectorOf(element) {
    const names = element.id ? ["id"] : ["href", "name", "value"];
    const parts = names.filter((name) => element.hasAttribute(name));
    const quoted = parts.map((name) => `[${name}="${CSS.escape(element.getAttribute(name))}"]`);
    return element.localName + quoted.join("");
  }
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    expired ||= status === 401;
    say(status === 401 ? "expired" : status === 403 ? "refused" : "failed");
  });
  document.addEventListener("htmx:sendError", () => say("offline"));
  document.addEventListener("htmx:timeout", () => say("offline"));
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    const dialog = target.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    arrived(target);
  });
  // The focus goes to what changed, or stays where it was; it is never lost.
  function arrived(target) {
    const wanted = "[data-autofocus-swap],[data-autofocus]";
    const mark = target.matches(wanted) ? target : $(wanted, target);
    if (mark) focusFor(mark);
    else if (left && document.activeElement === document.body)
      focusOn($(left, target) ?? $(target.dataset.refocus ?? "h1,h2,h3", target) ?? target);
    // What refreshed by itself, behind a dialog, is not news.
    if (left) announce(target.dataset.say);
    left = null;
  }
})();
