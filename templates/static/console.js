// Looks for changes every two seconds and puts them into the page; says when the server is lost.
"use strict";

(() => {
  const PERIOD = 2000;
  const PATIENCE = 8000;
  const regions = () => document.querySelectorAll("[data-live]");
  const lost = document.getElementById("lost");
  let etag = "";

  function tell(text) {
    if (lost.textContent === text) return;
    lost.textContent = text;
    lost.hidden = text === "";
  }

  function take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const region of regions()) {
      const other = fresh.getElementById(region.id);
      if (!other || other.innerHTML === region.innerHTML) continue;
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
      if (answer.status === 401) {
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
    setTimeout(go, PERIOD);
  }

  if (regions().length) setTimeout(go, PERIOD);
})();
