// Looks for changes, every two seconds or as the page says (data-period, 0: never again), and puts
// them into the page; says when the server is lost. What has a data-key stays until that changes.
"use strict";

(() => {
  const PERIOD = 2000;
  const PATIENCE = 8000;
  const regions = () => document.querySelectorAll("[data-live]");
  const lost = document.getElementById("lost");
  const period = () => Number(document.body.dataset.period ?? PERIOD);
  let etag = "";

  function tell(text) {
    if (lost.textContent === text) return;
    lost.textContent = text;
    lost.hidden = text === "";
  }

  function take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    if (fresh.body.dataset.period) document.body.dataset.period = fresh.body.dataset.period;
    for (const region of regions()) {
      const other = fresh.getElementById(region.id);
      if (!other || other.innerHTML === region.innerHTML) continue;
      if (region.dataset.key && region.dataset.key === other.dataset.key) continue;
      if (other.dataset.key) region.dataset.key = other.dataset.key;
      const focused = region.contains(document.activeElement) ? document.activeElement : null;
      const again = focused && focused.value ? [focused.tagName, focused.name, focused.value] : null;
      region.replaceChildren(...other.childNodes);
      if (!again) continue;
      const [tag, name, value] = again;
      for (const one of region.querySelectorAll(tag)) {
        if (one.name === name && one.value === value) one.focus();
      }
    }
  }

  async function look() {
    if (document.hidden) return;
    const headers = etag ? { "If-None-Match": etag } : {};
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      const answer = await fetch(location.href, { headers, signal, cache: "no-store" });
      if ([401, 410].includes(answer.status)) {
        location.reload();
      } else if (answer.ok) {
        etag = answer.headers.get("ETag") || "";
        take(await answer.text());
        tell("");
      } else {
        tell(answer.status === 304 ? "" : document.body.dataset.lost);
      }
    } catch {
      tell(document.body.dataset.lost);
    }
  }

  async function go() {
    await look();
    if (period()) setTimeout(go, period());
  }

  const printer = document.querySelector("[data-print]");
  if (printer) {
    printer.hidden = false;
    printer.addEventListener("click", () => print());
  }
  if (!regions().length || !period()) return;
  setTimeout(go, period());
  // Who comes back to the page, from the phone or by the back button, does not wait for the next look.
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", (event) => event.persisted && look());
})();
