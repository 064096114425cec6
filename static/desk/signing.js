/* A hand waits until everything this device holds for the sheet is on the server. */

import { openQueue, showUnsent } from "./queue.js";

const root = document.querySelector("[data-signing]");
const queue = openQueue({
  person: root.dataset.person,
  token: () => root.querySelector("[name=csrfmiddlewaretoken]").value,
  shown: async () => {
    const entries = (await queue.mine()).filter((entry) => entry.url === root.dataset.fill);
    const unsent = showUnsent(entries);
    root.querySelector("[data-unsent-line]").hidden = unsent === 0;
  },
});
root.addEventListener("submit", (event) => {
  if (root.querySelector("[data-waits-for-queue]").getAttribute("aria-disabled") === "true") event.preventDefault();
});
queue.start();
