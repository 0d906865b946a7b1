// The kiosk's clock: after some seconds without a touch it asks, then clears the screen. The server
// ends the session by itself; this only removes what the glass still shows.
"use strict";

const kiosk = document.body.dataset;
const dialog = document.getElementById("still-here");
const seconds = dialog.querySelector("[data-seconds]");
const ALIVE_EVERY_MS = 5000;
let touched = Date.now();
let told = 0;

function leave() {
  document.body.replaceChildren();
  window.location.replace(kiosk.end);
}

function touch() {
  touched = Date.now();
  if (dialog.open) dialog.close();
  if (touched - told < ALIVE_EVERY_MS) return;
  told = touched;
  fetch(kiosk.alive, { method: "POST", headers: { "X-CSRFToken": kiosk.csrf }, redirect: "manual" })
    .then((answer) => { if (answer.status !== 204) leave(); })
    .catch(() => {});
}

for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
  document.addEventListener(kind, touch, { passive: true });
}

setInterval(() => {
  if (kiosk.kiosk === "start") return;
  const left = Number(kiosk.idle) - (Date.now() - touched) / 1000;
  if (left <= 0) leave();
  else if (left <= Number(kiosk.warning)) {
    seconds.textContent = String(Math.ceil(left));
    if (!dialog.open) dialog.showModal();
  }
}, 500);

// A page taken from memory by "back" is of an earlier person: load it anew.
window.addEventListener("pageshow", (event) => { if (event.persisted) leave(); });
