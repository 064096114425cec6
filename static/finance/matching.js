/* The workbench's hands: two cursors, the sum of what is selected, one key a match. What is decided
   is decided by the server; this only moves and adds. */
const bench = document.querySelector("form.bench");
const find = (selector, from = bench) => from.querySelector(selector);
const all = (selector, from = bench) => [...from.querySelectorAll(selector)];

/* Sums in whole fen, never in floating point ---------------------------------------------- */

const fen = (text) => BigInt(text.replace(".", ""));
function written(amount) {
  const plain = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  const whole = plain.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount < 0n ? "\u2212" : ""}${whole}.${plain.slice(-2)}`;
}
const chosen = () => all("input[name=sel]:checked");
function sums() {
  let statement = 0n;
  let ours = 0n;
  for (const box of chosen()) {
    statement += fen(box.dataset.statement);
    ours += fen(box.dataset.ours);
  }
  return { statement, ours, rest: statement - ours };
}
function show() {
  const { statement, ours, rest } = sums();
  find("[data-count]").textContent = chosen().length;
  find("[data-statement-sum]").textContent = written(statement);
  find("[data-ours-sum]").textContent = written(ours);
  find("[data-rest]").textContent = written(rest);
  for (const box of all("input[name=sel]")) box.closest("tr").classList.toggle("is-picked", box.checked);
}

/* Cursors: the left one says which line is worked on; the line under it is selected by itself
   until a person selects something. -------------------------------------------------------- */

let pane = "left";
const rows = (side) => all(`[data-pane="${side}"] tbody tr[data-id]`);
const place = { left: 0, right: 0 };

function current(row) {
  for (const other of rows("left")) {
    if (other === row) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
  for (const box of all("input[data-auto]")) {
    box.checked = false;
    delete box.dataset.auto;
  }
  if (!all("[data-pane=left] input[name=sel]:checked").length) {
    const box = find("input[name=sel]", row);
    box.checked = true;
    box.dataset.auto = "";
  }
  for (const field of document.querySelectorAll("input[name=line]")) field.value = row.dataset.id;
  for (const list of all("[data-for]")) list.hidden = list.dataset.for !== row.dataset.id;
  find("[data-facts]").href = row.dataset.break;
  const address = new URL(location.href);
  address.searchParams.delete("after");
  address.searchParams.set("line", row.dataset.id);
  history.replaceState(history.state, "", address);
}

function go(side, to) {
  const list = rows(side);
  if (!list.length) return;
  pane = side;
  place[side] = Math.max(0, Math.min(list.length - 1, to));
  const row = list[place[side]];
  for (const each of [...rows("left"), ...rows("right")]) each.classList.toggle("is-at", each === row);
  if (side === "left" && row.getAttribute("aria-current") !== "true") current(row);
  find("input[name=sel]", row).focus();
  row.scrollIntoView({ block: "nearest" });
  show();
}

function toggle() {
  const box = find("input[name=sel]", rows(pane)[place[pane]] ?? bench);
  if (!box) return;
  // What the cursor had selected by itself becomes a person's choice.
  if ("auto" in box.dataset) delete box.dataset.auto;
  else box.checked = !box.checked;
  show();
}

/* Deeds ----------------------------------------------------------------------------------- */

function match() {
  const { rest } = sums();
  const far = (rest < 0n ? -rest : rest) > fen(bench.dataset.tolerance);
  const code = find("#code");
  if (chosen().length && far && !code.value) {
    find("[data-ask]").hidden = false;
    code.focus();
    return;
  }
  if (code.value && !find("#reason").value.trim()) {
    find("[data-ask]").hidden = false;
    find("#reason").focus();
    return;
  }
  bench.requestSubmit(find("[data-match]"));
}

async function openCase() {
  const dialog = document.getElementById("case");
  const answer = await fetch(find("[data-case]").dataset.case, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) { find("[data-facts]").click(); return; }
  find("[data-owners]", dialog).innerHTML = await answer.text();
  dialog.showModal();
  find("select", dialog).focus();
}

const take = (number) => {
  const button = find(`[data-for]:not([hidden]) [data-suggestion="${number}"]`);
  if (button) bench.requestSubmit(button);
};
const deeds = {
  j: () => go(pane, place[pane] + 1),
  k: () => go(pane, place[pane] - 1),
  l: () => go("right", place.right),
  h: () => go("left", place.left),
  s: () => go("left", place.left + 1),
  x: toggle,
  d: () => find("#code").focus(),
  b: openCase,
  u: () => { const button = find("[data-undo]"); if (button) bench.requestSubmit(button); },
  A: () => find("[data-all-exact]")?.click(),
  Enter: match,
};

let composing = false;
const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea");
/* The first tick after a composition belongs to it still. */
document.addEventListener("compositionstart", () => { composing = true; }, true);
document.addEventListener("compositionend", () => setTimeout(() => { composing = false; }, 0), true);

document.addEventListener("keydown", (event) => {
  if (composing || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.matches("#code, #reason")) {
    event.preventDefault();
    match();
    return;
  }
  if (event.key === "Escape" && typing(event.target) && bench.contains(event.target)) {
    go(pane, place[pane]);
    return;
  }
  if (typing(event.target) || document.body.dataset.keys === "off") return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  const deed = /^[1-5]$/.test(event.key) ? () => take(event.key) : deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  deed();
}, true);

if (bench) {
  bench.addEventListener("change", (event) => {
    if (!event.target.matches("input[name=sel]")) return;
    delete event.target.dataset.auto;
    show();
  });
  bench.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (row && !event.target.matches("input")) {
      const side = row.closest("[data-pane]").dataset.pane;
      go(side, rows(side).indexOf(row));
    }
    if (event.target.closest("[data-skip]")) deeds.s();
    if (event.target.closest("[data-case]")) openCase();
  });
  const now = rows("left").findIndex((row) => row.getAttribute("aria-current") === "true");
  go(now < 0 ? "right" : "left", Math.max(now, 0));
}
