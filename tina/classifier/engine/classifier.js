/* A classifier of Tina in the browser: pictures in, probabilities out, nothing sent anywhere.

   Used by the page (Try) and by the web page that a classifier is saved as. Names are only ever set as text. A model
   without weights is one that the page asks elsewhere about; a saved page has none such. */
(function () {
  "use strict";

  // -- numbers --------------------------------------------------------------------------------------------------------
  function floats(base64) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  function load(model) {
    if (!model || !model.weights) return model;
    const weights = {};
    for (const [name, data] of Object.entries(model.weights)) weights[name] = floats(data);
    return { ...model, weights };
  }

  // -- layers: the engine computes them (engine.js) -------------------------------------------------------------------
  let engine = null, begin = 0, loaded = null;

  /* The engine, once it is there. Browsers that compile nothing while a page waits have it a moment later. */
  function ready() {
    return engine ? Promise.resolve() : TinaEngine.start(TinaEngine.codes).then(use);
  }

  function use(opened) {
    if (engine) return;
    engine = opened;
    begin = engine.c.take(0);
  }

  /* A model's network; one is kept at a time. */
  function network(model) {
    if (!engine) use(TinaEngine.open(TinaEngine.codes));
    if (!loaded || loaded.model !== model) {
      engine.c.back(begin);
      const tensors = Object.entries(model.weights).map(([name, data]) => [name, { kind: "f32", data }]);
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

  function probabilities(model, rgb) {
    return softmax(logits(features(model, rgb), model.weights));
  }

  /* The log odds that a picture is of one of the classes, and not of another one that Tina knows. */
  function odds(x, model) {
    const w = model.weights, rows = w["others.rows"], wide = x.length + 1;
    const known = Array.from({ length: model.none.classes }, (_, r) =>
      x.reduce((sum, value, f) => sum + rows[r * wide + f] * value, rows[r * wide + x.length]));
    const sums = [w["others.own"], w["others.rest"]].map((weights) => {
      const all = known.map((v, r) => v + weights[r]), most = Math.max(...all);
      return most + Math.log(all.reduce((sum, v) => sum + Math.exp(v - most), 0));
    });
    return sums[0] - sums[1];
  }

  /* Whether it is less like all of the classes than pictures of them are; null where that cannot be told. */
  function isNone(model, rgb) {
    return model.none ? below(features(model, rgb), model) : null;
  }

  function below(x, model) {
    return (model.none.classes ? odds(x, model) : Math.max(...logits(x, model.weights))) < model.none.level;
  }

  // -- pictures -------------------------------------------------------------------------------------------------------
  function cubic(x) {
    x = Math.abs(x);
    return x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
  }

  /* Bicubic over as many pixels as it takes, as Pillow does it: RGBA n x n (on white) -> size * size * 3. */
  function shrink(rgba, n, size) {
    const scale = n / size, reach = 2 * Math.max(1, scale), taps = [];
    for (let i = 0; i < size; i++) {
      const middle = (i + 0.5) * scale, from = Math.max(0, Math.floor(middle - reach + 0.5));
      const to = Math.min(n, Math.floor(middle + reach + 0.5)), row = [];
      for (let j = from; j < to; j++) row.push(cubic((j - middle + 0.5) / Math.max(1, scale)));
      const sum = row.reduce((a, b) => a + b, 0);
      taps.push([from, row.map((v) => v / sum)]);
    }
    const wide = new Float32Array(n * size * 3), out = new Uint8ClampedArray(size * size * 3);
    for (let y = 0; y < n; y++)
      for (let x = 0; x < size; x++)
        for (let c = 0; c < 3; c++) {
          const [from, row] = taps[x];
          let sum = 0;
          for (let k = 0; k < row.length; k++) {
            const at = 4 * (y * n + from + k), alpha = rgba[at + 3] / 255;
            sum += row[k] * (rgba[at + c] * alpha + 255 * (1 - alpha));
          }
          wide[(y * size + x) * 3 + c] = Math.min(255, Math.max(0, sum));
        }
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let c = 0; c < 3; c++) {
          const [from, row] = taps[y];
          let sum = 0;
          for (let k = 0; k < row.length; k++) sum += row[k] * wide[((from + k) * size + x) * 3 + c];
          out[(y * size + x) * 3 + c] = sum;
        }
    return out;
  }

  // -- drawings: as tina/worlds/drawn.py prepares them, number for number -----------------------------------------------
  const LONGEST = 320, LIGHT = 150, PLAIN = 24, MARGIN = 85, INK = 32, SHADES = 32, FLAT = 10, FLATNESS = 60;
  const SPECKS = 500, SMALLEST = 12, AROUND = 8, BOLD = 25, WIDENED = 8, DARK = 220;

  /* The square around a drawing, its lines bold: RGBA width x height -> { data, n }, or null where it is no drawing. */
  function drawing(rgba, width, height) {
    const paper = paperOf(rgba, width, height), size = width * height;
    if (!paper) return null;
    const away = new Uint8Array(size), ink = new Uint8Array(size);
    let area = 0;
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) away[i] = Math.max(away[i], Math.abs(rgba[4 * i + c] - paper[c]));
      area += ink[i] = Number(away[i] > INK);
    }
    if (!area || !isDrawn(rgba, width, height, ink, area)) return null;
    const columns = new Array(width).fill(0), rows = new Array(height).fill(0);
    for (let i = 0; i < size; i++) if (ink[i]) columns[i % width]++, rows[Math.floor(i / width)]++;
    const [left, right] = ends(columns, area), [top, bottom] = ends(rows, area);
    const longer = Math.max(right - left, bottom - top);
    if (longer * SMALLEST < Math.min(height, width)) return null;
    const n = longer + 2 * Math.max(1, Math.floor((longer * AROUND + 50) / 100));
    const x0 = Math.floor((left + right - n) / 2), y0 = Math.floor((top + bottom - n) / 2);
    let edges = 0;
    for (let i = 0; i < size; i++) {
      if (i >= width) edges += ink[i] ^ ink[i - width];
      if (i % width) edges += ink[i] ^ ink[i - 1];
    }
    const data = new Uint8ClampedArray(4 * n * n);
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const u = x0 + x, v = y0 + y, inside = u >= 0 && u < width && v >= 0 && v < height;
        for (let c = 0; c < 3; c++) data[4 * (y * n + x) + c] = inside ? rgba[4 * (v * width + u) + c] : paper[c];
        data[4 * (y * n + x) + 3] = 255;
      }
    const wider = edges && Math.floor((n * edges - 2 * BOLD * area + BOLD * edges) / (2 * BOLD * edges));
    if (wider < 1) return { data, n };
    const dark = away.filter((_, i) => ink[i]).sort()[Math.floor((area * 3) / 4)], strength = Math.max(DARK, dark);
    for (let i = 0; i < data.length; i++)
      if (i % 4 < 3) data[i] = 255 - Math.min(255, Math.max(0, Math.floor(((paper[i % 4] - data[i]) * strength) / dark)));
    for (let k = 0; k < Math.min(WIDENED, wider); k++) spread(data, n);
    return { data, n };
  }

  /* The colour of the paper, if the margin is plain and light. */
  function paperOf(rgba, width, height) {
    const edge = 1 + Math.floor(Math.min(height, width) / 64), margin = [];
    if (Math.min(height, width) < 2 * edge + 4) return null;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (y < edge || y >= height - edge || x < edge || x >= width - edge) margin.push(4 * (y * width + x));
    const paper = [0, 1, 2].map((c) => Uint8Array.from(margin, (at) => rgba[at + c]).sort()[margin.length >> 1]);
    if (299 * paper[0] + 587 * paper[1] + 114 * paper[2] < 1000 * LIGHT) return null;
    const plain = margin.filter((at) => paper.every((v, c) => Math.abs(rgba[at + c] - v) <= PLAIN)).length;
    return 100 * plain >= MARGIN * margin.length ? paper : null;
  }

  /* Where what is drawn begins and ends, a few specks aside. */
  function ends(sums, area) {
    let from = 0, to = sums.length, before = sums[0], after = sums[to - 1];
    while (before * SPECKS <= area) before += sums[++from];
    while (after * SPECKS <= area) after += sums[--to - 1];
    return [from, to];
  }

  /* Whether the ink is of few colours, and flat where it is filled: photographs are neither. */
  function isDrawn(rgba, width, height, ink, area) {
    const counts = new Uint32Array(4096);
    for (let i = 0; i < ink.length; i++)
      if (ink[i]) counts[(rgba[4 * i] >> 4) * 256 + (rgba[4 * i + 1] >> 4) * 16 + (rgba[4 * i + 2] >> 4)]++;
    if (counts.sort().slice(-SHADES).reduce((a, b) => a + b, 0) * 100 < 80 * area) return false;
    const near = (i, j) => [0, 1, 2].every((c) => Math.abs(rgba[4 * i + c] - rgba[4 * j + c]) <= FLAT);
    let filled = 0, flat = 0;
    for (let y = 2; y < height - 2; y++)
      for (let x = 2; x < width - 2; x++) {
        const i = y * width + x;
        if (!(ink[i] && ink[i - 2] && ink[i + 2] && ink[i - 2 * width] && ink[i + 2 * width])) continue;
        filled++;
        flat += Number(near(i, i - 1) && near(i, i + 1) && near(i, i - width) && near(i, i + width));
      }
    return 4 * filled < area || flat * 100 >= FLATNESS * filled;
  }

  /* In place: what is dark spreads by a pixel to every side. */
  function spread(data, n) {
    for (const step of [4, 4 * n]) {
      const was = data.slice(), last = step === 4 ? (i) => (i >> 2) % n : (i) => Math.floor((i >> 2) / n);
      for (let i = 0; i < data.length; i++) {
        if (last(i) > 0) data[i] = Math.min(data[i], was[i - step]);
        if (last(i) < n - 1) data[i] = Math.min(data[i], was[i + step]);
      }
    }
  }

  /* Whether it looks like a photograph: as tina/worlds/drawn.py counts. */
  function photograph(rgba, width, height) {
    const counts = new Uint32Array(4096), size = width * height;
    for (let i = 0; i < size; i++) counts[(rgba[4 * i] >> 4) * 256 + (rgba[4 * i + 1] >> 4) * 16 + (rgba[4 * i + 2] >> 4)]++;
    if (counts.sort().slice(-5).reduce((a, b) => a + b, 0) * 100 >= 80 * size) return false;
    let soft = 0;
    for (let i = 0; i < size; i++) {
      if (i % width === 0) continue;
      const step = Math.max(...[0, 1, 2].map((c) => Math.abs(rgba[4 * i + c] - rgba[4 * i - 4 + c])));
      soft += Number(step >= 2 && step <= 24);
    }
    return width > 1 && soft * 100 >= 30 * (size - height);
  }

  /* What a model looks at of an opaque picture: RGBA n x n -> size * size * 3. */
  function look(rgba, n, model) {
    const found = model.preparation === "drawn" ? drawing(rgba, n, n) : null;
    return found ? shrink(found.data, found.n, model.size) : shrink(rgba, n, model.size);
  }

  /* A drawing whole, on its own paper, and of anything else the middle square, onto a canvas. */
  function place(canvas, source, width, height, model) {
    fit(canvas, source, width, height);
    if (!model || model.preparation !== "drawn" || width === height) return;
    const scale = Math.min(1, LONGEST / Math.max(width, height)), side = canvas.width;
    const small = tag("canvas", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
    const brush = small.getContext("2d", { willReadFrequently: true }), pen = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, small.width, small.height);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(source, 0, 0, small.width, small.height);
    const { data } = brush.getImageData(0, 0, small.width, small.height);
    if (!drawing(data, small.width, small.height)) return;
    pen.fillStyle = `rgb(${paperOf(data, small.width, small.height).join()})`;
    pen.fillRect(0, 0, side, side);
    pen.drawImage(small, (side - small.width) / 2, (side - small.height) / 2);
  }

  /* The middle square of a picture or video onto a canvas. */
  function fit(canvas, source, width, height) {
    const side = Math.min(width, height), pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
  }

  // -- the piece of page ----------------------------------------------------------------------------------------------
  const COLOURS = ["#1c1917", "#dc2626", "#f97316", "#facc15", "#16a34a", "#38bdf8", "#2563eb", "#92400e", "#ffffff"];
  const NAMES = ["black", "red", "orange", "yellow", "green", "sky", "blue", "brown", "white"];
  const STAGE = 320, MOST = 10;  // pixels of the canvas; bars that are shown

  function tag(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function mount(root, ask) {
    let model = null, colour = COLOURS[0], broad = 12, stream = null, timer = null, drawing = null, blank = true, photo = false;
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
    const size = tag("input", { type: "range", min: "3", max: "40", value: String(broad), "aria-label": "Pen width",
      oninput: (event) => (broad = Number(event.target.value)) });
    const tools = tag("div", { class: "tools" },
      tag("button", { type: "button", onclick: () => file.click() }, "Upload"), webcam,
      tag("button", { type: "button", onclick: fill }, "Fill"), tag("button", { type: "button", onclick: clear }, "Clear"));
    root.replaceChildren(
      tag("div", { class: "easel" }, tag("div", { class: "stage" }, canvas, video, file), tag("div", { class: "colours" }, ...swatches, size), tools),
      tag("div", { class: "answer" }, hint, answer));

    function choose(c) {
      colour = c;
      swatches.forEach((swatch, i) => swatch.setAttribute("aria-pressed", String(COLOURS[i] === c)));
    }

    function show() {
      if (!model) return;
      if (blank) {
        hint.textContent = "Draw, drop or paste a picture: the answer moves as you draw."
          + (model.weights ? "" : " It comes from the server, which keeps nothing.");
        return bars(model.labels.map(() => 0));
      }
      const { data } = pen.getImageData(0, 0, STAGE, STAGE), rgb = look(data, STAGE, model);
      photo = model.preparation === "drawn" && photograph(data, STAGE, STAGE);
      if (!model.weights) return ask(rgb, model);
      const x = features(model, rgb);
      tell(softmax(logits(x, model.weights)), model.none ? below(x, model) : null);
    }

    /* What was asked elsewhere, if it is still what is looked at. */
    function told(about, shares, error, none) {
      if (about !== model || blank) return;
      if (error) hint.textContent = error;
      else tell(shares, none);
    }

    /* `none`: whether it is none of the classes, where the classifier can tell. */
    function tell(shares, none = null) {
      const unsure = none ?? Math.max(...shares) < Math.max(0.5, 1.5 / model.labels.length);
      const reason = none === null ? "It knows only these classes, and no share is high."
        : model.none && model.none.classes ? "It knows only these classes, and this looks more like another thing."
        : "It is less like any of them than their pictures usually are.";
      hint.textContent = photo ? "This looks like a photograph: this classifier was written for drawings."
        : unsure ? `None of these? ${reason}` : "";
      bars(shares);
    }

    function bars(shares) {
      const order = shares.map((_, k) => k).sort((a, b) => shares[b] - shares[a]).slice(0, MOST);
      answer.replaceChildren(...order.map((k) => {
        const fillBar = tag("i", { style: `--share:${shares[k].toFixed(4)}` });
        return tag("li", {}, tag("span", {}, model.labels[k]), tag("b", {}, fillBar),
          tag("em", {}, blank ? "–" : `${Math.round(100 * shares[k])}%`));
      }));
    }

    function clear() {
      stop();
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, STAGE, STAGE);
      blank = true;
      show();
    }

    function fill() {
      stop();
      pen.fillStyle = colour;
      pen.fillRect(0, 0, STAGE, STAGE);
      blank = false;
      show();
    }

    function take(source) {
      const image = new Image();
      image.onload = () => {
        stop();
        place(canvas, image, image.naturalWidth, image.naturalHeight, model);
        blank = false;
        show();
        URL.revokeObjectURL(image.src);
      };
      image.onerror = () => (hint.textContent = "This is not a picture that the browser can read.");
      image.src = source instanceof Blob ? URL.createObjectURL(source) : source;
    }

    function point(event) {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * STAGE) / box.width, ((event.clientY - box.top) * STAGE) / box.height];
    }

    function stroke(event) {
      if (!drawing) return;
      const to = point(event);
      pen.strokeStyle = colour;
      pen.lineWidth = broad;
      pen.lineCap = pen.lineJoin = "round";
      pen.beginPath();
      pen.moveTo(...drawing);
      pen.lineTo(...to);
      pen.stroke();
      drawing = to;
      blank = false;
      show();
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
      timer = setInterval(() => {
        if (!video.videoWidth) return;
        fit(canvas, video, video.videoWidth, video.videoHeight);
        blank = false;
        show();
      }, 120);
    }

    function stop() {
      if (!stream) return;
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      stream = null;
      webcam.textContent = "Webcam";
    }

    canvas.addEventListener("pointerdown", (event) => {
      stop();
      drawing = point(event);
      canvas.setPointerCapture(event.pointerId);
      stroke(event);
    });
    canvas.addEventListener("pointermove", stroke);
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drawing = null));
    file.addEventListener("change", () => file.files[0] && take(file.files[0]));
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = [...event.dataTransfer.files].find((f) => f.type.startsWith("image/"));
      if (dropped) take(dropped);
      else hint.textContent = "This is not a picture.";
    });
    document.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
      if (pasted) take(pasted);
    });
    clear();
    function use(next) {
      model = load(next);
      if (!model || !model.weights) return show();
      ready().then(show, (error) => (hint.textContent = error.message));
    }

    return { use, take, clear, told };
  }

  window.TinaClassifier = { load, probabilities, isNone, shrink, drawing, photograph, look, mount };
})();
