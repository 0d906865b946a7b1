// Keys of the desk. The inbox is a table of rows with [data-row], the queue beside a complaint a list
// of links with it; a complaint page marks its controls with [data-key]. Without this file everything
// is still reachable by link and button.
"use strict";

const rows = () => [...document.querySelectorAll("[data-row]")];

// Of several links in a row the one to its complaint; a mark leads elsewhere.
const opener = (row) => (row.matches("a")
  ? row : row.querySelector("a[data-open]") || row.querySelector("a"));

// Single keys can be switched off (WCAG 2.1.4), in this browser.
const KEYS_OFF = "amends.keys.off";
const keysAreOff = () => window.localStorage.getItem(KEYS_OFF) === "1";

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("here"));
  goTo(all, Math.min(Math.max(at + step, 0), all.length - 1));
}

function goTo(all, next) {
  for (const row of all) row.classList.remove("here");
  all[next].classList.add("here");
  rove();
  opener(all[next]).focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
}

// The queue is one stop of the Tab key; arrows move within it.
function rove() {
  const items = [...document.querySelectorAll("a[data-row]")];
  const at = Math.max(items.findIndex((item) => item.classList.contains("here")), 0);
  items.forEach((item, place) => { item.tabIndex = place === at ? 0 : -1; });
}

function here() {
  return document.querySelector("[data-row].here") || null;
}

function countPicked() {
  const picked = rows().filter((row) => row.querySelector("input.tick")?.checked);
  for (const row of rows()) row.classList.toggle("picked", picked.includes(row));
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = picked.length === 0;
  const count = bar.querySelector("[data-picked]");
  if (count) count.textContent = String(picked.length);
  for (const all of document.querySelectorAll("input[data-all]")) {
    all.checked = picked.length === rows().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  Enter: () => { const row = here(); if (row) opener(row).click(); },
  x: () => {
    const tick = here()?.querySelector("input.tick");
    if (tick) { tick.checked = !tick.checked; countPicked(); }
  },
  "/": () => document.querySelector("[data-key='/']")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

function press(key) {
  const row = here();
  const marked = document.querySelector(`[data-key='${key}']`);
  if (marked) {
    if (marked.matches("input, textarea")) marked.focus();
    else marked.click();
  } else if (row && (key === "a" || key === "r")) {
    window.location = `${opener(row).href}#${key === "a" ? "assign" : "reply-body"}`;
  }
}

const ARROWS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input:not(.tick), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key in ARROWS && event.target.matches("a[data-row]")) {
    event.preventDefault();
    const all = rows();
    const to = all.indexOf(event.target) + ARROWS[event.key];
    goTo(all, Math.min(Math.max(to, 0), all.length - 1));
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (keysAreOff()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in keys && (key !== "/" || document.querySelector("[data-key='/']"))) {
    event.preventDefault();
    keys[key]();
  } else if (/^[adnruwz]$/.test(key)) {
    // Else the letter is typed into the field that gets the focus.
    event.preventDefault();
    press(key);
  }
});

const keysSwitch = document.querySelector("[data-keys-switch]");
if (keysSwitch) {
  keysSwitch.checked = !keysAreOff();
  keysSwitch.addEventListener("change", () => {
    window.localStorage.setItem(KEYS_OFF, keysSwitch.checked ? "" : "1");
  });
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-all]")) {
    for (const row of rows()) row.querySelector("input.tick").checked = event.target.checked;
  }
  if (event.target.matches("input[type='checkbox']")) countPicked();
  if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (!row || event.target.closest("a, button, input, label")) return;
  row.querySelector("a").click();
});

countPicked();
rove();

// Where the tabs scroll, the one that is open is in sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// A page part with [data-refresh] is made anew so often (seconds) while it is looked at: not in a
// hidden tab, and not while somebody writes in it or has opened a table of it.
let since = 0;

function isBusy(part) {
  const at = document.activeElement;
  const writes = part.contains(at) && at.matches("input, textarea, select, button");
  return writes || part.querySelector("details[open]") !== null;
}

setInterval(() => {
  const part = document.querySelector("[data-refresh]");
  if (!part || document.hidden) return;
  since += 1;
  if (since < Number(part.dataset.refresh) || isBusy(part)) return;
  since = 0;
  window.htmx?.trigger(part, "turn");
}, 1000);

document.addEventListener("visibilitychange", () => {
  const part = document.querySelector("[data-refresh]");
  if (part && !document.hidden && since > 0) since = Number(part.dataset.refresh);
});

// --- dialogs with a form: the answer replaces the form, errors at the fields --------------------------------------

document.body.addEventListener("htmx:afterSwap", (event) => {
  const form = event.detail.elt.closest?.("dialog form");
  form?.querySelector("[role='alert'], .wrong :is(input, select, textarea)")?.focus();
});

// An answer of 401, 403 or 404 (signed out, not permitted, gone) is a page of its own: the form is sent as one.
document.body.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt;
  if (!form.matches("dialog form")) return;
  if (event.detail.xhr.status < 500) form.submit();
  else tellLost(form);
});

// Without an answer nobody knows whether it was done: sent again, it might be done twice.
document.body.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.matches("dialog form")) tellLost(event.detail.elt);
});

function tellLost(form) {
  form.querySelector(".note.lost")?.remove();
  const note = document.createElement("p");
  note.className = "note bad lost";
  note.setAttribute("role", "alert");
  note.tabIndex = -1;
  note.textContent = form.dataset.lost;
  form.querySelector(".dialog-body").prepend(note);
  note.focus();
}
