/* The shell's hands: keys, palette, lists, forms, inbox poll, scanner. Nothing here decides
   anything; every deed is a form the server reads. */

const root = document.documentElement;
const body = document.body;
const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const store = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } },
};

/* IME: no key fires while characters are composed, nor in the tick after ------------------ */

let composing = false;
document.addEventListener("compositionstart", () => { composing = true; }, true);
document.addEventListener("compositionend", () => setTimeout(() => { composing = false; }, 0), true);
const isComposing = (event) => composing || event.isComposing || event.keyCode === 229;

const inField = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
const openDialog = () => find("dialog[open]");

/* Navigation ------------------------------------------------------------------------------ */

function fold() {
  if (matchMedia("(max-width: 960px)").matches) {
    root.classList.toggle("nav-open");
  } else {
    root.classList.toggle("nav-folded");
    store.set("nav", root.classList.contains("nav-folded") ? "folded" : "");
  }
  const shown = !root.classList.contains("nav-folded") || root.classList.contains("nav-open");
  find("[data-fold]")?.setAttribute("aria-expanded", String(shown));
}
if (store.get("nav") === "folded") root.classList.add("nav-folded");

/* Dialogs: opened by a button, closed by Escape or their own button; a click outside does not
   discard what was typed. ------------------------------------------------------------------ */

function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const first = find("[autofocus]", dialog) ?? find("textarea, input:not([type=hidden]), select", dialog);
  (first ?? dialog).focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) return open(opener.dataset.opens);
  if (event.target.closest("[data-closes]")) return event.target.closest("dialog")?.close();
  if (event.target.closest("[data-fold]")) return fold();
  if (event.target.closest("[data-peek-close]")) return closePeek();
  if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  return undefined;
});

/* Palette --------------------------------------------------------------------------------- */

const palette = document.getElementById("palette");
const typed = document.getElementById("palette-text");
const hits = document.getElementById("palette-hits");
let asked = 0;
let waiting;

async function ask() {
  const text = typed.value.trim();
  const mine = ++asked;
  if (!text) { hits.replaceChildren(); return; }
  const answer = await fetch(`${body.dataset.find}?part=hits&q=${encodeURIComponent(text)}`, {
    headers: { "HX-Request": "true" }, credentials: "same-origin",
  }).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  hits.innerHTML = await answer.text();
  mark(0);
}

function mark(step) {
  const links = all("a", hits);
  if (!links.length) return;
  const now = links.findIndex((link) => link.classList.contains("is-current"));
  const next = Math.max(0, Math.min(links.length - 1, (now < 0 ? 0 : now) + step));
  links.forEach((link, n) => link.classList.toggle("is-current", n === next));
  links[next].scrollIntoView({ block: "nearest" });
}

if (palette) {
  typed.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  typed.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const current = find("a.is-current", hits);
      if (current && !typed.value.trim().includes("\n")) current.click();
      else typed.form.submit();
    }
  });
  palette.addEventListener("close", () => { typed.value = ""; hits.replaceChildren(); });
}

/* Lists ----------------------------------------------------------------------------------- */

const rows = () => all("[data-list] tbody tr");
let current = -1;

function focusRow(step) {
  const list = rows();
  if (!list.length) return;
  const focused = list.findIndex((row) => row.contains(document.activeElement));
  current = Math.max(0, Math.min(list.length - 1, (focused >= 0 ? focused : current) + step));
  (find("[data-open]", list[current]) ?? find("a, input", list[current]) ?? list[current]).focus();
  list[current].scrollIntoView({ block: "nearest" });
}
const currentRow = () => rows().find((row) => row.contains(document.activeElement));

function pick() {
  const bar = find("[data-bulkbar]");
  if (!bar) return;
  const boxes = all("[data-list] input[name=sel]");
  const count = boxes.filter((box) => box.checked).length;
  boxes.forEach((box) => box.closest("tr, .request")?.classList.toggle("is-picked", box.checked));
  find("[data-picked]", bar).textContent = count;
  bar.hidden = count === 0;
}

function pickPage() {
  const box = find("[data-all]");
  if (!box) return;
  box.checked = !box.checked;
  all("[data-list] tbody input[name=sel]").forEach((one) => { one.checked = box.checked; });
  pick();
}

/* Copies what rows (or the record) are called: the selected ones, else the one in focus. */
async function copyNames() {
  const picked = rows().filter((row) => find("input[name=sel]:checked", row));
  const chosen = picked.length ? picked : [currentRow()].filter(Boolean);
  const names = chosen.map((row) => find("[data-open]", row)?.textContent.trim()).filter(Boolean);
  const name = find("[data-number]")?.textContent.trim();
  const text = names.length ? names.join("\n") : name;
  const place = document.getElementById("messages");
  if (!text || !place) return;
  try { await navigator.clipboard.writeText(text); } catch { return; }
  const notice = document.createElement("div");
  notice.className = "notice is-success";
  notice.append(Object.assign(document.createElement("p"), {
    textContent: `${place.dataset.copied} ${text.split("\n").join(" ")}`,
  }));
  place.replaceChildren(notice);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    all("[data-list] input[name=sel]").forEach((box) => { box.checked = event.target.checked; });
  }
  if (event.target.matches("[data-all], input[name=sel]")) pick();
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

function closePeek() {
  const peek = document.getElementById("peek");
  peek.hidden = true;
  peek.replaceChildren();
  focusRow(0);
}

async function peek() {
  const link = currentRow() && find("[data-open]", currentRow());
  if (!link) return;
  const answer = await fetch(link.href, {
    headers: { "HX-Request": "true", "HX-Target": "div#peek" }, credentials: "same-origin",
  }).catch(() => null);
  if (!answer?.ok) { link.click(); return; }
  const panel = document.getElementById("peek");
  panel.innerHTML = await answer.text();
  panel.hidden = false;
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (!mover) return;
  const item = mover.closest("li");
  if (mover.dataset.move === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  mover.focus();
});

/* Keys ------------------------------------------------------------------------------------ */

let pending = "";
const goes = { a: "approvals", h: "home", i: "inbox" };

function single(event) {
  const key = event.key;
  if (pending === "g") {
    pending = "";
    const link = find(`[data-go="${goes[key]}"]`) ?? all(".sidenav a").find((a) => a.pathname === { a: "/approvals/", h: "/", i: "/inbox/" }[key]);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  const wanted = find(`[data-key="${CSS.escape(key)}"]:not([aria-disabled=true])`);
  if (wanted && (wanted.offsetParent !== null || wanted.closest("details.menu"))) { event.preventDefault(); wanted.click(); return; }
  const deeds = {
    "[": fold,
    "?": () => open("keys-help"),
    "/": () => find(".filters input:not([type=hidden]), .filters select")?.focus(),
    g: () => { pending = "g"; setTimeout(() => { pending = ""; }, 1200); },
    j: () => focusRow(1),
    k: () => focusRow(-1),
    e: peek,
    X: pickPage,
    c: copyNames,
    x: () => { const box = currentRow() && find("input[name=sel]", currentRow()); if (box) { box.checked = !box.checked; pick(); } },
  };
  if (/^[1-9]$/.test(key)) {
    const item = all("[data-item]")[Number(key) - 1];
    if (item) { event.preventDefault(); item.click(); }
    return;
  }
  if (deeds[key]) { event.preventDefault(); deeds[key](); }
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("palette");
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form") ?? find("form[data-form]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open]")) { menu.open = false; find("summary", menu).focus(); }
    root.classList.remove("nav-open");
    const panel = document.getElementById("peek");
    if (panel && !panel.hidden) closePeek();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (body.dataset.keys === "off" || inField(event.target) || openDialog() || scanning()) return;
  single(event);
});

/* Forms ----------------------------------------------------------------------------------- */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || form.method === "dialog") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  const pressed = event.submitter;
  // After the browser has read the pressed button, so that its value still travels.
  setTimeout(() => { if (pressed) { pressed.classList.add("is-busy"); pressed.setAttribute("aria-busy", "true"); } }, 0);
  setTimeout(() => { const bar = document.getElementById("working"); if (bar) bar.hidden = false; }, 800);
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  const bar = document.getElementById("working");
  if (bar) bar.hidden = true;
});

function addLine(table) {
  const last = find("tbody tr:last-child", table);
  const copy = last.cloneNode(true);
  const number = Number(/-(\d+)-/.exec(find("input, select", last).name)[1]) + 1;
  all("input, select", copy).forEach((field) => {
    field.name = field.name.replace(/-\d+-/, `-${number}-`);
    field.id = field.name;
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, String(number + 1)));
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  });
  last.after(copy);
  return copy;
}

document.addEventListener("click", (event) => { event.target.closest("[data-all-rows]")?.remove(); });
document.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-add-line]");
  if (!adder) return;
  const table = find(`[data-lines="${adder.dataset.addLine}"]`);
  find("input, select", addLine(table)).focus();
});

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  const pastes = event.target.closest?.("[data-pastes]");
  if (pastes && text.includes("\n")) {
    event.preventDefault();
    pastes.value = text.trim().split(/\s+/).join(" ");
    pastes.form.requestSubmit();
    return;
  }
  const table = event.target.closest?.("[data-lines]");
  if (!table || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  let row = event.target.closest("tr");
  const from = [...row.cells].indexOf(event.target.closest("td"));
  for (const line of text.replace(/\r/g, "").replace(/\n+$/, "").split("\n")) {
    line.split("\t").forEach((value, n) => {
      const field = row.cells[from + n] && find("input, select", row.cells[from + n]);
      if (!field) return;
      if (field.type === "checkbox") field.checked = /^(1|true|是|y)/i.test(value.trim());
      else field.value = value.trim();
    });
    row = row.nextElementSibling ?? addLine(table);
  }
});

/* Fill down: Alt + arrow down copies the value above into the next row's same column. */
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-lines] input, [data-lines] select");
  if (!field || !event.altKey || event.key !== "ArrowDown") return;
  event.preventDefault();
  const cell = field.closest("td");
  const next = cell.parentElement.nextElementSibling;
  const below = next && find("input, select", next.cells[cell.cellIndex]);
  if (below) { below.value = field.value; below.focus(); }
});

/* Fill down a column: the cell last worked in, else the first that is filled, into empty ones below. */
let worked = null;
document.addEventListener("focusin", (event) => { worked = event.target.closest?.("[data-lines] td") ?? worked; });
document.addEventListener("click", (event) => {
  const head = event.target.closest?.("[data-fill-down]")?.closest("th");
  if (!head) return;
  const rows = [...head.closest("table").tBodies[0].rows];
  const field = (row) => find("input, select", row.cells[head.cellIndex]);
  const mine = worked?.cellIndex === head.cellIndex && rows.includes(worked.parentElement) && field(worked.parentElement)?.value;
  const from = mine ? rows.indexOf(worked.parentElement) : rows.findIndex((row) => field(row)?.value);
  if (from < 0) return;
  for (const below of rows.slice(from + 1).map(field)) {
    if (below && !below.value) below.value = field(rows[from]).value;
  }
});

/* Drafts: three seconds after the last key. A leave warning appears only if keeping failed. */
const drafted = find("form[data-draft]");
if (drafted) {
  let timer;
  let failed = false;
  const words = find("[data-draft-words]", drafted);
  const keep = async () => {
    const data = new FormData(drafted);
    data.set("step", "draft");
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const answer = await fetch(location.pathname, { method: "POST", body: data, credentials: "same-origin" }).catch(() => null);
    failed = !answer?.ok;
    if (answer?.ok) words.textContent = await answer.text();
  };
  drafted.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 3000); });
  drafted.addEventListener("submit", () => { clearTimeout(timer); failed = false; });
  window.addEventListener("beforeunload", (event) => { if (failed) event.preventDefault(); });
  find("[data-draft-take]", drafted)?.addEventListener("click", () => {
    const kept = JSON.parse(document.getElementById("draft-body").textContent);
    for (const [name, value] of Object.entries(kept)) {
      const field = drafted.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    }
    find("[data-draft-offer]", drafted).remove();
  });
}

/* What was typed survives a switch of language. */
for (const form of all("form[data-keeps-typing]")) {
  form.addEventListener("submit", () => {
    const kept = all("form[data-form] :is(input, select, textarea):not([type=hidden]):not([type=file])").map((field) => [field.name, field.value]);
    try { sessionStorage.setItem(`typed:${location.pathname}`, JSON.stringify(kept)); } catch { /* full */ }
  });
}
const typedBefore = (() => { try { return JSON.parse(sessionStorage.getItem(`typed:${location.pathname}`)); } catch { return null; } })();
if (typedBefore) {
  sessionStorage.removeItem(`typed:${location.pathname}`);
  for (const [name, value] of typedBefore) {
    const field = find(`form[data-form] [name="${CSS.escape(name)}"]`);
    if (field) field.value = value;
  }
}

find("[data-focus] :is(input:not([type=hidden]), select, textarea)")?.focus();
find("[data-errors]")?.focus();

/* Inbox: one poll per 30 seconds, none from a hidden tab ----------------------------------- */

let tag = "";
async function poll() {
  if (document.hidden || !body.dataset.poll) return;
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(body.dataset.poll, { headers, credentials: "same-origin", redirect: "manual" }).catch(() => null);
  if (!answer || answer.status !== 200) return;
  tag = answer.headers.get("ETag") ?? "";
  const place = document.getElementById("inbox-count");
  if (place) place.innerHTML = await answer.text();
}
if (document.getElementById("inbox-count")) {
  setInterval(poll, 30000);
  document.addEventListener("visibilitychange", poll);
}

/* A run's progress stops asking when the server says it is over (header HX-Trigger: done). */
document.addEventListener("done", () => setTimeout(() => location.reload(), 400));

/* Scanner wedge: keys at most 50 ms apart, ended by Enter or Tab, rebuilt from event.code,
   because an active IME turns letters into candidates. The field is put back as it was. ---- */

const GAP = 50;
const REPEAT = Number(body.dataset.scanRepeat ?? 250);
let burst = [];
let lastKey = 0;
let lastScan = ["", 0];
let before = null;
const FNC1 = "\u001d"; // ends an element of free length in a carton code
const scanning = () => burst.length > 2 && find("[data-scans]") !== null;

function letterOf(event) {
  const { code, shiftKey } = event;
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (event.ctrlKey) return code === "BracketRight" ? FNC1 : ""; // how a scanner types a separator
  if (shiftKey && /^Digit\d$/.test(code)) return ")!@#$%^&*("[code.at(-1)];
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1);
  return { Minus: "-", NumpadSubtract: "-", Slash: "/", Period: ".", NumpadDecimal: ".", Equal: shiftKey ? "+" : "=", Semicolon: shiftKey ? ":" : ";" }[code] ?? (event.key.length === 1 ? event.key : "");
}

document.addEventListener("keydown", (event) => {
  if (!find("[data-scans]")) return;
  const now = performance.now();
  if (now - lastKey > GAP) {
    burst = [];
    const field = inField(event.target);
    before = field ? [field, field.value] : null;
  }
  lastKey = now;
  if ((event.key === "Enter" || event.key === "Tab") && burst.length >= 4) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const code = burst.join("").replace(/[\u0000-\u001c\u001e\u001f\u007f]/g, "");
    burst = [];
    if (before) [before[0].value] = [before[1]];
    scanned(code, now);
    return;
  }
  const letter = letterOf(event);
  if (letter) burst.push(letter);
}, true);

function scanned(code, now = performance.now()) {
  if (code === lastScan[0] && now - lastScan[1] < REPEAT) return;
  lastScan = [code, now];
  const place = find("[data-scans]");
  place.dispatchEvent(new CustomEvent("scan", { bubbles: true, detail: { code } }));
  if (place.matches("form")) {
    find("[name=scan]", place).value = code;
    place.requestSubmit();
  } else if (place.dataset.scans) { // an empty address leaves the scan to the page's own script
    window.htmx.ajax("GET", `${place.dataset.scans}${encodeURIComponent(code)}`, { target: place.dataset.into ?? place, swap: "innerHTML" });
  }
}

/* Sound and touch: right, repeated, unknown. Others may call it: window.desk.signal("right"). */
let audio;
function signal(kind) {
  navigator.vibrate?.({ right: 40, repeated: [40, 60, 40], unknown: [200, 80, 200] }[kind] ?? 40);
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = { right: 880, repeated: 660, unknown: 220 }[kind] ?? 880;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + (kind === "unknown" ? 0.35 : 0.09));
  } catch { /* no sound device */ }
}

/* A key pad of ours: [data-pad="field id"] with buttons [data-digit]; 12x5 is read as 60. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-digit]");
  if (!button) return;
  const field = document.getElementById(button.closest("[data-pad]").dataset.pad);
  const digit = button.dataset.digit;
  if (digit === "C") field.value = "";
  else if (digit === "<") field.value = field.value.slice(0, -1);
  else if (digit === "+1") field.value = String(value(field.value) + 1);
  else field.value += digit;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
function value(text) {
  const parts = text.replace(/[×*X]/g, "x").split("x").map(Number);
  return parts.every(Number.isFinite) ? parts.reduce((a, b) => a * b, 1) : 0;
}

document.addEventListener("htmx:after:swap", () => { pick(); });
pick();
window.desk = { open, signal, scanned, value, store };
