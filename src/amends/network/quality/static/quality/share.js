// Hand the address of a result on: by the phone's own sheet, else through the clipboard.
"use strict";

const share = document.getElementById("speed-share");
if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener("click", async () => {
    const given = {title: document.title, url: location.href};
    if (navigator.share) {
      await navigator.share(given).catch(() => {});
      return;
    }
    await navigator.clipboard.writeText(given.url);
    share.textContent = share.dataset.done;
  });
}
