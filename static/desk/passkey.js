/* Passkeys: ask the server what is to be signed, let the device sign it, send the form.

   A button with data-passkey ("get" or "create") stands in its form. `data-ask` is a pair like
   "deed=challenge" that the question carries in place of the form's own value; with data-alone
   the passkey is enough and the form's fields may stay empty. */

const find = (selector, from = document) => from.querySelector(selector);
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const keys = (list) => (list ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));

function read(options) {
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = keys(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = keys(options.excludeCredentials);
  return read;
}

function write(made) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = toText(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: toText(made.rawId), type: made.type, response });
}

function say(button, words) {
  const place = find("[data-passkey-says]", button.form);
  place.textContent = words;
  place.hidden = !words;
}

async function ask(button) {
  const body = new FormData(button.form);
  const [name, value] = button.dataset.ask.split("=");
  body.set(name, value);
  body.delete("passkey");
  const answer = await fetch(button.form.action || location.href, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message);
  return read(said.options);
}

async function go(button) {
  say(button, "");
  let publicKey;
  try {
    publicKey = await ask(button);
  } catch (error) {
    return say(button, error instanceof SyntaxError || error instanceof TypeError ? button.dataset.failed : error.message);
  }
  try {
    const made = await navigator.credentials[button.dataset.passkey]({ publicKey });
    find("[name=passkey]", button.form).value = write(made);
  } catch {
    return say(button, button.dataset.failed);
  }
  button.form.noValidate = button.hasAttribute("data-alone");
  return button.form.requestSubmit();
}

/* A passkey belongs to a name: under another address (127.0.0.1, say) the device has none. */
const belongs = (name) => location.hostname === name || location.hostname.endsWith(`.${name}`);

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !belongs(button.dataset.name)) {
    button.setAttribute("aria-disabled", "true");
    say(button, button.dataset.elsewhere);
    continue;
  }
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    if (!button.hasAttribute("data-alone") && !button.form.reportValidity()) return;
    button.setAttribute("aria-busy", "true");
    try { await go(button); } finally { button.removeAttribute("aria-busy"); }
  });
}
