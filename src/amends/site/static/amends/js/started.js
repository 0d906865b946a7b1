// After the first account the server may start again: follow the link once it answers.
"use strict";

const onward = document.querySelector("a[data-wait]");

async function tryAgain() {
  try {
    const answer = await fetch("/healthz/live", { cache: "no-store" });
    if (answer.ok) window.location = onward.href;
    else window.setTimeout(tryAgain, 1000);
  } catch {
    window.setTimeout(tryAgain, 1000);
  }
}

if (onward) window.setTimeout(tryAgain, 4000);
