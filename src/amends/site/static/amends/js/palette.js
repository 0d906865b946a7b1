// The palette: Ctrl-K opens a dialog with one field. The arrows choose among the options below it
// while the field keeps the focus; Enter opens the chosen one. Without this file the opener is a
// link to a page that does the same.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input[role='combobox']");
  const list = dialog.querySelector("[role='listbox']");
  const options = () => [...list.querySelectorAll("[role='option']")];

  function choose(at) {
    const all = options();
    for (const option of all) option.setAttribute("aria-selected", "false");
    const chosen = all[at];
    if (!chosen) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    chosen.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  const present = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");

  function step(by) {
    const number = options().length;
    if (number) choose((present() + by + number) % number);
  }

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    dialog.showModal();
    field.select();
    window.htmx?.trigger(field.form, "input");
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.closest("[data-palette]")) return;
    event.preventDefault();
    open();
  });

  field.addEventListener("keydown", (event) => {
    // An input method that is composing a character owns its keys.
    if (event.isComposing) return;
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") options()[present()]?.click();
    else return;
    event.preventDefault();
  });

  list.addEventListener("htmx:afterSwap", () => choose(0));
})();
