// The service worker. ABOUT comes before this, from config/worker.py.
//
// What it may keep: our own files, whose names change with their contents, and the page that says
// there is no connection. Never a page of somebody who is logged in: those hold names. What it
// answers: those files, and the opening of a page. All else goes its way as if there were no worker.
"use strict";

const MINE = `porte-voix-${ABOUT.version}`;
// What is kept is the same for whoever asks: its address says all.
const ANYHOW = { cacheName: MINE, ignoreVary: true };
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Without cookies, so that nothing of the person can be in it.
  const plain = (path) => new Request(path, { credentials: "omit", cache: "reload" });
  if (ABOUT.on) {
    event.waitUntil(caches.open(MINE).then((kept) => kept.addAll(ABOUT.needed.map(plain))));
  }
});

async function tidy() {
  for (const name of await caches.keys()) {
    if (!ABOUT.on || name !== MINE) await caches.delete(name);
  }
  if (!ABOUT.on) await self.registration.unregister();
}
self.addEventListener("activate", (event) => event.waitUntil(tidy()));

async function file(request) {
  const found = await caches.match(request, ANYHOW);
  if (found) return found;
  const answer = await fetch(request);
  // A worker that was replaced meanwhile must not bring back what its successor dropped.
  if (answer.status === 200 && (await caches.has(MINE))) {
    const copy = answer.clone();
    await caches.open(MINE).then((kept) => kept.put(request, copy));
  }
  return answer;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await caches.match(ABOUT.offline, ANYHOW)) ?? Promise.reject(error);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (!ABOUT.on || request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith(ABOUT.static) && HASHED.test(pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

// --- Messages ---------------------------------------------------------------------------------
// Only for a browser whose owner asked for them (push.js). Browsers take a permission away where a
// push shows nothing, so that something is always shown.
function told(event) {
  try {
    return event.data.json();
  } catch {
    return { title: "Porte-voix", path: "/" };
  }
}
self.addEventListener("push", (event) => {
  const { title, body, tag, lang, path } = told(event);
  const { icon, badge } = ABOUT;
  const options = { body, tag, lang, icon, badge, data: { path } };
  event.waitUntil(self.registration.showNotification(title, options));
});

async function open(path) {
  // Ours alone, whatever the message says.
  const url = new URL(path ?? "/", location.origin);
  if (url.origin !== location.origin) return;
  const windows = await self.clients.matchAll({ type: "window" });
  const there = windows.find((each) => each.url === url.href);
  await (there ? there.focus() : self.clients.openWindow(url.href));
}
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path));
});
