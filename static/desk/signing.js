/* A hand waits until everything this device holds for the sheet is on the server. */

import { openQueue, showUnsent } from "./queue.js";

const root = document.querySelector("[data-signing]");
let wasUnsent = false;
const queue = openQueue({
  person: root.dataset.person,
  token: () => root.querySelector("[name=csrfmiddlewaretoken]").value,
  shown: async () => {
    const entries = (await queue.mine()).filter((entry) => entry.url === root.dataset.fill);
    const unsent = showUnsent(entries);
    root.querySelector("[data-unsent-line]").hidden = unsent === 0;
    // What the server said of the sheet was said before it had these: ask again.
    if (wasUnsent && unsent === 0) location.reload();
    wasUnsent = unsent > 0;
  },
});
root.addEventListener("submit", (event) => {
  if (root.querySelector("[data-waits-for-queue]").getAttribute("aria-disabled") === "true") event.preventDefault();
});
queue.start();
