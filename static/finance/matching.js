/* The workbench: the sum of what is selected, as it is selected; everything else is the server's. */
const output = document.querySelector("[data-sum]");
const boxes = () => [...document.querySelectorAll("input[data-amount]")];

function show() {
  let statement = 0n;
  let ours = 0n;
  let count = 0;
  for (const box of boxes()) {
    if (!box.checked) continue;
    count += 1;
    const cents = BigInt(box.dataset.amount.replace(".", ""));
    if (box.dataset.side === "left") statement += cents;
    else ours += cents;
  }
  const rest = statement - ours;
  const text = (cents) => {
    const plain = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
    return `${cents < 0n ? "\u2212" : ""}${plain.slice(0, -2)}.${plain.slice(-2)}`;
  };
  document.querySelector("[data-picked-count]").textContent = count;
  output.textContent = text(statement);
  document.querySelector("[data-rest]").textContent = text(rest);
}

if (output) {
  document.addEventListener("change", (event) => { if (event.target.matches("input[data-amount]")) show(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "x" || event.key === "X") setTimeout(show, 0);
    if (event.key === "d" && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      document.getElementById("code").focus();
    }
  });
  show();
}
