/* A classifier of photographs as one file: the tower in a worker, and classes that get more pictures here. What is shown
   stays here.

   const piece = TinaPhotos.mount(document);     // of file.html
   await piece.look(file);                       // { shares, none, features } */
globalThis.TinaPhotos = (function () {
  "use strict";
  const { tag } = TinaEasel;
  const KEPT = 24; // pictures of a class that can be added

  const inert = (text) => text.replace(/</g, "\\u003c").replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
  const median = (x) => [...x].sort((a, b) => a - b)[Math.floor(x.length / 2)];
  const toText = (z) => btoa(String.fromCharCode(...new Uint8Array(z.buffer, z.byteOffset, z.byteLength)));
  const fromText = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

  function mount(page) {
    const script = page.getElementById("model"), model = JSON.parse(script.textContent), { labels } = model;
    const buffer = TinaRows.bytes(page.getElementById("tower").textContent).buffer;
    const added = model.added.map((part) => part.map(fromText)), written = TinaRows.read(model), times = [];
    const tower = TinaEngine.work(TinaEngine.codes, model.tower, buffer);
    let rows = TinaRows.again(written, model.shown, added), last = null;

    // -- looking --------------------------------------------------------------------------------------------------------
    async function features(source, width, height) {
      const begun = performance.now(), answer = await tower.see(TinaPicture.read(source, width, height, model.size, model.middle));
      times.push(performance.now() - begun);
      if (times.length > 31) times.shift();
      return answer.features;
    }

    const judge = (seen) => TinaRows.answer(rows, model.none_level, seen);

    /* Of a file, blob, picture or canvas. */
    async function look(source) {
      const picture = source instanceof Blob ? await TinaPicture.decode(source) : source;
      return judge(await features(picture, picture.width, picture.height));
    }

    async function see(source, width, height) {
      last = judge(await features(source, width, height));
      speed();
      return last;
    }

    const large = `${(page.documentElement.outerHTML.length / 1e6).toFixed(1)} MB`;

    function speed() {
      const { engine, worker } = tower.about, ms = median(times);
      const fast = `${(1000 / ms).toFixed(1)} pictures a second here (a median of ${ms && ms.toFixed(0)} ms), engine “${engine}”`;
      page.getElementById("speed").textContent = !times.length ? `${large}.`
        : `${large}; ${fast}${worker ? ", in a worker of its own" : ", on the page itself: it stutters"}.`;
    }

    const piece = TinaEasel.mount(page.getElementById("classifier"), page);

    // -- more pictures of a class -------------------------------------------------------------------------------------
    const note = tag("p", { role: "status" }), save = tag("button", { type: "button", onclick: keep }, "Save as a new file");
    const many = tag("input", { type: "file", accept: "image/*", multiple: "", hidden: "", "aria-label": "Pictures of this class" });
    const list = tag("ul"), some = (count) => `${count} picture${count === 1 ? "" : "s"}`;
    let chosen = 0, recording = false;
    page.getElementById("more").replaceChildren(tag("h2", {}, "Add pictures here"),
      tag("p", {}, "A class gets more pictures: upload some, or hold “Record” while the webcam is on."), list, many, note, save);

    function buttons() {
      list.replaceChildren(...labels.flatMap((label, k) => {
        if (model.other[k]) return [];
        const record = tag("button", { type: "button" }, "Record");
        record.disabled = !piece.live();
        TinaEasel.hold(record, () => add(k), () => {
          recording = false;
          buttons();
        });
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

    /* What the webcam saw last. */
    function add(k) {
      recording = true;
      if (last) change(k, [...added[k], z(last.features)]);
    }

    function change(k, pictures) {
      added[k] = pictures.slice(-KEPT);
      rows = TinaRows.again(written, model.shown, added);
      if (last && piece.shown()) piece.tell((last = judge(last.features)));
      if (!recording) buttons();
    }

    const z = (seen) => seen.slice(0, seen.length / 2);

    async function addFiles(k, blobs) {
      const found = [];
      for (const blob of blobs)
        try {
          const picture = await TinaPicture.decode(blob);
          found.push(z(await features(picture, picture.width, picture.height)));
        } catch {
          piece.say("One of these is not a picture that the browser can read.");
        }
      change(k, [...added[k], ...found]);
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

    many.addEventListener("change", () => addFiles(chosen, [...many.files]).then(() => (many.value = "")));
    piece.use({ labels, see, decode: TinaPicture.decode, where: () => tower.about.slow, live: buttons,
      idle: "Upload, drop or paste a picture, look through the webcam, or draw." });
    buttons();
    speed();
    tower.opened.catch((error) => piece.say(error.message));
    return { model, tower, look, judge, add: addFiles, text, rows: () => rows };
  }

  return { mount };
})();
