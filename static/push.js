// Messages in this browser: its own question comes after a click on our button, never before.
(async () => {
  "use strict";
  const part = document.querySelector("[data-push]");
  const show = (name) => {
    for (const each of part.querySelectorAll("[data-push-when]"))
      each.hidden = each.dataset.pushWhen !== name;
  };
  if (!part || !("PushManager" in window) || !navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration) return;

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const current = await registration.pushManager.getSubscription();
  const mine = current && text(current.getKey("p256dh"));
  const row = mine && [...document.querySelectorAll("[data-browser]")].find((each) => each.dataset.browser === mine);
  if (row) {
    row.querySelector("[data-this-browser]").hidden = false;
    row.querySelector("[data-push-remove]").addEventListener("submit", () => current.unsubscribe());
    show("on");
  } else show(Notification.permission === "denied" ? "denied" : "can");

  part.querySelector("[data-push-ask]").addEventListener("click", async () => {
    if ((await Notification.requestPermission()) !== "granted") return show("denied");
    try {
      // One of another key is of no use to us.
      await current?.unsubscribe();
      const made = await registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: part.dataset.push,
      });
      const form = part.querySelector("form");
      form.elements.address.value = made.endpoint;
      form.elements.key.value = text(made.getKey("p256dh"));
      form.elements.auth.value = text(made.getKey("auth"));
      form.submit();
    } catch {
      show("failed");
    }
  });
})();
