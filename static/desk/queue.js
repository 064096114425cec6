/* The device's queue: an entry is stored before the screen answers and goes up when there is a
   network, once, under its own id, for the person who made it. Nothing is lost with a tab. */

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("guifan-sheets", 2);
  request.onupgradeneeded = () => {
    const database = request.result;
    if (!database.objectStoreNames.contains("entries")) database.createObjectStore("entries", { keyPath: "client_id" });
    if (!database.objectStoreNames.contains("typed")) database.createObjectStore("typed", { keyPath: "key" });
  };
  request.onsuccess = () => {
    // Another tab with a newer page must not wait for this one.
    request.result.onversionchange = () => request.result.close();
    resolve(request.result);
  };
  request.onerror = () => reject(request.error);
});

async function store(name, mode, work) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const deal = database.transaction(name, mode, { durability: "strict" });
    const request = work(deal.objectStore(name));
    deal.oncomplete = () => resolve(request?.result);
    deal.onerror = () => reject(deal.error);
    deal.onabort = () => reject(deal.error);
  });
}

const KEEP_SENT = 200;
const EVERY = 15000;
// Session over, too many requests, server away: what is kept stays kept for the same person.
const TRY_AGAIN = [401, 403, 408, 429];

/* `person` owns the entries, `token()` gives the form token, `shown()` is called after every
   change, `sent(entry, answer)` when the server has taken an entry. */
export function openQueue({ person, token, shown = async () => {}, sent = () => {} }) {
  let flushing = false;

  const mine = async () => (await store("entries", "readonly", (entries) => entries.getAll()))
    .filter((entry) => entry.person === person)
    .sort((a, b) => a.number - b.number);
  const waiting = async () => (await mine()).find((entry) => entry.state === "kept");
  const put = (entry) => store("entries", "readwrite", (entries) => entries.put(entry));

  async function enter(url, fields) {
    const entry = {
      client_id: crypto.randomUUID(), person, url, number: Date.now() + Math.random(), state: "kept",
      fields: { ...fields, entered_at: new Date().toISOString().replace(/\.\d+Z$/, "Z") },
    };
    await put(entry); // only now may the screen answer
    return entry;
  }

  async function send(entry) {
    const body = new FormData();
    for (const [name, value] of Object.entries(entry.fields)) {
      for (const one of Array.isArray(value) ? value : [value]) body.append(name, one);
    }
    body.set("client_id", entry.client_id);
    body.set("csrfmiddlewaretoken", token());
    const answer = await fetch(entry.url, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      entry.state = "sent";
      delete entry.fields.photo; // the server has the bytes
      sent(entry, told);
    } else if (answer.status >= 400 && answer.status < 500 && !TRY_AGAIN.includes(answer.status)) {
      entry.state = "refused";
      entry.words = told.words ?? String(answer.status);
    } else return false;
    await put(entry);
    return true;
  }

  async function flush() {
    if (flushing) return;
    flushing = true;
    try {
      // What is entered meanwhile goes up in the same pass; the first failure stops it, in order.
      for (let next = await waiting(); next && (await send(next)); next = await waiting());
    } catch {
      // No network: everything waits in order.
    } finally {
      flushing = false;
      await shown();
    }
  }

  async function tidy() {
    const old = (await mine()).filter((entry) => entry.state === "sent");
    for (const entry of old.slice(0, Math.max(0, old.length - KEEP_SENT))) {
      await store("entries", "readwrite", (entries) => entries.delete(entry.client_id));
    }
  }

  function start() {
    window.addEventListener("online", flush);
    window.addEventListener("offline", shown);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
    setInterval(flush, EVERY);
    return tidy().then(shown).then(flush);
  }

  /* What is typed and not entered yet survives a reload too. */
  const typed = {
    put: (key, value) => store("typed", "readwrite", (texts) => texts.put({ key: `${person} ${key}`, value })),
    drop: (key) => store("typed", "readwrite", (texts) => texts.delete(`${person} ${key}`)),
    get: async (key) => (await store("typed", "readonly", (texts) => texts.get(`${person} ${key}`)))?.value,
  };

  return { mine, enter, flush, start, typed };
}

/* The bar that says what is not uploaded, and the buttons that wait for an empty queue. */
export function showUnsent(entries) {
  const unsent = entries.filter((entry) => entry.state === "kept").length;
  for (const figure of document.querySelectorAll("[data-unsent]")) figure.textContent = unsent;
  for (const band of document.querySelectorAll("[data-offline]")) band.hidden = navigator.onLine && unsent === 0;
  for (const button of document.querySelectorAll("[data-waits-for-queue]")) {
    button.setAttribute("aria-disabled", String(unsent > 0));
  }
  return unsent;
}
