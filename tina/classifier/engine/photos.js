/* A classifier of photographs as one file: the tower in a worker, pictures from everywhere, bars, and classes that get
   more pictures here. What is shown stays here.

   const piece = TinaPhotos.mount(document);     // of photos.html
   await piece.look(file);                       // { shares, none, ms } */
globalThis.TinaPhotos = (function () {
  "use strict";
  const COLOURS = ["#1c1917", "#dc2626", "#f97316", "#facc15", "#16a34a", "#2563eb", "#92400e", "#ffffff"];
  const NAMES = ["black", "red", "orange", "yellow", "green", "blue", "brown", "white"];
  const STAGE = 320, MOST = 10, EVERY = 250; // pixels of the canvas; bars that are shown; milliseconds between recorded pictures
  const KEPT = 24; // pictures of a class that can be added

  function tag(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  const inert = (text) => text.replace(/</g, "\\u003c").replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
  const median = (x) => [...x].sort((a, b) => a - b)[Math.floor(x.length / 2)];
  const toText = (z) => btoa(String.fromCharCode(...new Uint8Array(z.buffer, z.byteOffset, z.byteLength)));
  const fromText = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

  function mount(page) {
    const script = page.getElementById("model"), model = JSON.parse(script.textContent), { labels } = model;
    const buffer = TinaRows.bytes(page.getElementById("tower").textContent).buffer;
    const added = model.added.map((part) => part.map(fromText)), written = TinaRows.read(model), times = [];
    const tower = TinaEngine.work(TinaEngine.codes, model.tower, buffer);
    let rows = TinaRows.again(written, model.shown, added);
    let colour = COLOURS[0], drawing = null, stream = null, waiting = null, busy = false, last = null, recording = null;

    // -- looking: of what is shown while an answer is under way only the newest is looked at next ----------------------
    async function features(source, width, height) {
      const begun = performance.now(), answer = await tower.see(TinaPicture.read(source, width, height, model.size, model.middle));
      times.push(performance.now() - begun);
      if (times.length > 31) times.shift();
      return answer.features;
    }

    /* Of a file, blob, picture, video or canvas. */
    async function look(source) {
      const picture = source instanceof Blob ? await TinaPicture.decode(source) : source;
      return judge(await features(picture, picture.videoWidth || picture.width, picture.videoHeight || picture.height));
    }

    function judge(seen) {
      const logits = TinaRows.logits(rows, seen), most = Math.max(...logits);
      return { shares: TinaRows.softmax(logits), none: model.none_level !== null && most < model.none_level, features: seen };
    }

    async function show(source, width, height) {
      waiting = { source, width, height };
      if (busy) return;
      busy = true;
      while (waiting) {
        const now = waiting;
        waiting = null;
        try {
          last = judge(await features(now.source, now.width, now.height));
          tell();
        } catch (error) {
          hint.textContent = error.message;
        }
      }
      busy = false;
    }

    function tell() {
      hint.textContent = last.none
        ? "None of these? It is less like all of them than pictures of them are." : tower.about.slow || "";
      bars(last.shares);
      speed();
    }

    function bars(shares) {
      const order = labels.map((_, k) => k).sort((a, b) => (shares ? shares[b] - shares[a] : 0)).slice(0, MOST);
      answer.replaceChildren(...order.map((k) => tag("li", {}, tag("span", {}, labels[k]),
        tag("b", {}, tag("i", { style: `--share:${shares ? shares[k].toFixed(4) : 0}` })),
        tag("em", {}, shares ? `${Math.round(100 * shares[k])}%` : "–"))));
    }

    const large = `${(page.documentElement.outerHTML.length / 1e6).toFixed(1)} MB`;

    function speed() {
      const { engine, worker } = tower.about, ms = median(times);
      const fast = `${(1000 / ms).toFixed(1)} pictures a second here (a median of ${ms && ms.toFixed(0)} ms), engine “${engine}”`;
      page.getElementById("speed").textContent = !times.length ? `${large}.`
        : `${large}; ${fast}${worker ? ", in a worker of its own" : ", on the page itself: it stutters"}.`;
    }

    // -- what is shown: drawn, uploaded, dropped, pasted, from the webcam ----------------------------------------------
    const canvas = tag("canvas", { width: STAGE, height: STAGE, tabindex: "0", role: "img",
      "aria-label": "Draw here, drop a picture here, or paste one" });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const video = tag("video", { playsinline: "", muted: "" });
    const file = tag("input", { type: "file", accept: "image/*", "aria-label": "Upload a picture", hidden: "" });
    const answer = tag("ol", { class: "soft", "aria-live": "polite" });
    const hint = tag("p", { class: "hint", role: "status" });
    const webcam = tag("button", { type: "button", onclick: toggle }, "Webcam");
    const swatches = COLOURS.map((c, i) =>
      tag("button", { type: "button", class: "swatch", style: `--c:${c}`, title: NAMES[i], "aria-label": NAMES[i],
        "aria-pressed": String(i === 0), onclick: () => choose(c) }));
    const tools = tag("div", { class: "tools" }, tag("button", { type: "button", onclick: () => file.click() }, "Upload"), webcam,
      tag("button", { type: "button", onclick: clear }, "Clear"));
    page.getElementById("classifier").replaceChildren(
      tag("div", { class: "easel" }, tag("div", { class: "stage" }, canvas, video, file), tag("div", { class: "colours" }, ...swatches), tools),
      tag("div", { class: "answer" }, hint, answer));

    function choose(c) {
      colour = c;
      swatches.forEach((swatch, i) => swatch.setAttribute("aria-pressed", String(COLOURS[i] === c)));
    }

    /* The whole of it, small, onto the canvas: what is looked at is read from the source itself. */
    function preview(source, width, height) {
      const side = Math.min(width, height);
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, STAGE, STAGE);
      pen.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, STAGE, STAGE);
    }

    async function take(blob) {
      stop();
      try {
        const picture = await TinaPicture.decode(blob);
        preview(picture, picture.width, picture.height);
        await show(picture, picture.width, picture.height);
      } catch {
        hint.textContent = "This is not a picture that the browser can read.";
      }
    }

    function clear() {
      stop();
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, STAGE, STAGE);
      last = waiting = null;
      hint.textContent = "Upload, drop or paste a picture, look through the webcam, or draw.";
      bars(null);
    }

    function stroke(event) {
      if (!drawing) return;
      const at = canvas.getBoundingClientRect(), side = STAGE / at.width;
      const to = [(event.clientX - at.left) * side, (event.clientY - at.top) * side];
      Object.assign(pen, { strokeStyle: colour, lineWidth: 12, lineCap: "round", lineJoin: "round" });
      pen.beginPath();
      pen.moveTo(...(drawing === true ? to : drawing));
      pen.lineTo(...to);
      pen.stroke();
      drawing = to;
      show(canvas, STAGE, STAGE);
    }

    async function toggle() {
      if (stream) return stop();
      if (!navigator.mediaDevices) return (hint.textContent = "This browser gives pages no webcam here.");
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: true });
      } catch (error) {
        return (hint.textContent = `There is no webcam to look through (${error.name}).`);
      }
      video.srcObject = stream;
      video.muted = true;
      await video.play();
      webcam.textContent = "Stop webcam";
      buttons();
      for (const own = stream; stream === own; ) {
        const { videoWidth: width, videoHeight: height } = video;
        if (width && !document.hidden) {
          preview(video, width, height);
          await show(video, width, height);
        }
        await new Promise((resolve) => setTimeout(resolve, width && !document.hidden ? 0 : 100));
      }
    }

    function stop() {
      if (!stream) return;
      stream.getTracks().forEach((track) => track.stop());
      stream = null;
      webcam.textContent = "Webcam";
      buttons();
    }

    // -- more pictures of a class -------------------------------------------------------------------------------------
    const note = tag("p", { role: "status" }), save = tag("button", { type: "button", onclick: keep }, "Save as a new file");
    const many = tag("input", { type: "file", accept: "image/*", multiple: "", hidden: "", "aria-label": "Pictures of this class" });
    const list = tag("ul"), some = (count) => `${count} picture${count === 1 ? "" : "s"}`;
    let chosen = 0;
    page.getElementById("more").replaceChildren(tag("h2", {}, "Add pictures here"),
      tag("p", {}, "A class gets more pictures: upload some, or hold “Record” while the webcam is on."), list, many, note, save);

    function buttons() {
      list.replaceChildren(...labels.flatMap((label, k) => {
        if (model.other[k]) return [];
        const record = tag("button", { type: "button", onpointerdown: () => begin(k, record), onpointerup: end, onpointerleave: end,
          oncontextmenu: (event) => event.preventDefault() }, "Record");
        record.disabled = !stream;
        const forget = tag("button", { type: "button", onclick: () => change(k, []) }, "Remove");
        forget.disabled = !added[k].length;
        return [tag("li", {}, tag("span", {}, `${label}${added[k].length ? `: ${some(added[k].length)} added` : ""}`),
          tag("button", { type: "button", onclick: () => ((chosen = k), many.click()) }, "Pictures…"), record, forget)];
      }));
      const total = added.reduce((sum, part) => sum + part.length, 0);
      save.disabled = !total;
      note.textContent = !total ? "" : `${some(total)} added here. Rows were written again in this page: of a class with added pictures, from their mean and`
        + " from what Tina had written (counted as the pictures that it was made of), then by logistic regression on the added pictures."
        + " How sure it is, and the level of “none of these”, stay as they were. The accuracy above was measured before."
        + " A saved file holds what was seen on these pictures as numbers, and no picture.";
    }

    function change(k, pictures) {
      added[k] = pictures.slice(-KEPT);
      rows = TinaRows.again(written, model.shown, added);
      if (last) {
        last = judge(last.features);
        tell();
      }
      if (!recording) buttons();
    }

    const z = (seen) => seen.slice(0, seen.length / 2);

    async function add(k, blobs) {
      const found = [];
      for (const blob of blobs)
        try {
          const picture = await TinaPicture.decode(blob);
          found.push(z(await features(picture, picture.width, picture.height)));
        } catch {
          hint.textContent = "One of these is not a picture that the browser can read.";
        }
      change(k, [...added[k], ...found]);
    }

    function begin(k, button) {
      if (!stream || recording) return;
      button.classList.add("recording");
      recording = setInterval(() => last && change(k, [...added[k], z(last.features)]), EVERY);
    }

    function end() {
      if (!recording) return;
      clearInterval(recording);
      recording = null;
      buttons();
    }

    /* This page as a file, with the pictures that were added: its program reads them again. */
    function text() {
      const copy = page.documentElement.cloneNode(true), within = (id) => copy.querySelector(`#${id}`);
      within("model").textContent = inert(JSON.stringify({ ...model, added: added.map((part) => part.map(toText)) }));
      for (const id of ["classifier", "more", "speed"]) within(id).replaceChildren();
      return `<!doctype html>\n${copy.outerHTML}\n`;
    }

    function keep() {
      const link = tag("a", { href: URL.createObjectURL(new Blob([text()], { type: "text/html" })), download: "tina-classifier.html" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }

    // -- and what happens ---------------------------------------------------------------------------------------------
    canvas.addEventListener("pointerdown", (event) => {
      stop();
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      stroke(event);
    });
    canvas.addEventListener("pointermove", stroke);
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (drawing = null));
    file.addEventListener("change", () => file.files[0] && take(file.files[0]));
    many.addEventListener("change", () => add(chosen, [...many.files]).then(() => (many.value = "")));
    page.addEventListener("dragover", (event) => event.preventDefault());
    page.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = [...event.dataTransfer.files].find((f) => f.type.startsWith("image/"));
      if (dropped) take(dropped);
      else hint.textContent = "This is not a picture.";
    });
    page.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
      if (pasted) take(pasted);
    });
    clear();
    buttons();
    speed();
    tower.opened.catch((error) => (hint.textContent = error.message));
    return { model, tower, look, judge, add, text, rows: () => rows };
  }

  return { mount };
})();
