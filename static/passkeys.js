// Passkeys beside allauth's own script: shown where the browser knows them, and said when it fails.
if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((part) => (part.hidden = false));
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-failed]").forEach((part) => (part.hidden = false));
});
