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

  /* rgb: size * size * 3 numbers from 0 to 255, row by row. */
  function probabilities(model, rgb) {
    const net = network(model), features = net.mean(net.run(rgb, model.size)), width = features.length, w = model.weights;
    net.done();
    const logits = model.labels.map((_, k) =>
      features.reduce((sum, value, f) => sum + w["head.weight"][k * width + f] * value, w["head.bias"][k]));
    return softmax(logits);
  }

  function softmax(logits) {
    const most = Math.max(...logits), powers = logits.map((v) => Math.exp(v - most));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((v) => v / total);
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
    let model = null, colour = COLOURS[0], broad = 12, stream = null, timer = null, drawing = null, blank = true;
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
      const rgb = shrink(pen.getImageData(0, 0, STAGE, STAGE).data, STAGE, model.size);
      if (model.weights) tell(probabilities(model, rgb));
      else ask(rgb, model);
    }

    /* What was asked elsewhere, if it is still what is looked at. */
    function told(about, shares, error, none) {
      if (about !== model || blank) return;
      if (error) hint.textContent = error;
      else tell(shares, none);
    }

    /* `none`: whether it is none of the classes, where the classifier can tell. */
    function tell(shares, none = null) {
      if (none !== null) hint.textContent = none ? "None of these? It is less like any of them than their pictures usually are." : "";
      else hint.textContent = Math.max(...shares) < Math.max(0.5, 1.5 / model.labels.length)
        ? "None of these? It knows only these classes, and no share is high." : "";
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
        fit(canvas, image, image.naturalWidth, image.naturalHeight);
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

  window.TinaClassifier = { load, probabilities, shrink, mount };
})();
