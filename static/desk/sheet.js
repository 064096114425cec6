/* A sheet on a phone: digits, trigger, one item a screen; entries go through the device's queue. */

import { openQueue, showUnsent } from "./queue.js";

const sheet = document.querySelector("[data-sheet]");
const form = sheet.querySelector("form[data-queue]");
const items = [...sheet.querySelectorAll("[data-item-key]")];
const quantity = document.getElementById("quantity");
const hit = sheet.querySelector("[data-hit]");
const queue = openQueue({
  person: sheet.dataset.person,
  token: () => form.elements.namedItem("csrfmiddlewaretoken").value,
  shown: show,
});
const mine = queue.mine;
const flush = queue.flush;
const SHOWN_UNDO = 20;
let place = 0;


async function show() {
  const entries = (await mine()).filter((entry) => entry.url === location.pathname);
  showUnsent(entries);
  for (const item of items) {
    const last = entries.filter((entry) => entry.fields.item === item.dataset.itemKey).at(-1);
    const mark = item.querySelector("[data-mark]");
    if (!last && !item.dataset.was) { mark.textContent = ""; continue; }
    const value = last ? last.fields.quantity : item.dataset.was;
    const tick = !last || last.state === "sent" ? "✔" : last.state === "refused" ? "✘" : "✓";
    mark.textContent = `${tick} ${sheet.dataset.entered} ${value}${last?.words ? ` · ${last.words}` : ""}`;
  }
}

/* Moving --------------------------------------------------------------------------------- */

function go(to) {
  place = Math.max(0, Math.min(items.length - 1, to));
  items.forEach((item, n) => { item.hidden = n !== place; });
  sheet.querySelector("[data-place]").textContent = place + 1;
  form.elements.namedItem("item").value = items[place]?.dataset.itemKey ?? "";
  form.elements.namedItem("undoes").value = "";
  quantity.value = "";
  for (const extra of form.querySelectorAll("[name^=extra-]")) extra.value = "0";
}

const enter = (fields) => queue.enter(location.pathname, fields);

async function save(value) {
  const fields = { item: items[place].dataset.itemKey, quantity: String(value) };
  for (const extra of form.querySelectorAll("[name^=extra-]")) fields[extra.name] = extra.value || "0";
  await enter(fields);
  window.desk?.signal("right");
  go(place + 1);
  await show();
  flush();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (quantity.value.trim() === "") { quantity.focus(); return; }
  save(window.desk.value(quantity.value));
});
sheet.querySelector("[data-empty]")?.addEventListener("click", () => save(0));
sheet.querySelector("[data-previous]").addEventListener("click", () => go(place - 1));

/* Undo: a new entry that names the one it takes back; the server reverses, nothing is erased. */
sheet.querySelector("[data-undo]").addEventListener("click", async () => {
  const entries = (await mine()).filter((entry) => entry.url === location.pathname && entry.state !== "refused");
  const undone = new Set(entries.map((entry) => entry.fields.undoes).filter(Boolean));
  const last = entries.filter((entry) => !entry.fields.undoes && !undone.has(entry.client_id)).slice(-SHOWN_UNDO).at(-1);
  if (!last) return;
  const before = entries.filter((entry) => entry.fields.item === last.fields.item && entry !== last && !undone.has(entry.client_id) && !entry.fields.undoes).at(-1);
  await enter({ item: last.fields.item, quantity: before?.fields.quantity ?? "0", undoes: last.client_id });
  go(items.findIndex((item) => item.dataset.itemKey === last.fields.item));
  await show();
  flush();
});

/* A scan finds its item, and adds one piece to what stands in the field. */
sheet.addEventListener("scan", (event) => {
  const code = event.detail.code.toUpperCase();
  const at = items.findIndex((item) => ` ${item.dataset.codes.toUpperCase()} `.includes(` ${code} `));
  hit.hidden = false;
  hit.className = at < 0 ? "scan-hit is-unknown" : "scan-hit";
  hit.textContent = code;
  window.desk?.signal(at < 0 ? "unknown" : "right");
  if (at < 0) return;
  if (at !== place) go(at);
  quantity.value = String(window.desk.value(quantity.value || "0") + 1);
});

go(0);
queue.start();
