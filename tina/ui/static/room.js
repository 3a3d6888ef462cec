/* The class's guesses on the teacher's screen: a room with a code, live bars under each question. */
(function () {
  "use strict";
  const EVERY = 1500, PATIENCE = 15000;  // milliseconds between two looks into the room; after which a server is gone
  /* A sentence with its places filled in. */
  const fill = (text, values = {}) => text.replace(/\{([a-z_]+)\}/g, (all, name) => (name in values ? values[name] : all));

  /* POST as JSON; an error has the room's word for what is wrong, or "lost". */
  async function post(name, content) {
    let response;
    try {
      response = await fetch(`class/api/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content), signal: AbortSignal.timeout(PATIENCE) });
    } catch (unreachable) {
      throw new Error("lost");
    }
    const answer = await response.json().catch(() => ({ error: "lost" }));
    if (!response.ok) throw new Error(answer.error || "lost");
    return answer;
  }

  function mount(root, words, lang) {
    const { tag } = TinaPage, say = words.room, place = root.querySelector(".room"), begin = place.querySelector("[data-room]"), questions = new Map();
    const first = [...place.childNodes];
    let room = null, timer = null;
    begin.addEventListener("click", open);

    async function open() {
      begin.disabled = true;
      try {
        room = await post("open", { kind: "lesson", lang });
      } catch (error) {
        place.querySelector(".note").textContent = ["full", "busy"].includes(error.message) ? say.full : words.lesson.lost;
        begin.disabled = false;
        return;
      }
      const picture = tag("div", { class: "qr" });
      picture.innerHTML = room.qr;
      place.replaceChildren(tag("h2", {}, say.title), picture, tag("p", { class: "code" }, `${say.code} `, tag("b", {}, room.code)), tag("p", {}, fill(say.join, { address: room.address })),
        room.reachable ? "" : tag("p", { class: "wrong-note" }, say.loopback), tag("p", { class: "note" }, tag("b", { class: "people" }, fill(say.phones, { n: 0 })), " ", say.private),
        tag("button", { type: "button", class: "plain", onclick: end }, say.end));
      for (const { button } of questions.values()) button.hidden = false;
      timer = setInterval(look, EVERY);
      look();
    }

    async function look() {
      if (!room) return;
      try {
        const state = await post("teacher", { code: room.code, key: room.key });
        place.querySelector(".people").textContent = fill(say.phones, { n: state.people });
        for (const [name, one] of questions) draw(one, state.guesses[name], name === state.question);
      } catch (error) {
        if (error.message === "wrong") gone();
      }
    }

    function draw({ bars, button, choices }, counts, now) {
      button.setAttribute("aria-pressed", String(now));
      bars.hidden = !counts && !now;
      if (bars.hidden) return;
      const given = counts || choices.map(() => 0), total = given.reduce((a, b) => a + b, 0);
      const lines = choices.map((choice, i) => tag("li", {}, tag("span", {}, choice), tag("b", {}, tag("i", { style: `--share:${total ? (given[i] / total).toFixed(4) : 0}` })), tag("em", {}, String(given[i]))));
      bars.replaceChildren(tag("p", { class: "note" }, fill(say.guesses, { n: total }), now ? ` · ${say.asked}` : ""), tag("ol", { class: "soft" }, ...lines));
    }

    async function end() {
      try {
        await post("close", { code: room.code, key: room.key });
      } catch (error) { /* it is gone already, or will be in an hour */ }
      gone();
    }

    function gone() {
      clearInterval(timer);
      room = null;
      for (const { button } of questions.values()) button.hidden = true;
      begin.disabled = false;
      place.replaceChildren(...first);
      place.querySelector(".note").textContent = `${say.ended} ${say.private}`;
    }

    return { guessed(step, name, form, choices) {
      const button = form.querySelector("[data-ask]"), bars = step.querySelector(".class-guesses");
      questions.set(name, { button, bars, choices });
      button.addEventListener("click", async () => {
        try {
          await post("ask", { code: room.code, key: room.key, question: name });
        } catch (error) { /* the next look says what is the matter */ }
        look();
      });
    } };
  }

  window.TinaRoom = { mount, post, fill };
})();
