/* /learn: guesses first, then what was counted; the first part, in which pupils teach it their own things. */
(function () {
  "use strict";
  const SHOT = 250, LOOK = 150;  // milliseconds between recorded pictures, and between two looks through the webcam
  const PATIENCE = 120000;  // after which a question counts as lost: the first one may have to wait for a Tina to be loaded
  const waiting = new Map();
  let number = 0, send = () => {};

  const { fill } = TinaRoom;
  const plain = (sentence) => sentence.replace(/[.]$/, "");  // inside another one
  const show = (element, shown = true) => (element.hidden = !shown);

  window.TinaLesson = { mount, hear: (props, watch) => TinaPage.follow(props, watch, heard) };

  let last = Promise.resolve();

  /* Asks Python, one question at a time; the promise fails with a word that there is a sentence for. */
  function ask(detail) {
    const next = last.then(() => asked(detail));
    last = next.catch(() => {});
    return next;
  }

  function asked(detail) {
    return new Promise((resolve, reject) => {
      const mine = ++number, late = setTimeout(() => (waiting.delete(mine), reject(new Error("lost"))), PATIENCE);
      waiting.set(mine, { resolve, reject, late });
      send({ ...detail, number: mine });
    });
  }

  function heard(answer) {
    const one = waiting.get(answer.number);
    if (!one) return;
    waiting.delete(answer.number);
    clearTimeout(one.late);
    if (answer.error) one.reject(new Error(answer.error));
    else one.resolve(answer);
  }

  function mount(element, props, watch, trigger) {
    const root = element.querySelector(".lesson-root");
    TinaPage.follow(props, watch, (value) => {
      document.documentElement.lang = value.lang;
      root.innerHTML = value.html;
      send = (detail) => trigger("asked", { ...detail, lang: value.lang });
      begin(root, value);
    });
  }

  function begin(root, { words, lang, limits, sides }) {
    const room = TinaRoom.mount(root, words, lang);
    for (const form of root.querySelectorAll("form.guess")) guessing(form, words, room);
    const teach = teaching(root.querySelector(".teach"), words, limits, sides);
    root.querySelector("[data-step=teach] .guess").addEventListener("guessed", (event) => teach.guessed(event.detail));
    for (const quick of [true, false])
      ask({ what: "story", quick }).then(({ stories, figures }) => {
        for (const [step, text] of Object.entries(stories)) root.querySelector(`[data-step=${step}] .story`).textContent = text;
        for (const [step, html] of Object.entries(figures)) root.querySelector(`[data-step=${step}] .before`).innerHTML = html;
      }).catch(() => root.querySelectorAll(".story").forEach((one) => one.textContent === words.lesson.counting && (one.textContent = words.lesson.lost)));
  }

  // -- guesses --------------------------------------------------------------------------------------------------------
  function guessing(form, words, room) {
    const step = form.parentElement, name = step.dataset.step || step.dataset.quiz, reveal = step.querySelector(".reveal");
    const wrong = form.querySelector(".wrong-note"), button = form.querySelector("[type=submit]");
    const choices = [...form.querySelectorAll("label span")].map((one) => one.textContent);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const chosen = form.querySelector("input:checked");
      show(wrong, !chosen);
      if (!chosen) return;
      const guess = Number(chosen.value), told = TinaPage.tag("p", { class: "verdict" }, fill(words.lesson.guessed, { choice: plain(choices[guess]) }));
      form.querySelectorAll("input").forEach((one) => (one.disabled = true));
      button.disabled = true;
      show(reveal);
      if (name === "teach") {
        reveal.replaceChildren(told);
        return form.dispatchEvent(new CustomEvent("guessed", { detail: { guess, choice: choices[guess] } }));
      }
      reveal.replaceChildren(told, TinaPage.tag("p", { class: "note" }, words.lesson.counting));
      try {
        const { right, html, data, text } = await ask({ what: "step", step: name });
        const body = TinaPage.tag("div");
        if (text) body.append(TinaPage.tag("p", { class: "said" }, html));
        else body.innerHTML = html;
        told.append(" ", TinaPage.tag("b", {}, verdict(words, right, guess, choices)));
        step.dataset.right = String(right.includes(guess));
        reveal.replaceChildren(told, body);
        if (data && data.frames) film(body.querySelector(".film"), data);
        if (data && data.others) threshold(body.querySelector(".threshold"), data);
        result(step, words);
      } catch (error) {
        reveal.replaceChildren(told, TinaPage.tag("p", { class: "wrong-note" }, words.lesson.lost));
        form.querySelectorAll("input").forEach((one) => (one.disabled = false));
        button.disabled = false;
      }
    });
    room.guessed(step, name, form, choices);
  }

  function verdict(words, right, guess, choices) {
    if (!right.length) return "";
    return right.includes(guess) ? words.lesson.right : fill(words.lesson.other, { choice: right.map((i) => plain(choices[i])).join(" / ") });
  }

  function result(step, words) {
    if (!step.dataset.quiz) return;
    const all = [...document.querySelectorAll("[data-quiz]")], done = all.filter((one) => one.dataset.right);
    const right = done.filter((one) => one.dataset.right === "true").length, text = step.closest(".quiz").querySelector(".result");
    if (done.length === all.length) text.textContent = fill(text.dataset.text, { right, count: all.length });
  }

  // -- what moves -------------------------------------------------------------------------------------------------------
  function film(root, { frames, labels, chance }) {
    const slider = root.querySelector("input"), said = root.querySelector("output"), plot = root.querySelector("svg"), list = root.querySelector("ol");
    const images = labels.map((label) => TinaPage.tag("img", { class: "pix", alt: label }));
    list.replaceChildren(...labels.map((label, i) => TinaPage.tag("li", {}, TinaPage.tag("span", {}, label), images[i])));
    const x = (i) => 12 + (536 * i) / (frames.length - 1), y = (share) => 8 + 104 * (1 - share);
    const svg = (name, attributes) => {
      const one = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
      return one;
    };
    const draw = () => {
      const at = Number(slider.value), way = frames.slice(0, at + 1).map((frame, i) => `${x(i)},${y(frame.accuracy)}`).join(" ");
      said.textContent = frames[at].text;
      slider.setAttribute("aria-valuetext", frames[at].text);
      plot.replaceChildren(...[0, 0.5, 1].map((share) => svg("line", { class: "grid", x1: 12, x2: 548, y1: y(share), y2: y(share) })),
        svg("line", { class: "chance", x1: 12, x2: 548, y1: y(chance), y2: y(chance) }), svg("polyline", { class: "tina", points: way }),
        svg("circle", { class: "now", cx: x(at), cy: y(frames[at].accuracy), r: 6 }));
      images.forEach((image, i) => (image.src = frames[at].rows[i]));
    };
    slider.addEventListener("input", draw);
    draw();
  }

  function threshold(root, { sure, right, others, percent, now }) {
    const slider = root.querySelector("input"), said = root.querySelector("output"), line = root.querySelector(".now");
    const names = Object.fromEntries([...root.querySelectorAll(".legend span")].map((one) => [one.querySelector("i").className, one.textContent]));
    const draw = () => {
      const level = Number(slider.value) / 100, text = fill(percent, { n: slider.value });
      said.textContent = text;
      line.textContent = fill(now, { share: text });
      const told = sure.map((share, i) => (share < level ? "none" : right[i] ? "right" : "wrong")), strange = others.map((share) => (share < level ? "none" : "wrong"));
      for (const [kind, all] of [["known", told], ["other", strange]]) {
        const bar = root.querySelector(`[data-kind=${kind}]`), parts = [];
        for (const one of ["right", "wrong", "none"]) {
          const share = all.filter((some) => some === one).length / all.length;
          bar.querySelector(`i.${one}`).style.width = `${100 * share}%`;
          if (share || one === "none") parts.push(`${names[one]} ${fill(percent, { n: Math.round(100 * share) })}`);
        }
        bar.querySelector("em").textContent = parts.join(", ");
        bar.querySelector("b").setAttribute("aria-label", parts.join(", "));
      }
    };
    slider.addEventListener("input", draw);
    draw();
  }

  // -- part 1: teach it -------------------------------------------------------------------------------------------------
  function teaching(root, words, limits, sides) {
    const { tag } = TinaPage, say = words.teach;
    let things = say.names.slice(0, 2).map((name) => ({ name, pictures: [] })), source = "drawings", stream = null, looking = null, recording = null;
    let model = null, here = null, guess = null, tests = [], asking = false, again = false;
    const called = (thing, i) => thing.name.trim() || fill(say.thing, { n: i + 1 });
    const size = () => (source === "webcam" ? sides.photos : sides.drawings);
    const video = tag("video", { playsinline: true });
    video.muted = true;
    const sheet = tag("div"), cards = tag("div", { class: "things" }), status = tag("p", { class: "note", role: "status" });
    const answer = tag("ol", { class: "soft", "aria-live": "polite" }), hint = tag("p", { class: "hint", role: "status" });
    const tally = tag("p", { class: "tally", role: "status" });
    const judge = tag("div", { class: "acts" }, ...[[true, say.was_right], [false, say.was_wrong]].map(([right, label]) =>
      tag("button", { type: "button", class: "plain", onclick: () => judged(right) }, label)));
    const testing = tag("div", { class: "testing", hidden: true }, tag("h4", {}, say.test), hint, answer, judge, tally);
    const kinds = tag("fieldset", { class: "source" }, tag("legend", {}, say.source), ...["drawings", "webcam"].map((kind) =>
      tag("label", {}, tag("input", { type: "radio", name: "source", value: kind, checked: kind === source, onchange: () => use(kind) }), tag("span", {}, say[kind]))));
    const write = tag("button", { type: "button", class: "plain main", onclick: writing }, say.write);
    const more = tag("button", { type: "button", class: "plain", onclick: () => (things.push({ name: "", pictures: [] }), draw()) }, say.another);
    const paper = TinaCanvas.mount(sheet, { words: words.canvas, changed: look });
    root.replaceChildren(kinds, tag("div", { class: "desk" }, sheet, tag("div", { class: "side" }, cards, tag("div", { class: "acts" }, write, more), status, testing)));
    draw();

    function draw() {
      cards.replaceChildren(...things.map((thing, i) => {
        const name = tag("input", { type: "text", value: thing.name, maxlength: "40", placeholder: say.placeholder, "aria-label": fill(say.name, { n: i + 1 }), oninput: (event) => (thing.name = event.target.value) });
        name.addEventListener("change", draw);
        const act = tag("button", { type: "button", class: "plain add" }, fill(source === "webcam" ? say.record : say.add, { name: called(thing, i) }));
        if (source === "webcam") hold(act, thing);
        else act.addEventListener("click", () => {
          if (paper.blank()) return (status.textContent = say.blank);
          add(thing, i);
          paper.clear();
          paper.forget();
          refocus(i);
        });
        const thumbs = thing.pictures.map((url, n) => tag("button", { type: "button", class: "thumb", "aria-label": fill(say.unpicture, { n: n + 1, name: called(thing, i) }), onclick: () => (thing.pictures.splice(n, 1), draw()) }, tag("img", { src: url, alt: "" })));
        const away = things.length > 2 ? tag("button", { type: "button", class: "plain away", "aria-label": fill(say.remove, { name: called(thing, i) }), onclick: () => (things.splice(i, 1), draw()) }, "×") : null;
        return tag("div", { class: "thing", role: "group", "aria-label": called(thing, i) }, tag("div", { class: "top" }, name, tag("span", { class: "count" }, fill(say.count, { n: thing.pictures.length })), away), act, tag("div", { class: "thumbs" }, ...thumbs));
      }));
      show(more, things.length < limits.things);
    }

    const refocus = (i) => cards.children[i].querySelector(".add").focus();

    function add(thing) {
      if (thing.pictures.length >= limits.pictures) return (status.textContent = fill(say.full, { most: limits.pictures }));
      thing.pictures.push(paper.url(size()));
      status.textContent = "";
      draw();
    }

    /* While it is held, by pointer or key, a picture is taken again and again: the button stays the same one meanwhile. */
    function hold(button, thing) {
      const shot = () => {
        if (thing.pictures.length >= limits.pictures) return stop();
        thing.pictures.push(paper.url(size()));
        button.closest(".thing").querySelector(".count").textContent = fill(say.count, { n: thing.pictures.length });
        button.closest(".thing").querySelector(".thumbs").append(tag("span", { class: "thumb" }, tag("img", { src: thing.pictures.at(-1), alt: "" })));
      };
      const start = () => {
        if (recording || !stream || paper.blank()) return;
        shot();
        recording = setInterval(shot, SHOT);
      };
      const stop = () => {
        if (!recording) return;
        clearInterval(recording);
        recording = null;
        const i = things.indexOf(thing);
        draw();
        refocus(i);
      };
      button.addEventListener("pointerdown", (event) => {
        button.setPointerCapture(event.pointerId);
        start();
      });
      button.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), start()));
      for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) button.addEventListener(end, stop);
      button.addEventListener("contextmenu", (event) => event.preventDefault());
    }

    async function use(kind) {
      if (kind !== "webcam") {
        source = kind;
        if (stream) stream.getTracks().forEach((track) => track.stop());
        clearInterval(looking);
        stream = null;
      } else {
        try {
          stream = await navigator.mediaDevices.getUserMedia({ video: true });
        } catch (error) {
          status.textContent = say.no_camera;
          return (kinds.querySelector("[value=drawings]").checked = true);
        }
        source = kind;
        video.srcObject = stream;
        await video.play();
        looking = setInterval(() => video.videoWidth && (paper.show(video, video.videoWidth, video.videoHeight), look()), LOOK);
      }
      things.forEach((thing) => (thing.pictures = []));  // drawings and photographs are answered by different Tinas
      model = null;
      show(testing, false);
      status.textContent = "";
      sheet.classList.toggle("live", source === "webcam");
      paper.clear();
      paper.forget();
      draw();
    }

    async function writing() {
      const ready = things.filter((thing) => thing.name.trim() || thing.pictures.length);
      const names = new Set(ready.map((thing) => thing.name.trim().toLowerCase()));
      if (ready.length < 2 || names.size < ready.length || names.has("") || ready.some((thing) => thing.pictures.length < limits.least))
        return (status.textContent = fill(say.few, { least: limits.least }));
      write.disabled = true;
      status.textContent = say.writing;
      try {
        const found = await ask({ what: "write", things: ready.map(({ name, pictures }) => ({ name: name.trim(), pictures })), photos: source === "webcam" });
        here = found.model.weights ? await TinaPage.programs().then(() => TinaPage.here(found.model)).catch(() => null) : null;
        model = found.model;
        tests = [];
        status.replaceChildren(...found.said.flatMap((text) => [text, tag("br")]));
        if (source === "drawings") paper.clear();
        paper.forget();
        show(testing);
        judged(null);
      } catch (error) {
        status.textContent = error.message === "few" ? fill(say.few, { least: limits.least }) : error.message === "lost" ? words.lesson.lost : error.message;
      }
      write.disabled = false;
    }

    /* In the browser where it can be had, and else by the server: one picture at a time. */
    async function look() {
      if (!model) return;
      if (paper.blank()) return tell(null);
      if (asking) return void (again = true);
      asking = true;
      const about = model;
      try {
        const { shares, none } = here ? await here.see(paper.canvas, paper.side, paper.side) : await ask({ what: "picture", picture: paper.url(model.size) });
        if (about === model && !paper.blank()) tell(shares, none);
      } catch (error) {
        hint.textContent = words.lesson.lost;
      }
      asking = false;
      if (!again) return;
      again = false;
      look();
    }

    function tell(shares, none = null) {
      judge.querySelectorAll("button").forEach((one) => (one.disabled = !shares || guess === null));
      hint.textContent = !shares ? say.blank : guess === null ? say.guess_first : none ? say.none : "";
      const order = model.labels.map((_, k) => k).sort((a, b) => (shares ? shares[b] - shares[a] : 0));
      answer.replaceChildren(...order.map((k) => tag("li", {}, tag("span", {}, model.labels[k]), tag("b", {}, tag("i", { style: `--share:${shares ? shares[k].toFixed(4) : 0}` })),
        tag("em", {}, shares && guess !== null ? fill(words.percent, { n: Math.round(100 * shares[k]) }) : "–"))));
      if (guess === null) answer.querySelectorAll("i").forEach((bar) => bar.style.setProperty("--share", "0"));  // the guess comes first
    }

    function judged(right) {
      if (right !== null) tests.push(right);
      const count = tests.length, good = tests.filter(Boolean).length;
      tally.textContent = !count ? "" : count < 10 ? fill(say.tally, { right: good, count }) : `${fill(say.compare, { choice: guess.choice, right: good, count })} ${say.surprise}`;
      if (right !== null && source === "drawings") paper.clear();
      look();
      tell(null);
    }

    return { guessed: (detail) => {
      guess = detail;
      if (model) paper.blank() ? tell(null) : look();
    } };
  }
})();
