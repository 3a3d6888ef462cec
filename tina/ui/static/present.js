/* ?mode=present: for a projector. Space stops and goes on, the arrows choose, and it goes round by itself. The audience
   suggests from its phones, and the speaker decides: L opens a window in which suggestions are read, A shows one, X drops it,
   S is for one's own. The wall says only how many wait. While the server cannot be reached, the last run is shown again
   from what the page has kept of it. */
(function () {
  "use strict";
  const settings = new URLSearchParams(location.search);
  if (settings.get("mode") !== "present") return;
  document.documentElement.classList.add("present");
  const EVERY = 14000, LOOK = 2000, FRAME = 700, LAST = 5;  // milliseconds; as many frames long is the last one shown
  const STEP = /step (\d+)(?: of (\d+))?/, LONGEST = 120;
  let at = 0, timer = null, say = null, room = null, waiting = [], kept = null, recording = null, replaying = null, misses = 0;
  const prompts = () => [...document.querySelectorAll(".examples [data-classes]")].map((one) => one.dataset.classes);
  const { fill } = TinaRoom;
  const find = (selector) => document.querySelector(`#tina ${selector}`);

  function show(step) {
    const all = prompts();
    if (!all.length || !TinaPage.choose || replaying) return;
    at = (at + step + all.length) % all.length;
    TinaPage.choose(all[at]);
  }

  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(() => show(1), EVERY) : null;
    document.documentElement.dataset.playing = String(on);
  }

  document.addEventListener("keydown", pressed);

  function pressed(event) {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.key === " ") play(!timer);
    else if (event.key === "ArrowRight") show(1);
    else if (event.key === "ArrowLeft") show(-1);
    else if (key === "s" && audience) audience.field.focus();
    else if (key === "l" && audience) read();
    else if (key === "a" && waiting.length && isRead()) decide(true);
    else if (key === "x" && waiting.length && isRead()) decide(false);
    else return;
    event.preventDefault();
  }
  play(!settings.has("classes"));

  // -- the audience ---------------------------------------------------------------------------------------------------
  let audience = null, speaker = null, peeking = false;

  /* A window for the speaker's own screen; where none may be opened, the wall shows what waits. */
  function read() {
    if (speaker && !speaker.closed) return speaker.focus();
    speaker = window.open("", "tina-speaker", "popup,width=560,height=360");
    if (!speaker) peeking = !peeking;
    else {
      speaker.document.title = `Tina: ${say.suggest}`;
      speaker.document.body.style.cssText = "font: 24px/1.4 system-ui, sans-serif; padding: 12px; overflow-wrap: anywhere";
      speaker.addEventListener("keydown", pressed);
    }
    draw();
  }

  const isRead = () => peeking || Boolean(speaker && !speaker.closed);

  function suggested(text) {
    if (!text.trim() || replaying) return;
    play(false);
    TinaPage.choose(text.trim().slice(0, LONGEST));
  }

  async function decide(taken) {
    const [first] = waiting;
    waiting = waiting.slice(1);
    draw();
    try {
      await TinaRoom.post("take", { code: room.code, key: room.key, id: first.id });
      if (taken) suggested(first.text);
    } catch (error) { /* it is gone: another window was quicker */ }
  }

  /* Below the chips: what is suggested, a field for the speaker, and how to join. */
  function place() {
    const { tag } = TinaPage, pane = find("#describe-pane"), code = find("#qr");
    if (!pane || !code || audience) return;
    const field = tag("input", { type: "text", maxlength: String(LONGEST), placeholder: say.suggest, "aria-label": say.field });
    const next = tag("p", { class: "next", role: "status" }), keys = tag("p", { class: "keys" }, say.keys), join = tag("p", { class: "join" });
    const form = tag("form", { onsubmit: (event) => (event.preventDefault(), suggested(field.value), (field.value = ""), field.blur()) }, field);
    field.addEventListener("keydown", (event) => event.key === "Escape" && field.blur());
    audience = { field, next, join, root: tag("div", { id: "audience" }, form, next, keys) };
    code.before(audience.root);
    code.after(join);
  }

  function draw() {
    if (!audience) return;
    const { tag } = TinaPage, [first] = waiting;
    const count = fill(say.waiting, { n: waiting.length }), text = () => [tag("b", {}, first.text), tag("br"), `${say.accept} · ${count}`];
    audience.next.replaceChildren(...(!first ? [] : peeking ? text() : [count, ...(isRead() ? [] : [` · ${say.read}`])]));
    if (speaker && !speaker.closed) speaker.document.body.replaceChildren(...(first ? text() : [fill(say.waiting, { n: 0 })]));
  }

  async function enter() {
    const name = "tina-present", stored = sessionStorage.getItem(name);
    if (stored) room = JSON.parse(stored);
    if (room) await TinaRoom.post("teacher", { code: room.code, key: room.key }).catch(() => (room = null));
    if (!room) room = await TinaRoom.post("open", { kind: "present", lang: say.code }).catch(() => null);
    if (!room) return;  // the code of the page itself stays
    sessionStorage.setItem(name, JSON.stringify(room));
    const picture = find("#qr svg");
    if (picture) picture.parentElement.innerHTML = room.qr;
    audience.join.replaceChildren(room.reachable ? `${say.join} ` : `${say.loopback} `, TinaPage.tag("b", {}, room.code));
    audience.join.classList.toggle("wrong-note", !room.reachable);
    audience.join.title = fill(say.address, { address: room.address, code: room.code });
  }

  async function look() {
    try {
      if (room) ({ suggestions: waiting } = await TinaRoom.post("teacher", { code: room.code, key: room.key }));
      else await fetch("class/words", { cache: "no-store" });
      misses = 0;
      if (replaying) live();
    } catch (error) {
      if (error.message === "wrong") room = null, (waiting = []), enter();  // an hour is over
      else if (error.message === "lost" || error instanceof TypeError) ++misses > 1 && !replaying && replay();
    }
    draw();
  }

  // -- the run that is kept -------------------------------------------------------------------------------------------
  const PARTS = ["#strips", "#head", "#view"];
  const inner = (selector) => [...document.querySelectorAll(`#tina ${selector} .prose`)];

  /* Every step as it is drawn; once a run is finished, it is the one that is kept. */
  function record() {
    const head = find("#head"), match = head && STEP.exec(head.dataset.step || "");
    if (!match || replaying || !find("#view .rows")) return;
    const number = Number(match[1]), labels = [...document.querySelectorAll("#view .rows li span[title]")].map((one) => one.textContent).join();
    if (!recording || recording.labels !== labels || number < recording.number) recording = { labels, frames: [], number };
    recording.number = number;
    recording.frames[number] = PARTS.map((part) => inner(part).map((one) => one.innerHTML)).concat([[...document.querySelectorAll(".held button")].map((one) => one.className)]);
    if (!/finished/.test(head.dataset.step)) return;
    const copies = [".chips", ".held"].map((part) => find(part).cloneNode(true));
    kept = { frames: recording.frames.filter(Boolean), copies };
  }

  function replay() {
    if (!kept) return;
    [".chips", ".held"].forEach((part, i) => find(part).replaceChildren(...kept.copies[i].cloneNode(true).childNodes));
    let frame = 0;
    const next = () => {
      const now = kept.frames[Math.min(frame, kept.frames.length - 1)];
      PARTS.forEach((part, i) => inner(part).forEach((one, k) => (one.innerHTML = now[i][k] ?? one.innerHTML)));
      document.querySelectorAll(".held button").forEach((one, i) => (one.className = now[PARTS.length][i] ?? one.className));
      frame = (frame + 1) % (kept.frames.length + LAST);
    };
    next();
    replaying = setInterval(next, FRAME);
    document.documentElement.dataset.replaying = "true";
    banner.textContent = say.offline;
    banner.hidden = false;
  }

  function live() {
    clearInterval(replaying);
    replaying = null;
    delete document.documentElement.dataset.replaying;
    banner.hidden = true;
    if (timer) show(0);
  }

  const banner = document.createElement("p");
  banner.id = "offline";
  banner.setAttribute("role", "status");
  banner.hidden = true;

  // -- its language ---------------------------------------------------------------------------------------------------
  function set(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  function translate() {
    document.querySelectorAll("#tina .watch-head").forEach((head) => {
      const span = head.querySelector("span");
      if (!span) return;
      const text = span.dataset.said === span.textContent ? span.dataset.step : span.textContent, match = STEP.exec(text);
      if (!match) return;
      span.dataset.step = text;
      find("#head").dataset.step = text;
      if (!say || say.code === "en") return;
      const finished = /finished/.test(text), steps = match[2] || "";
      const said = match[2] ? fill(finished ? say.done : say.step, { step: match[1], steps }) : say.start;
      span.dataset.said = said;
      set(span, said);
    });
    if (!say || say.code === "en") return;
    for (const kind of ["chance", "slice", "fine-tuned"]) document.querySelectorAll(`#strips .bar.${kind} > span`).forEach((one) => set(one, say[kind]));
    document.querySelectorAll("#head svg text").forEach((one) => one.textContent === "chance" ? set(one, say.chance) : one.textContent === "start" && set(one, say.begin));
    document.querySelectorAll("#panes .pane h2").forEach((one, i) => {
      const title = [...one.childNodes].find((node) => node.nodeType === 3 && node.textContent.trim());
      if (title && say.titles[i] && title.textContent !== ` ${say.titles[i]} `) title.textContent = ` ${say.titles[i]} `;
    });
  }

  async function begin() {
    const wanted = settings.get("lang"), answer = await fetch(`class/words${wanted ? `?lang=${encodeURIComponent(wanted)}` : ""}`).catch(() => null);
    if (!answer || !answer.ok) return;
    const found = await answer.json();
    if (!document.body) await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
    say = found;
    document.documentElement.lang = say.code;
    document.documentElement.dataset.lang = say.code;
    document.body.prepend(banner);
    translate();
    const ready = setInterval(() => {
      if (!find("#qr svg")) return;
      clearInterval(ready);
      place();
      translate();
      record();
      enter();
      setInterval(look, LOOK);
    }, 200);
  }
  new MutationObserver(() => (translate(), record())).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
  begin();
})();
