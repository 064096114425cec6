/* Keeps the sheets that were opened, and what they are drawn with, for a reload without a network.
   The network always comes first; a page that leads to the sign-in is forgotten. */

const SHELF = "guifan-sheets";
const SHEET = /^\/sheets\/\d+\/fill\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  event.waitUntil(keep(event.data.person, event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isSheet = request.mode === "navigate" && SHEET.test(url.pathname);
  if (isSheet || /\.(js|css|svg)$/.test(url.pathname)) event.respondWith(answer(request, isSheet));
});

async function keep(person, urls) {
  const owner = new Request("/sheets/kept-for");
  let shelf = await caches.open(SHELF);
  const held = await (await shelf.match(owner))?.text();
  if (held !== undefined && held !== person) {
    await caches.delete(SHELF); // what another person opened is not shown to this one
    shelf = await caches.open(SHELF);
  }
  await shelf.put(owner, new Response(person));
  await Promise.all(urls.map(async (url) => {
    const got = await fetch(url, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (got?.ok) await shelf.put(url, got);
  }));
}

async function answer(request, isSheet) {
  const shelf = await caches.open(SHELF);
  try {
    const got = await fetch(request);
    if (got.ok && (await shelf.match(request, { ignoreVary: true }))) await shelf.put(request, got.clone());
    else if (isSheet && (got.type === "opaqueredirect" || got.redirected)) await shelf.delete(request, { ignoreVary: true });
    return got;
  } catch (lost) {
    const held = await shelf.match(request, { ignoreVary: true });
    if (held) return held;
    throw lost;
  }
}
