/* Whatever answers in the visitor's browser: fetched, with the engine, when it is first needed. */
(function () {
  "use strict";
  const ALIGN = 16; // bytes: a tower's weights begin at a multiple of it (engine_files.py)
  let tower = null; // the last one: { address, opened }

  async function fetched(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer || !answer.ok) throw new Error("Its image tower cannot be fetched.");
    const file = await answer.arrayBuffer(), length = new DataView(file).getUint32(0, true);
    const description = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, length)));
    const work = TinaEngine.work(TinaEngine.codes, description, file.slice(Math.ceil((4 + length) / ALIGN) * ALIGN));
    await work.opened;
    return { work, size: description.size };
  }

  /* A tower at its work; the one before stops. */
  function towerAt(address) {
    if (tower && tower.address === address) return tower.opened;
    if (tower) tower.opened.then(({ work }) => work.close(), () => {});
    const own = (tower = { address, opened: fetched(address) });
    own.opened.catch(() => (tower = tower === own ? null : tower)); // so that it is tried again
    return own.opened;
  }

  // -- what kind of picture it is ----------------------------------------------------------------------------------------
  const EVERY = 250; // milliseconds after which what may have changed is looked at again
  const seen = new WeakMap();

  /* "everyday" or "sketchbook": which way in a picture is for; "" where that cannot be told. This browser looks. */
  function wayOf(source, width, height) {
    const before = seen.get(source), changes = source.isConnected; // a video, or the canvas itself
    if (before && (!changes || performance.now() < before.time + EVERY)) return before.way;
    const scale = Math.min(1, TinaDrawn.LONGEST / Math.max(width, height)), [wide, high] = [width, height].map((v) => Math.max(1, Math.round(v * scale)));
    const pen = TinaPage.tag("canvas", { width: wide, height: high }).getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, wide, high);
    pen.drawImage(source, 0, 0, wide, high);
    const { data } = pen.getImageData(0, 0, wide, high);
    const way = TinaDrawn.photograph(data, wide, high) ? "everyday" : TinaDrawn.drawing(data, wide, high) ? "sketchbook" : "";
    seen.set(source, { way, time: performance.now() });
    return way;
  }

  /* Offers the other way in below `hint`, where a picture is for that; `photo`: it was said there that it is a photograph.
     Without a picture there is nothing to offer. */
  TinaPage.offer = function (hint, source, width, height, photo) {
    const way = photo ? "everyday" : source ? wayOf(source, width, height) : "", { tag } = TinaPage;
    const now = document.querySelector('#ways [aria-pressed="true"]'), other = document.querySelector(`#ways [data-kind="${way}"]`);
    const before = hint.parentNode.querySelector(".offer"), wanted = now && other && now !== other;
    if (before && (!wanted || before.dataset.way !== way)) before.remove();
    if (!wanted || (before && before.isConnected)) return;
    const is = photo ? "" : `This is a ${way === "everyday" ? "photograph" : "drawing"}. `;
    const button = tag("button", { type: "button", onclick: () => document.querySelector(`#ways [data-kind="${way}"]`).click() }, `Switch to ${other.textContent}?`);
    hint.after(tag("p", { class: "offer", "data-way": way }, is, button));
  };

  /* What answers about a model, once all that it needs is here. */
  TinaPage.here = async function (model) {
    if (model.weights) {
      await TinaClassifier.ready();
      const { see, where: slow } = TinaClassifier.open(model);
      return { see, slow };
    }
    const rows = TinaRows.read(model), { work, size } = await towerAt(model.tower.address);
    const see = async (source, width, height) => {
      const { features } = await work.see(TinaPicture.read(source, width, height, size, model.tower.middle));
      return TinaRows.answer(rows, model.none_level, features);
    };
    return { see, slow: () => work.about.slow };
  };
})();
