// What the pages do with a script, and are whole without: copying, and renewing themselves.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const text = source.textContent.trim();
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Over plain http a browser has no clipboard: what is to be copied is selected instead.
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = said; }, 2500);
  });
}

// On a phone the row of pages is wider than the screen: the present one is to be seen.
document.querySelector("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// A page with data-renew="seconds" takes the parts with data-part anew, as long as it is seen.
const seconds = Number(document.body.dataset.renew || 0);
const open = () => document.activeElement && document.activeElement.matches("input, select");
async function renew() {
  if (document.hidden || open()) return;
  try {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!other || part.innerHTML === other.innerHTML) continue;
      const unfolded = [...part.querySelectorAll("details")].map((d) => d.open);
      const focused = [...part.querySelectorAll("a, button, summary")].indexOf(document.activeElement);
      part.replaceChildren(...other.childNodes);
      part.querySelectorAll("details").forEach((d, i) => { d.open = Boolean(unfolded[i]); });
      if (focused >= 0) part.querySelectorAll("a, button, summary")[focused]?.focus();
    }
  } catch { /* away for a moment: the next turn tries again */ }
}
if (seconds) {
  setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", renew);
}
