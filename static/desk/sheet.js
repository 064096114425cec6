/* A sheet on a phone: digits, trigger, one item a screen; entries go through the device's queue. */

import { openQueue, showUnsent } from "./queue.js";

const sheet = document.querySelector("[data-sheet]");
const form = sheet.querySelector("form[data-queue]");
const items = [...sheet.querySelectorAll("[data-item-key]")];
const quantity = document.getElementById("quantity");
const hit = sheet.querySelector("[data-hit]");
let stale = "";
const queue = openQueue({
  person: sheet.dataset.person,
  token: () => form.elements.namedItem("csrfmiddlewaretoken").value,
  shown: async () => { await show(); renew(); },
  sent: (entry, told) => { stale ||= told.stale ? entry.fields.item : ""; },
});
const mine = queue.mine;
const flush = queue.flush;
const SHOWN_UNDO = 20;
let place = 0;

/* An entry made items this page does not know: it is loaded anew when nothing waits. */
function renew() {
  if (!stale || sheet.querySelector("[data-unsent]").textContent !== "0" || quantity.value !== "") return;
  location.hash = `item-${stale}`;
  location.reload();
}

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
  quantity.setAttribute("aria-describedby", items[place]?.id ?? "");
  for (const field of extras()) field.value = said(items[place], field.name);
}

/* What more is asked of an item: as entered here last, else as the server knows it. */
const latest = new Map();
const extras = () => [...form.querySelectorAll("[name^=extra-], [name^=word-]")];
const said = (item, name) => latest.get(item?.dataset.itemKey)?.[name] ?? item?.getAttribute(`data-${name}`) ?? (name.startsWith("extra-") ? "0" : "");
const counted = (item) => latest.get(item.dataset.itemKey)?.quantity ?? item.dataset.was ?? "0";

const enter = (fields) => queue.enter(location.pathname, fields);

async function save(value, to = place + 1) {
  const fields = { item: items[place].dataset.itemKey, quantity: String(value) };
  for (const field of extras()) fields[field.name] = field.value.trim() || (field.name.startsWith("extra-") ? "0" : "");
  await enter(fields);
  latest.set(fields.item, fields);
  window.desk?.signal("right");
  go(to);
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
  const fields = { ...last.fields, quantity: "0", ...before?.fields };
  await enter({ ...fields, undoes: last.client_id });
  latest.set(fields.item, fields);
  go(items.findIndex((item) => item.dataset.itemKey === last.fields.item));
  await show();
  flush();
});

/* A scan finds its item and adds one piece to what was counted of it; what another item still has in
   the field is saved first. A carton code that no item carries is asked of the server. */
const carries = (item, code) => ` ${item.dataset.codes.toUpperCase()} `.includes(` ${code.toUpperCase()} `);

function hear(kind, code, sentence = "") {
  hit.hidden = false;
  hit.className = `scan-hit${kind === "unknown" ? " is-unknown" : ""}${sentence ? "" : " mono"}`;
  hit.textContent = sentence || code;
  window.desk?.signal(kind);
}

/* Turn to an item; what the one in hand still has in the field is saved first. */
async function turn(at) {
  if (quantity.value.trim() !== "") await save(window.desk.value(quantity.value), at);
  else go(at);
}

function add(pieces, before) {
  quantity.value = String(window.desk.value(quantity.value.trim() || before) + pieces);
}

async function resolve(code) {
  let answer;
  try {
    answer = await fetch(`${location.pathname}?carton=${encodeURIComponent(code)}`, { credentials: "same-origin", redirect: "manual" });
  } catch {
    hear("unknown", code, sheet.dataset.noNetwork);
    return;
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) { hear("unknown", code, found.words); return; }
  const field = form.elements.namedItem(found.match);
  const wanted = found.words[found.match] ?? "";
  const able = items.filter((item) => found.codes.some((each) => carries(item, each)));
  const word = (item) => (items[place] === item && quantity.value !== "" ? field?.value.trim() : said(item, found.match)) ?? "";
  const item = able.find((each) => word(each) === wanted) ?? able.find((each) => !word(each)) ?? able[0];
  if (!item) { hear("unknown", found.codes[0] ?? code); return; }
  hear("right", [found.codes[0], ...Object.values(found.words)].join(" "));
  // Another lot of goods that were counted begins at nothing, and what is in hand is saved before.
  const isOther = wanted !== "" && word(item) !== "" && word(item) !== wanted;
  if (items.indexOf(item) !== place || isOther) await turn(items.indexOf(item));
  for (const [name, value] of Object.entries(found.words)) form.elements.namedItem(name).value = value;
  if (found.pieces) add(found.pieces, isOther ? "0" : counted(item));
}

/* The page begins where it was, with what the device still keeps; no scan is taken before. */
const ready = mine().then((entries) => {
  for (const entry of entries) {
    if (entry.url === location.pathname && entry.state === "kept") latest.set(entry.fields.item, entry.fields);
  }
  go(Math.max(0, items.findIndex((item) => `#${item.id}` === location.hash)));
  quantity.focus({ preventScroll: true });
});
let reading = ready; // scans are taken one after the other
sheet.addEventListener("scan", (event) => {
  const { code } = event.detail;
  reading = reading.then(async () => {
    const here = items[place] && carries(items[place], code) ? place : -1; // of several lots the one in hand
    const at = here >= 0 ? here : items.findIndex((item) => carries(item, code));
    if (at >= 0) {
      hear("right", code);
      if (at !== place) await turn(at);
      add(1, counted(items[at]));
    }
    else if (sheet.dataset.cartons !== undefined) await resolve(code);
    else hear("unknown", code);
  });
});

ready.then(queue.start);
