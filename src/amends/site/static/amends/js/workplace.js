// The pages of a complaint and of a chat: tabs, composer with its drafts, preview in a dialog.
// A chat has a composer, but no tabs.
"use strict";

const page = document.querySelector(".workplace");

// --- tabs --------------------------------------------------------------------------------------

const isPhone = () => window.matchMedia("(max-width: 720px)").matches;
const tabs = () => [...document.querySelectorAll("[data-tabs] [data-tab]")]
  .filter((tab) => tab.checkVisibility());

function chooseTab(name, { remember = true } = {}) {
  page.dataset.tab = name;
  for (const tab of document.querySelectorAll("[data-tabs] [data-tab]")) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on && remember) {
      tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      window.history.replaceState(null, "", tab.href);
    }
  }
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tabs] [data-tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  chooseTab(tab.dataset.tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-tabs] [data-tab]");
  if (!tab) return;
  const all = tabs();
  const at = all.indexOf(tab);
  const to = {
    ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  chooseTab(next.dataset.tab);
  next.focus();
});

if (page && (page.dataset.tab === "" || (page.dataset.tab === "conversation" && !isPhone()))) {
  chooseTab(isPhone() ? "conversation" : "verdict", { remember: false });
}

// A link or an address to something within a panel opens its tab, and what is folded around it.
function reveal(id) {
  const target = document.getElementById(id);
  if (!target) {
    const panel = id.startsWith("row-") && document.querySelector("#panel-evidence [data-panel-to-load]");
    if (!panel) return;
    chooseTab("evidence", { remember: false });
    document.body.addEventListener("htmx:afterSettle", () => reveal(id), { once: true });
    return;
  }
  if (target.matches("dialog")) {
    target.showModal();
    return;
  }
  const panel = target.closest("[role='tabpanel'].panel");
  if (panel) chooseTab(panel.id.replace("panel-", ""), { remember: false });
  for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  const mode = target.closest("[role='tabpanel'].write");
  if (mode) chooseMode(mode.id.replace("write-", ""));
  target.scrollIntoView({ block: "center" });
  if (target.matches("textarea, input, button")) target.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-reveal]");
  if (!link) return;
  event.preventDefault();
  window.history.replaceState(null, "", link.href);
  reveal(link.dataset.reveal);
});

// --- dialogs: read when the first of them is opened ---------------------------------------------

const dialogs = document.getElementById("dialogs");

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-dialog]");
  const name = opener?.dataset.dialog;
  if (!name || !dialogs || document.getElementById(name)) return;
  event.preventDefault();
  await window.htmx.ajax("GET", dialogs.dataset.dialogs, { target: dialogs, swap: "innerHTML" });
  const dialog = document.getElementById(name);
  if (dialog) dialog.showModal();
  else if (opener.href) window.location.assign(opener.href);
});

// What has changed at the complaint may change them: the next one that is opened is read anew.
document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id !== "complaint-head" || !dialogs) return;
  if (!dialogs.querySelector("dialog[open]")) dialogs.replaceChildren();
});

// A verdict that arrived after the page was opened has a reply that the composer does not contain:
// approving would send nothing, so the page is read again first. Drafts are stored as one types.
document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  const approve = event.detail.target.id === "verdict-frame" && document.getElementById("approve");
  const seen = document.querySelector("#reply-form [name='seen']");
  if (!approve || seen?.value === approve.dataset.seen) return;
  approve.replaceWith(document.getElementById("approve-reload").content.cloneNode(true));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-reload]")) window.location.reload();
});

// Personal values are shown once: they go with their dialog, or with the page.
const forget = () => { if (dialogs?.querySelector("[data-shown-once]")) dialogs.replaceChildren(); };
dialogs?.addEventListener("close", forget, true);
window.addEventListener("pagehide", forget);

// --- conversation ------------------------------------------------------------------------------

// The newest is next to the composer.
const talk = document.getElementById("panel-conversation");
if (talk && !window.location.hash) talk.scrollTop = talk.scrollHeight;
document.querySelector(".queue-item[aria-current]")?.scrollIntoView({ block: "center" });

// --- composer ----------------------------------------------------------------------------------

const composer = document.querySelector("[data-composer]");
const openForm = () => composer?.querySelector("[role='tabpanel']:not([hidden]) form");

function chooseMode(name) {
  if (!composer?.querySelector(`[data-mode='${name}']`)) return;
  for (const mode of composer.querySelectorAll("[data-mode]")) {
    const on = mode.dataset.mode === name;
    mode.setAttribute("aria-selected", String(on));
    mode.tabIndex = on ? 0 : -1;
    document.getElementById(`write-${mode.dataset.mode}`).hidden = !on;
  }
  composer.classList.toggle("is-note", name === "note");
  composer.classList.remove("at-rest");
  if (page && isPhone()) chooseTab("conversation");
}

function write(name) {
  chooseMode(name);
  openForm()?.querySelector("textarea")?.focus();
}

composer?.addEventListener("click", (event) => {
  const mode = event.target.closest("[data-mode]");
  if (!mode || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const rests = composer.classList.contains("at-rest");
  if (isPhone() && !rests && mode.getAttribute("aria-selected") === "true") composer.classList.add("at-rest");
  else write(mode.dataset.mode);
});

composer?.addEventListener("keydown", (event) => {
  const mode = event.target.closest("[data-mode]");
  if (!mode) return;
  const all = [...composer.querySelectorAll("[data-mode]")];
  const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all[(all.indexOf(mode) + to + all.length) % all.length];
  chooseMode(next.dataset.mode);
  next.focus();
});

// Put words into a form: behind what is typed, in place of nothing.
function insert(form, { text, subject }) {
  const field = form.querySelector("[data-draft-text]");
  const about = form.querySelector("[data-draft-subject]");
  if (about && subject && !about.value.trim()) about.value = subject;
  const typed = field.value.trimEnd();
  if (!typed.includes(text)) field.value = typed ? `${typed}\n\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

document.addEventListener("click", (event) => {
  const ask = event.target.closest("[data-ask]");
  if (ask) {
    chooseMode("ask");
    const form = openForm();
    if (form) insert(form, { text: ask.dataset.ask, subject: ask.dataset.askSubject });
  }
  const proposed = event.target.closest("[data-proposed]");
  if (proposed) {
    const field = proposed.closest("form").querySelector("[data-draft-text]");
    field.value = document.getElementById(proposed.dataset.proposed).content.textContent;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
});

composer?.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-module]") || !event.target.value) return;
  const form = event.target.form;
  const answer = await fetch(`${composer.dataset.texts}?module=${event.target.value}`).catch(() => null);
  event.target.value = "";
  const filled = answer?.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (answer?.ok) insert(form, filled);
  else tell(filled.error || form.closest("[data-composer]").dataset.offline);
});

// Ctrl+Enter sends what is written, from anywhere on the page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const form = openForm();
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// --- drafts: what is typed is stored on the server, a moment after the last key -------------------

const DRAFT_AFTER_MS = 800;
const timers = new Map();
const tell = (words) => {
  const status = composer?.querySelector("[data-draft-status]");
  if (status) status.textContent = words;
};

async function storeDraft(form) {
  timers.delete(form);
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.querySelector("[name='csrfmiddlewaretoken']").value);
  body.set("mode", form.dataset.draft);
  body.set("text", form.querySelector("[data-draft-text]").value);
  body.set("subject", form.querySelector("[data-draft-subject]")?.value || "");
  body.set("version", form.querySelector("[name='version']").value);
  const address = composer.dataset.drafts;
  const answer = await fetch(address, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (!answer || !answer.headers.get("Content-Type")?.includes("json")) {
    // Signed out, or the server is away: the words stay here, and the browser asks before it leaves.
    tell(composer.dataset.offline);
    return;
  }
  const stored = await answer.json();
  if (stored.version !== undefined) form.querySelector("[name='version']").value = stored.version;
  tell(stored.error || stored.saved || "");
  if (answer.ok) document.dispatchEvent(new CustomEvent("draft-stored", { detail: form }));
}

composer?.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form || !event.target.matches("[data-draft-text], [data-draft-subject]")) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => storeDraft(form), DRAFT_AFTER_MS));
});

// On a phone the form opens when one chooses what to write: the conversation needs the room.
const asked = new URLSearchParams(window.location.search).has("mode") || window.location.hash === "#composer";
if (composer?.querySelector("[data-mode]") && !asked) composer.classList.add("at-rest");
if (composer) composer.classList.toggle("is-note", Boolean(composer.querySelector("#write-note:not([hidden])")));
if (new URLSearchParams(window.location.search).has("mode")) openForm()?.querySelector("textarea")?.focus();

// --- preview -----------------------------------------------------------------------------------

document.body.addEventListener("htmx:beforeSwap", (event) => {
  // A refusal is shown in the dialog; what was typed stays in the composer.
  if (event.detail.target.id === "preview" && event.detail.xhr.status < 500) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "preview") return;
  const dialog = document.getElementById("preview");
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
});

// --- live parts: replaced when they changed, but not while somebody is in them ---------------------

let openLetters = [];

document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const part = event.detail.target;
  if (part.id === "timeline-frame") {
    openLetters = [...part.querySelectorAll("details[id][open]")].map((one) => one.id);
    return;
  }
  const isBusy = part.contains(document.activeElement) || part.querySelector("details.menu[open]");
  if (isBusy) event.detail.shouldSwap = false;
});

document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id !== "timeline-frame") return;
  for (const id of openLetters) document.getElementById(id)?.setAttribute("open", "");
});

if (window.location.hash.length > 1) reveal(window.location.hash.slice(1));
