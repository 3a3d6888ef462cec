/* A small network of Tina in the browser: pictures in, probabilities out, nothing sent anywhere. The engine (engine.js)
   computes its layers; pictures are prepared as in Python (picture.js, drawn.js).

   const { labels, see } = TinaClassifier.open(model);   // for TinaEasel: used by the page (Try) and by a saved file
   TinaClassifier.mount(document);                       // of such a file (file.html) */
globalThis.TinaClassifier = (function () {
  "use strict";
  const DRAWN = "drawn"; // a preparation of pictures

  // -- numbers --------------------------------------------------------------------------------------------------------
  function floats(base64) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  const read = new WeakMap();

  /* A model's weights as numbers. */
  function load(model) {
    if (!read.has(model))
      read.set(model, Object.fromEntries(Object.entries(model.weights).map(([name, data]) => [name, floats(data)])));
    return read.get(model);
  }

  // -- layers ---------------------------------------------------------------------------------------------------------
  let engine = null, begin = 0, loaded = null;

  /* The engine, once it is there. Browsers that compile nothing while a page waits have it a moment later. */
  async function ready() {
    if (!engine) use(await TinaEngine.start(TinaEngine.codes));
  }

  function use(opened) {
    if (engine) return engine;
    begin = opened.c.take(0);
    return (engine = opened);
  }

  const here = () => engine || use(TinaEngine.open(TinaEngine.codes));

  /* A model's network; one is kept at a time. */
  function network(model) {
    if (!loaded || loaded.model !== model) {
      here().c.back(begin);
      const tensors = Object.entries(load(model)).map(([name, data]) => [name, { kind: "f32", data }]);
      loaded = { model, network: engine.network(model.layers, Object.fromEntries(tensors)) };
    }
    return loaded.network;
  }

  /* rgb: size * size * 3 numbers from 0 to 255, row by row. What the last layer is applied to. */
  function features(model, rgb) {
    const net = network(model), found = Array.from(net.mean(net.run(rgb, model.size)));
    net.done();
    return found;
  }

  function logits(x, w) {
    return Array.from(w["head.bias"], (bias, k) =>
      x.reduce((sum, value, f) => sum + w["head.weight"][k * x.length + f] * value, bias));
  }

  function softmax(logits) {
    const most = Math.max(...logits), powers = logits.map((v) => Math.exp(v - most));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((v) => v / total);
  }

  /* The log odds that a picture is of one of the classes, and not of another one that Tina knows. */
  function odds(x, model) {
    const w = load(model), rows = w["others.rows"], wide = x.length + 1;
    const known = Array.from({ length: model.none.classes }, (_, r) =>
      x.reduce((sum, value, f) => sum + rows[r * wide + f] * value, rows[r * wide + x.length]));
    const sums = [w["others.own"], w["others.rest"]].map((weights) => {
      const all = known.map((v, r) => v + weights[r]), most = Math.max(...all);
      return most + Math.log(all.reduce((sum, v) => sum + Math.exp(v - most), 0));
    });
    return sums[0] - sums[1];
  }

  /* What is said of a prepared picture. `none`: whether it is less like all of the classes than pictures of them are;
     null where that cannot be told; `others`: told from what else there is. */
  function answer(model, rgb) {
    const x = features(model, rgb), found = logits(x, load(model)), { none } = model;
    const below = none && (none.classes ? odds(x, model) : Math.max(...found)) < none.level;
    return { shares: softmax(found), none: none ? below : null, others: Boolean(none && none.classes) };
  }

  // -- pictures -------------------------------------------------------------------------------------------------------
  /* What a model looks at of a picture, video or canvas: { rgb, photo, empty, paper }. A drawing is trimmed where the
     model is for drawings (`paper` is its colour), and what looks like a photograph or is empty is noticed. */
  function prepare(model, source, width, height) {
    const { size } = model, middle = () => {
      const { rgba, how } = TinaPicture.read(source, width, height, size, 1);
      return here().resample(rgba, how);
    };
    if (model.preparation !== DRAWN || (width === size && height === size)) return { rgb: middle() };
    const { rgba, how } = TinaPicture.readWhole(source, width, height, TinaDrawn.LONGEST), [wide, high] = how.into;
    const rgb = here().resample(rgba, how), pixels = new Uint8Array(4 * wide * high).fill(255);
    for (let i = 0; i < wide * high; i++) for (let c = 0; c < 3; c++) pixels[4 * i + c] = rgb[3 * i + c];
    const photo = TinaDrawn.photograph(pixels, wide, high), found = TinaDrawn.drawing(pixels, wide, high);
    if (!found) return { rgb: middle(), photo, empty: TinaDrawn.empty(pixels, wide, high) };
    const drawn = new Uint8Array(found.data.buffer);
    return { rgb: engine.resample(drawn, TinaPicture.whole(found.n, found.n, [size, size])), photo, paper: found.paper };
  }

  function open(model) {
    async function see(source, width, height) {
      await ready();
      const { rgb, photo, empty, paper } = prepare(model, source, width, height), found = answer(model, rgb);
      return { ...found, none: photo || empty || found.none, photo, paper };
    }
    return { labels: model.labels, see, decode: TinaPicture.decode, where: () => (engine ? engine.slow : "") };
  }

  function mount(page) {
    const piece = TinaEasel.mount(page.getElementById("classifier"), page);
    piece.use(open(JSON.parse(page.getElementById("model").textContent)));
  }

  return { load, answer, prepare, ready, open, mount };
})();
