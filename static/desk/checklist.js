/* A check or form on a phone: every answer goes into the device's queue before the screen says so. */

import { openQueue, showUnsent } from "./queue.js";

const root = document.querySelector("[data-checklist]");
const form = root.querySelector("form[data-queue]");
const items = [...root.querySelectorAll("[data-item-key]")];
const url = location.pathname;
const inSteps = root.dataset.layout === "steps";
const seen = new Map(items.map((item) => [item.dataset.itemKey, item.dataset.seen]));
const timers = new Map();
const REST = 1500;
let place = 0;

const queue = openQueue({
  person: root.dataset.person,
  token: () => form.elements.namedItem("csrfmiddlewaretoken").value,
  shown: show,
  sent: (entry, answer) => { if (entry.url === url && answer.seen) seen.set(entry.fields.item, answer.seen); },
});

/* Reading and writing the fields of one item ------------------------------------------------ */

const field = (item, name) => item.querySelector(`[data-field="${name}"]`);
const rows = (item) => [...item.querySelectorAll("[data-row]")];

function valueOf(item) {
  switch (item.dataset.kind) {
    case "yes_no": case "choice": return item.querySelector("input[type=radio]:checked")?.value ?? "";
    case "signature": return field(item, "value").checked || "";
    case "table": {
      const read = rows(item).map((row) => Object.fromEntries([...row.querySelectorAll("[data-cell]")].map((cell) => [cell.dataset.cell, cell.value])));
      const full = read.filter((row) => Object.values(row).some(Boolean));
      return full.length ? full : "";
    }
    case "photo": return item.dataset.photos ? item.dataset.photos.split(" ").map(Number) : "";
    default: return field(item, "value").value.trim();
  }
}

function fillIn(item, value) {
  switch (item.dataset.kind) {
    case "yes_no": case "choice":
      for (const radio of item.querySelectorAll("input[type=radio]")) radio.checked = radio.value === value;
      break;
    case "signature": field(item, "value").checked = Boolean(value); break;
    case "table":
      (value || []).forEach((row, n) => {
        while (rows(item).length <= n) addRow(item);
        for (const cell of rows(item)[n].querySelectorAll("[data-cell]")) cell.value = row[cell.dataset.cell] ?? "";
      });
      break;
    case "photo": break;
    default: field(item, "value").value = value ?? "";
  }
}

function isAbnormal(item, value) {
  if (value === "" || value === undefined) return false;
  if (item.dataset.kind === "number") {
    const number = Number(value);
    const { least, most } = item.dataset;
    return (least !== undefined && number < Number(least)) || (most !== undefined && number > Number(most));
  }
  return ` ${item.dataset.abnormal ?? ""} `.includes(` ${value} `);
}

function addRow(item) {
  const last = rows(item).at(-1);
  const copy = last.cloneNode(true);
  for (const cell of copy.querySelectorAll("[data-cell]")) cell.value = "";
  last.after(copy);
}

/* Entering --------------------------------------------------------------------------------- */

function wanted(item) {
  const value = valueOf(item);
  const note = field(item, "note").value.trim();
  return { value, note, isBad: isAbnormal(item, value) };
}

/* Words are asked for where something is abnormal; without them the answer waits on the screen. */
function ask(item) {
  const { note, isBad } = wanted(item);
  const box = item.querySelector("[data-note-box]");
  if (isBad) box.open = true;
  item.querySelector("[data-needs-words]").hidden = !(isBad && !note);
  return !(isBad && !note);
}

async function save(item, { photos = [], holds = true } = {}) {
  clearTimeout(timers.get(item));
  const { value, note } = wanted(item);
  const text = JSON.stringify([value, note]);
  if (!ask(item) || (!photos.length && text === item.dataset.was)) return ask(item);
  const fields = { item: item.dataset.itemKey, value: JSON.stringify(value), note, seen: seen.get(item.dataset.itemKey) };
  if (photos.length) fields.photo = photos;
  // Until the entry is on the device the sheet takes no other tap: none may land in the wrong item.
  form.inert = holds;
  try {
    await queue.enter(url, fields);
  } finally {
    form.inert = false;
  }
  item.dataset.was = text;
  queue.typed.drop(`${url} ${item.dataset.itemKey}`);
  show().then(queue.flush);
  return true;
}

/* What is shown ---------------------------------------------------------------------------- */

async function show() {
  const entries = (await queue.mine()).filter((entry) => entry.url === url);
  showUnsent(entries);
  let done = 0;
  for (const item of items) {
    const last = entries.filter((entry) => entry.fields.item === item.dataset.itemKey).at(-1);
    const isHere = last ? last.state !== "refused" && last.fields.value !== '""' : item.dataset.answered === "1";
    const mark = item.querySelector("[data-mark]");
    const tick = !last ? (item.dataset.answered === "1" ? "sent" : "") : last.state;
    mark.dataset.mark = tick;
    mark.textContent = { kept: root.dataset.kept, sent: root.dataset.sent, refused: last?.words ?? "" }[tick] ?? "";
    if (isHere) done += 1;
  }
  root.querySelector("[data-done]").textContent = done;
  root.querySelector("progress").value = done;
}

function go(to) {
  if (!inSteps) return;
  place = Math.max(0, Math.min(items.length - 1, to));
  items.forEach((item, n) => { item.hidden = n !== place; });
  root.querySelector("[data-place]").textContent = place + 1;
  root.querySelector("[data-next]").hidden = place === items.length - 1;
  root.querySelector("[data-last]").hidden = place !== items.length - 1;
  root.querySelector("[data-previous]").disabled = place === 0;
}

/* Hands ------------------------------------------------------------------------------------ */

const itemOf = (target) => target.closest("[data-item-key]");

root.addEventListener("input", (event) => {
  const item = itemOf(event.target);
  if (!item || event.target.type === "file") return;
  queue.typed.put(`${url} ${item.dataset.itemKey}`, { value: valueOf(item), note: field(item, "note").value });
  // Words and digits are entered when the hand rests, or when it goes on.
  clearTimeout(timers.get(item));
  timers.set(item, setTimeout(() => save(item, { holds: false }), REST));
});

root.addEventListener("change", async (event) => {
  const item = itemOf(event.target);
  if (!item) return;
  if (event.target.type === "file") {
    const photos = [...event.target.files];
    item.querySelector("[data-photo-names]").textContent = photos.map((photo) => photo.name).join(", ");
    if (photos.length) await save(item, { photos });
    event.target.value = "";
    return;
  }
  await save(item);
  // One tap answers and goes on, unless words are asked for.
  if (inSteps && event.target.type === "radio" && !isAbnormal(item, valueOf(item))) go(place + 1);
});

root.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-add-row]");
  if (adder) addRow(itemOf(adder));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await save(items[place])) go(place + 1);
  else field(items[place], "note").focus();
});
root.querySelector("[data-last]").addEventListener("click", async (event) => {
  const item = inSteps ? items[place] : null;
  if (!item) return;
  event.preventDefault();
  if (!(await save(item))) { field(item, "note").focus(); return; }
  if (event.target.closest("a").getAttribute("aria-disabled") !== "true") location.assign(event.target.closest("a").href);
});
root.querySelector("[data-previous]")?.addEventListener("click", async () => { await save(items[place]); go(place - 1); });

/* After a reload: what is in the queue and what was typed stand in their fields again. ------- */

async function restore() {
  const entries = (await queue.mine()).filter((entry) => entry.url === url && entry.state !== "refused");
  for (const item of items) {
    item.dataset.was = JSON.stringify([valueOf(item), field(item, "note").value.trim()]);
    const unsent = entries.filter((entry) => entry.fields.item === item.dataset.itemKey && entry.state === "kept").at(-1);
    if (unsent) {
      fillIn(item, JSON.parse(unsent.fields.value));
      field(item, "note").value = unsent.fields.note;
      item.dataset.was = JSON.stringify([valueOf(item), unsent.fields.note]);
    }
    const typed = await queue.typed.get(`${url} ${item.dataset.itemKey}`);
    if (typed) {
      fillIn(item, typed.value);
      field(item, "note").value = typed.note;
      ask(item);
    }
  }
  const first = items.findIndex((item) => item.dataset.answered !== "1" && !entries.some((entry) => entry.fields.item === item.dataset.itemKey));
  go(first < 0 ? items.length - 1 : first);
}

/* The page itself is kept on the device, so that a reload without a network opens it again. */
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.scope });
  const worker = (await navigator.serviceWorker.ready).active;
  const parts = performance.getEntriesByType("resource").map((each) => each.name).filter((name) => /\.(js|css|svg)(\?|$)/.test(name));
  worker.postMessage({ person: root.dataset.person, keep: [location.href, ...new Set(parts)] });
}

restore().then(queue.start);
keepPage().catch(() => {}); // without it everything works but a reload without a network
