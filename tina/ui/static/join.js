/* A phone in a room: it guesses, or suggests. No names; the token is forgotten with the tab. */
(function () {
  "use strict";
  const EVERY = 2000, say = JSON.parse(document.getElementById("texts").textContent), root = document.querySelector("main");
  const at = location.pathname.replace(/(\/class)\/.*$/, "$1");  // of the rooms, wherever the server is mounted
  let code = "", token = "", kind = "", shown = null, timer = null;

  function tag(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (key.startsWith("on")) element.addEventListener(key.slice(2), value); else element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  async function post(name, content) {
    let response;
    try {
      response = await fetch(`${at}/api/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, token, ...content }) });
    } catch (unreachable) {
      throw new Error("lost");
    }
    const answer = await response.json().catch(() => ({ error: "lost" }));
    if (!response.ok) throw new Error(answer.error || "lost");
    return answer;
  }

  const status = tag("p", { class: "status", role: "status" });
  const tell = (word) => (status.textContent = say[word] || "");

  function enter(word = "") {
    clearInterval(timer);
    const field = tag("input", { id: "code", maxlength: "5", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: code });
    root.replaceChildren(tag("form", { onsubmit: (event) => (event.preventDefault(), (code = field.value.trim().toUpperCase()), (token = ""), join()) },
      tag("label", { for: "code" }, say.code), field, tag("button", {}, say.enter)), status, tag("p", { class: "private" }, say.private));
    tell(word);
  }

  async function join() {
    const kept = sessionStorage.getItem(`tina-${code}`);
    try {
      if (kept) [kind, token] = JSON.parse(kept);
      if (!kept) ({ kind, token } = await post("join", {}));
      sessionStorage.setItem(`tina-${code}`, JSON.stringify([kind, token]));
    } catch (error) {
      return enter(error.message);
    }
    shown = null;
    root.replaceChildren(tag("div", { class: "question" }), status, tag("p", { class: "private" }, say.private));
    if (kind === "present") suggesting();
    clearInterval(timer);
    timer = setInterval(look, EVERY);
    look();
  }

  async function look() {
    try {
      const state = await post("pupil", {});
      if (kind === "present") return state.waiting || status.textContent === say.lost ? tell(state.waiting ? "waiting" : "") : null;
      if (state.question !== shown) ask(state.question, state.mine);
      if (!state.question) tell("wait");
      else if (status.textContent === say.lost) tell(state.mine === null ? "" : "sent");
    } catch (error) {
      if (error.message !== "wrong") return tell(error.message === "busy" ? "" : "lost");
      sessionStorage.removeItem(`tina-${code}`);
      clearInterval(timer);
      root.replaceChildren(status);
      tell("over");
    }
  }

  function ask(question, mine) {
    shown = question;
    const one = question && say.questions[question], place = root.querySelector(".question");
    tell(mine === null ? "" : "sent");
    if (!one) return place.replaceChildren();
    const buttons = one.choices.map((choice, i) => tag("button", { type: "button", "aria-pressed": String(mine === i), onclick: async () => {
      try {
        await post("guess", { question, choice: i });
        buttons.forEach((other, k) => other.setAttribute("aria-pressed", String(k === i)));
        tell("sent");
      } catch (error) {
        tell(error.message === "late" ? "wait" : "lost");
      }
    } }, choice));
    place.replaceChildren(tag("h1", {}, one.ask), ...buttons);
  }

  function suggesting() {
    const field = tag("input", { id: "text", maxlength: "120", placeholder: say.example, autocomplete: "off" });
    root.querySelector(".question").replaceChildren(tag("form", { onsubmit: async (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      try {
        await post("suggest", { text: field.value });
        field.value = "";
        tell("waiting");
      } catch (error) {
        tell(say[error.message] ? error.message : "lost");
      }
    } }, tag("label", { for: "text" }, say.suggest), field, tag("button", {}, say.send)));
  }

  code = say.code_given.toUpperCase();
  if (code) join();
  else enter();
})();
