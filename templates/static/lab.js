// The lab's page: tries the extension as it is typed or dragged, plays it, tunes it.
"use strict";

(() => {
  const HALF = 500;
  const at = (id) => document.getElementById(id);
  const [form, menu, input, picture, timeline] =
    ["lab", "menu", "extension", "picture", "timeline"].map(at);
  const sound = at("sound");
  const words = JSON.parse(form.dataset.words); // the page's language, by the English
  const language = document.documentElement.lang;
  let shown = null; // what the server said last
  let asked = 0;
  let typing = 0;
  let moving = null;

  function say(text, parts = {}) {
    return words[text].replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  }

  function decimal(number, digits) {
    return number.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  // An extension as its keys with the half seconds before each, and those behind the last.
  function parse(text) {
    const keys = [];
    let waits = 0;
    for (const one of text) {
      if (one === "w") waits += 1;
      else if (one === "W") waits += 2;
      else { keys.push({ key: one, waits }); waits = 0; }
    }
    return { keys, after: waits };
  }

  function written({ keys, after }) {
    const text = (wait) => keys.map((one) => wait(one.waits) + one.key).join("") + wait(after);
    const plain = text((count) => "w".repeat(count));
    if (plain.length <= (shown ? shown.most_w : 32)) return plain;
    return text((count) => "W".repeat(Math.floor(count / 2)) + "w".repeat(count % 2));
  }

  async function ask(what) {
    const fields = new URLSearchParams(new FormData(form));
    if (menu.value) fields.delete("document");
    const answer = await fetch(`/lab/${what}`, { method: "POST", body: fields });
    if (answer.ok) return answer;
    if (answer.status === 413) throw new Error(say("The document is too long for this page: use lineproof lab try"));
    const json = (answer.headers.get("Content-Type") || "").includes("json");
    throw new Error(json ? (await answer.json()).wrong : say("The page is too old: load it again"));
  }

  function verdict(text, kind) {
    at("verdict").textContent = text;
    at("verdict").className = `lab-verdict ${kind}`;
  }

  function wrong(error) {
    const text = error instanceof TypeError ? say("The server cannot be reached.") : error.message;
    verdict(text, "not");
  }

  async function run() {
    clearTimeout(typing);
    asked += 1;
    const mine = asked;
    try {
      const found = await (await ask("try")).json();
      if (mine === asked) show(found);
    } catch (error) {
      if (mine === asked) wrong(error);
    }
  }

  function soon() {
    clearTimeout(typing);
    typing = setTimeout(run, 120);
  }

  function show(found) {
    shown = found;
    quiet();
    const { why } = found;
    if (found.reached) verdict(say("Reached: {why}", { why }), "good");
    else verdict(say("Not reached: {why}", { why }), "not");
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(new Blob([found.svg], { type: "image/svg+xml" }));
    picture.alt = found.keys.map((one) => `${one.key} ${one.verdict}`).join(", ");
    picture.hidden = at("hint").hidden = false;
    handles(found);
    at("rows").replaceChildren(...found.keys.map(row));
    at("table").hidden = found.keys.length === 0;
    at("assumed").textContent = [...found.trouble, say("Assumed: {over}.", { over: found.assumed })].join(" ");
  }

  function row(one) {
    const line = document.createElement("tr");
    const told = one.why ? `${one.verdict}: ${one.why}` : one.verdict;
    for (const text of [one.key, one.at, told, ...one.margin]) {
      line.append(Object.assign(document.createElement("td"), { textContent: text }));
    }
    line.children[2].className = one.good ? "lab-good" : "lab-not";
    return line;
  }

  function handles(found) {
    const focused = document.activeElement?.dataset?.place;
    const waits = parse(input.value).keys;
    const made = found.keys.map((one, place) => handle(one, place, waits[place]?.waits ?? 0, found));
    for (const old of timeline.querySelectorAll(".handle")) old.remove();
    timeline.append(...made.filter(Boolean));
    if (focused !== undefined) timeline.querySelector(`[data-place="${focused}"]`)?.focus();
  }

  function handle(one, place, waits, found) {
    if (one.left === null) return null;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "handle" });
    button.dataset.place = place;
    button.style.left = `${one.left * 100}%`;
    button.style.top = `${found.lane * 100}%`;
    const attributes = {
      role: "slider", "aria-valuemin": 0, "aria-valuemax": 120, "aria-valuenow": waits,
      "aria-label": say("Wait before key {key}", { key: one.key }),
      "aria-valuetext": say("{seconds} seconds, {verdict}", { seconds: decimal(waits / 2, waits % 2), verdict: one.verdict }),
    };
    for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
    button.addEventListener("keydown", pressed);
    button.addEventListener("pointerdown", hold);
    return button;
  }

  // The waits before a key become so many half seconds; what is behind it moves along.
  function wait(place, count) {
    const extension = parse(input.value);
    extension.keys[place].waits = Math.max(0, Math.min(120, count));
    const text = written(extension);
    if (text.length <= input.maxLength) input.value = text;
    return extension.keys[place].waits;
  }

  function pressed(event) {
    const place = Number(event.currentTarget.dataset.place);
    const now = parse(input.value).keys[place].waits;
    const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
      PageDown: now - 10, PageUp: now + 10, Home: 0 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    wait(place, to);
    run();
  }

  function hold(event) {
    event.preventDefault(); // no selection, no drag of the browser's own
    const button = event.currentTarget;
    const place = Number(button.dataset.place);
    const perMs = (picture.width - shown.left - shown.right) / (shown.seconds * 1000);
    moving = { button, place, x: event.clientX, perMs, waits: parse(input.value).keys[place].waits };
    button.setPointerCapture(event.pointerId);
    button.classList.add("held");
    button.addEventListener("pointermove", drag);
    button.addEventListener("lostpointercapture", drop, { once: true });
  }

  function drag(event) {
    const { button, place, x, perMs, waits } = moving;
    const now = wait(place, waits + Math.round((event.clientX - x) / perMs / HALF));
    button.style.transform = `translate(${(now - waits) * HALF * perMs}px, -50%)`;
  }

  function drop() {
    moving.button.removeEventListener("pointermove", drag);
    moving.button.focus();
    moving = null;
    run();
  }

  function quiet() {
    sound.pause();
    sound.hidden = at("now").hidden = true;
    sound.removeAttribute("src");
    at("play").textContent = say("Play");
  }

  async function play() {
    if (!sound.hidden && !sound.paused) { sound.pause(); return; }
    try {
      if (sound.hidden) {
        if (typing) await run();
        const file = await (await ask("sound")).blob();
        sound.src = URL.createObjectURL(file);
        sound.hidden = false;
      }
      await sound.play();
    } catch (error) {
      wrong(error);
    }
  }

  function follow() {
    const now = at("now");
    now.hidden = false;
    const wide = picture.width - shown.left - shown.right;
    now.style.left = `${shown.left + wide * Math.min(1, sound.currentTime / shown.seconds)}px`;
    if (!sound.paused) requestAnimationFrame(follow);
  }

  async function tune() {
    const place = at("tuned");
    place.hidden = false;
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: say("Tuning …") }));
    at("tune").disabled = true;
    try {
      const found = await (await ask("tune")).json();
      place.replaceChildren(...tuned(found));
    } catch (error) {
      place.hidden = true;
      wrong(error);
    } finally {
      at("tune").disabled = false;
    }
  }

  function tuned(found) {
    const title = Object.assign(document.createElement("h2"), { textContent: say("Tuned") });
    const said = found.why.map((text) => Object.assign(document.createElement("p"), { textContent: text, className: "lab-not" }));
    const over = Object.assign(document.createElement("p"), { className: "under", textContent: say("Over: {over}.", { over: found.over }) });
    const seconds = decimal(found.asked / 1000, 1);
    const ones = [
      proposal(found.works ? say("Widest") : say("Most likely"), found.widest),
      proposal(say("Shortest that keeps {seconds} s", { seconds }), found.shortest),
    ];
    return [title, ...said, ...ones.filter(Boolean), over];
  }

  function proposal(name, one) {
    if (!one) return null;
    const part = Object.assign(document.createElement("div"), { className: "found" });
    const margin = one.margin === null ? say("no margin")
      : say("margin {seconds} s", { seconds: decimal(one.margin / 1000, 3) });
    const head = document.createElement("strong");
    head.textContent = say("{name}: {margin}", { name, margin });
    const code = Object.assign(document.createElement("code"), { textContent: one.extension });
    const told = document.createElement("p");
    told.append(code, document.createElement("br"), say("reached in {reached} of {runs} runs", one));
    const use = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: say("Use this") });
    use.addEventListener("click", () => { input.value = one.extension; run(); input.focus(); });
    part.append(head, told, use);
    return part;
  }

  function chosen() {
    at("own").hidden = menu.value !== "";
    at("greeting").value = "day";
    const { extension, about } = menu.selectedOptions[0].dataset;
    if (extension) input.value = extension;
    at("about").textContent = about ?? ""; // a telephone's width cuts it off in the list itself
    at("tuned").hidden = true;
    if (menu.value || at("document").value.trim()) run();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  input.addEventListener("input", soon);
  menu.addEventListener("change", chosen);
  at("greeting").addEventListener("change", run);
  at("document").addEventListener("input", soon);
  at("file").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (file) { at("document").value = await file.text(); run(); }
  });
  at("play").addEventListener("click", play);
  at("tune").addEventListener("click", tune);
  sound.addEventListener("play", () => { at("play").textContent = say("Pause"); follow(); });
  sound.addEventListener("pause", () => { at("play").textContent = say("Play"); });
  sound.addEventListener("seeked", follow);
  run();
})();
