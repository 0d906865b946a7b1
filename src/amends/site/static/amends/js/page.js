// What every page needs and HTML does not do by itself: closing toasts, opening dialogs,
// guarding words not yet sent.
"use strict";

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-dismiss]");
  if (closer) closer.closest(".toast").remove();

  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) event.preventDefault();
    if (dialog && !dialog.open) dialog.showModal();
  }

  if (event.target.matches("dialog")) {
    const box = event.target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right
      || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) event.target.close();
  }

  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  if (event.target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Words not yet sent: the browser asks before they are lost.
let unsent = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) unsent = true;
});
document.addEventListener("submit", () => { unsent = false; });
window.addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});

// The search box of a long list of choices hides what does not match; picked ones stay.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const choice of event.target.closest("fieldset").querySelectorAll(".choice")) {
    const matches = choice.textContent.toLowerCase().includes(wanted);
    choice.hidden = !matches && !choice.querySelector("input").checked;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
});

// A menu of facts opens where a mouse rests on it, and stays open once it is pressed.
for (const menu of document.querySelectorAll("details.menu.peek")) {
  let peeked = false;
  menu.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse" || menu.open) return;
    peeked = true;
    menu.open = true;
  });
  menu.addEventListener("pointerleave", () => {
    if (peeked) menu.open = false;
    peeked = false;
  });
  menu.querySelector("summary").addEventListener("click", (event) => {
    if (!peeked) return;
    event.preventDefault();
    peeked = false;
  });
}

// Seconds left, as the server counted them: the clock of this machine may be wrong.
function countDown() {
  for (const part of document.querySelectorAll("[data-countdown]")) {
    const left = Number(part.dataset.countdown);
    part.textContent = left > 0 ? `${left} s` : "";
    part.dataset.countdown = String(Math.max(left - 1, 0));
  }
}

countDown();
setInterval(countDown, 1000);

// Where the address leads to a part that is closed, or to a row that is hidden, it is opened.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let part = target.closest("details:not(.menu)"); part; part = part.parentElement.closest("details")) part.open = true;
  const rows = target.closest(".ten-rows");
  if (rows) allRows(rows);
  target.scrollIntoView();
}

// On a phone a long table or list shows ten rows and a button that shows all (display.css).
function allRows(rows) {
  rows.classList.remove("ten-rows");
  rows.nextButton.remove();
}

function cutRows(root) {
  const template = document.getElementById("all-rows");
  for (const rows of root.querySelectorAll("main .table > tbody, main [data-rows]")) {
    const controls = "input:not([type=hidden]), select, textarea";
    if (rows.nextButton || rows.children.length <= 12 || rows.querySelector(controls)) continue;
    const button = template.content.firstElementChild.cloneNode(true);
    button.lastElementChild.textContent = rows.children.length;
    button.addEventListener("click", () => {
      const next = rows.children[10];
      allRows(rows);
      next.tabIndex = -1;
      next.focus();
    });
    rows.nextButton = button;
    rows.classList.add("ten-rows");
    (rows.closest(".table-frame, table") || rows).after(button);
  }
}

cutRows(document);
openTarget();
window.addEventListener("hashchange", openTarget);
document.addEventListener("htmx:load", () => cutRows(document));
