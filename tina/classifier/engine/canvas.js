/* A sheet of paper to draw on: pen, eraser, a bucket, undo; by finger, mouse or keyboard. The only one there is: of Try, of
   class cards, of the lesson and of saved files.

     const paper = TinaCanvas.mount(root, { words, changed: () => ..., begin: () => ... }); // begin: before anything is drawn
     paper.canvas, paper.blank(), paper.data() // RGBA, paper.url(64) // PNG or JPEG, paper.show(video, 640, 480), paper.clear()

   `words` are those of `canvas` in tina/ui/learn/languages; without them English is spoken. */
globalThis.TinaCanvas = (function () {
  "use strict";
  const SIDE = 300, UNDOS = 24, SHARP = 96; // pixels; sheets that come back; up to so many pixels a side nothing is lost
  const COLOURS = ["#1c1917", "#dc2626", "#f97316", "#facc15", "#16a34a", "#38bdf8", "#2563eb", "#92400e", "#ffffff"];
  const ENGLISH = { paper: "Paper to draw on", pen: "Pen", eraser: "Eraser", bucket: "Bucket: fills an area", undo: "Undo", clear: "Clear",
    colour: "Colour: {name}", width: "Width of the pen", keys: "With the keyboard: arrows move the pen, space puts it down and lifts it, Ctrl+Z undoes.",
    colours: ["black", "red", "orange", "yellow", "green", "sky blue", "blue", "brown", "white"] };
  const ICONS = {
    pen: "M4 20l1.5-5L16 4.5l3.5 3.5L9 18.5z", eraser: "M4 15l9-9 6 6-7 7H8zM12 19h8", bucket: "M5 11l7-7 7 7-7 7zM12 4L9 1M21 14c2 3 1 5 0 5s-2-2 0-5",
    undo: "M9 6L4 11l5 5M4 11h10a5 5 0 010 10h-3", clear: "M6 3h8l5 5v13H6zM14 3v5h5",
  };

  function tag(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
      if (value === null || value === undefined || value === false) continue;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function icon(name) {
    const box = tag("span");
    box.innerHTML = `<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    return box.firstChild;
  }

  /* In place: the area around a point that is of its colour, and the pale rim of the lines around it. */
  function flood(pixels, side, x, y, rgb, tolerance = 60) {
    const { data } = pixels, start = 4 * (y * side + x), from = [data[start], data[start + 1], data[start + 2]];
    const filled = new Uint8Array(side * side), stack = [y * side + x];
    const like = (i) => !filled[i] && from.every((value, c) => Math.abs(data[4 * i + c] - value) <= tolerance);
    while (stack.length) {
      const i = stack.pop();
      if (!like(i)) continue;
      filled[i] = 1;
      if (i % side) stack.push(i - 1);
      if (i % side < side - 1) stack.push(i + 1);
      if (i >= side) stack.push(i - side);
      if (i < side * (side - 1)) stack.push(i + side);
    }
    for (let i = 0; i < filled.length; i++) {
      const near = filled[i] || (i % side && filled[i - 1]) || (i % side < side - 1 && filled[i + 1]) || filled[i - side] || filled[i + side];
      if (near) data.set([...rgb, 255], 4 * i);
    }
    return filled;
  }

  function mount(root, options = {}) {
    const words = { ...ENGLISH, ...options.words }, { changed = () => {}, begin = () => {} } = options;
    let tool = "pen", colour = COLOURS[0], broad = 11, last = null, blank = true, at = [SIDE / 2, SIDE / 2], down = false;
    const before = [];
    const canvas = tag("canvas", { width: SIDE, height: SIDE, tabindex: "0", role: "img", "aria-label": `${words.paper}. ${words.keys}` });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const cursor = tag("i", { class: "cursor", hidden: "" });
    const button = (name, act) => tag("button", { type: "button", "data-tool": name, title: words[name], "aria-label": words[name], onclick: act }, icon(name));
    const tools = ["pen", "eraser", "bucket"].map((name) => button(name, () => choose(name)));
    const swatches = COLOURS.map((value, i) => tag("button", { type: "button", class: "swatch", style: `--c:${value}`, title: words.colours[i],
      "aria-label": words.colour.replace("{name}", words.colours[i]), onclick: () => dip(value) }));
    const width = tag("input", { type: "range", min: "4", max: "36", value: String(broad), "aria-label": words.width, oninput: (event) => (broad = Number(event.target.value)) });
    const undoing = button("undo", undo);
    root.classList.add("paper");
    root.replaceChildren(tag("div", { class: "sheet" }, canvas, cursor),
      tag("div", { class: "tools", role: "group" }, ...tools, undoing, button("clear", () => (keep(), clear()))),
      tag("div", { class: "swatches", role: "group" }, ...swatches, width));

    function choose(name) {
      tool = name;
      tools.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.tool === name)));
    }

    function dip(value) {
      colour = value;
      if (tool === "eraser") choose("pen");
      swatches.forEach((one, i) => one.setAttribute("aria-pressed", String(COLOURS[i] === value)));
    }

    /* What is there now comes back with undo. */
    function keep() {
      begin();
      before.push([pen.getImageData(0, 0, SIDE, SIDE), blank]);
      if (before.length > UNDOS) before.shift();
      undoing.disabled = false;
    }

    function undo() {
      const was = before.pop();
      if (!was) return;
      begin();
      pen.putImageData(was[0], 0, 0);
      blank = was[1];
      undoing.disabled = !before.length;
      changed();
    }

    function whiten() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, SIDE, SIDE);
      blank = true;
    }

    function clear() {
      whiten();
      changed();
    }

    function fill([x, y]) {
      const pixels = pen.getImageData(0, 0, SIDE, SIDE), inside = (v) => Math.max(0, Math.min(SIDE - 1, Math.floor(v)));
      flood(pixels, SIDE, inside(x), inside(y), [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
      pen.putImageData(pixels, 0, 0);
      blank = false;
      changed();
    }

    function line(from, to) {
      pen.strokeStyle = tool === "eraser" ? "#fff" : colour;
      pen.lineWidth = tool === "eraser" ? 2 * broad : broad;
      pen.lineCap = pen.lineJoin = "round";
      pen.beginPath();
      pen.moveTo(...from);
      pen.lineTo(to[0] + 0.01, to[1]); // a line of no length would leave no dot
      pen.stroke();
      blank = blank && tool === "eraser";
      changed();
    }

    function point(event) {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      keep();
      at = point(event);
      if (tool === "bucket") return fill(at);
      canvas.setPointerCapture(event.pointerId);
      last = at;
      line(last, at);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      at = point(event);
      line(last, at);
      last = at;
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(end, () => (last = null));

    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, move = moves[event.key];
      if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
      else if (event.key === " " && tool === "bucket") keep(), fill(at);
      else if (event.key === " ") {
        down = !down;
        if (down) keep(), line(at, at);
      } else if (move) {
        const to = at.map((value, i) => Math.max(0, Math.min(SIDE, value + move[i] * (event.shiftKey ? 24 : 8))));
        if (down && tool !== "bucket") line(at, to);
        at = to;
      } else return;
      event.preventDefault();
      mark();
    });
    canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && mark());
    canvas.addEventListener("blur", () => (cursor.hidden = true, down = false));

    function mark() {
      cursor.hidden = false;
      cursor.classList.toggle("down", down);
      cursor.style.left = `${(100 * at[0]) / SIDE}%`;
      cursor.style.top = `${(100 * at[1]) / SIDE}%`;
    }

    /* The middle square of a picture or a video, or the whole of it on `ground`; `changed` is not told. */
    function show(source, wide, high, ground) {
      const scale = SIDE / (ground ? Math.max(wide, high) : Math.min(wide, high));
      pen.fillStyle = ground || "#fff";
      pen.fillRect(0, 0, SIDE, SIDE);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(source, (SIDE - wide * scale) / 2, (SIDE - high * scale) / 2, wide * scale, high * scale);
      blank = false;
    }

    /* The paper as a small picture: PNG, or JPEG where it is large. */
    function url(pixels) {
      if (pixels === SIDE) return canvas.toDataURL("image/jpeg", 0.92);
      const small = tag("canvas", { width: pixels, height: pixels }), brush = small.getContext("2d");
      brush.imageSmoothingQuality = "high";
      brush.drawImage(canvas, 0, 0, pixels, pixels);
      return pixels > SHARP ? small.toDataURL("image/jpeg", 0.92) : small.toDataURL("image/png");
    }

    choose("pen");
    dip(COLOURS[0]);
    whiten();
    undoing.disabled = true;
    return { canvas, clear, keep, undo, show, url, side: SIDE, blank: () => blank, data: () => pen.getImageData(0, 0, SIDE, SIDE).data, forget: () => (before.length = 0, undoing.disabled = true) };
  }

  return { tag, mount, flood };
})();
