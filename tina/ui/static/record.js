/* Examples from the webcam: hold a class's button, and pictures of it are taken until it is let go; then they are added to
   the class, and the next classifier is written. Fetched, with the engine, when it is first wanted. */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const LOST = 10000; // milliseconds after which pictures that were sent are not waited for

  /* `send(label, pictures)` adds them to the class; `shrink(source, width, height, pixels)` makes one. */
  TinaPage.booth = function (send, shrink) {
    const video = tag("video", { playsinline: true, "aria-label": "What the webcam sees" }), list = tag("ul");
    const status = tag("p", { role: "status", class: "hint" }), strip = tag("p", { class: "strip" }), travels = tag("p", { class: "hint" });
    const root = tag("section", { class: "booth", "aria-label": "Examples from the webcam", hidden: true }, video, status, list, strip, travels,
      tag("button", { type: "button", onclick: () => show(false) }, "Close webcam"));
    const queue = []; // what the server has not got: one burst at a time, for each changes what it has
    let value = { classes: [], most: 0, side: 0 }, rows = [], open = false, shots = [], held = null, late = null;

    async function show(on) {
      if (open === on) return;
      open = on;
      root.hidden = !on;
      if (!on) return TinaEasel.camera.close();
      draw();
      try {
        await TinaEasel.camera.open(video);
        status.textContent = "Hold a class’s button while the webcam sees one, and turn it a little.";
      } catch (error) {
        status.textContent = error.message;
      }
      draw();
    }

    const have = (label) => value.classes.find((one) => one.label === label)?.pictures.length || 0;
    const taken = (label) => queue.reduce((sum, one) => sum + (one.label === label ? one.pictures.length : 0), have(label))
      + (held === label ? shots.length : 0);

    function row(label) {
      const count = tag("small"), button = tag("button", { type: "button", class: "hold" }, tag("span", {}, label), count);
      const full = () => taken(label) >= value.most;
      const say = () => {
        count.textContent = `${taken(label)} of ${value.most}`;
        button.title = `Hold to record ${label}`;
        button.disabled = !video.videoWidth || (full() && !held);
      };
      const end = TinaEasel.hold(button, () => {
        if (!held) strip.replaceChildren();
        held = label;
        if (full()) return end();
        shots.push(shrink(video, video.videoWidth, video.videoHeight, value.side));
        strip.append(tag("img", { src: shots[shots.length - 1], alt: "" }));
        say();
      }, () => {
        status.textContent = `${shots.length} picture${shots.length === 1 ? "" : "s"} of ${label} added${full() ? ": no more fit" : ""}.`;
        if (shots.length) queue.push({ label, pictures: shots });
        shots = [];
        held = null;
        next();
        draw();
      });
      return { label, say, item: tag("li", {}, button) };
    }

    function next() {
      if (late || !queue.length) return;
      late = setTimeout(arrived, LOST);
      send(queue[0].label, queue[0].pictures);
    }

    function arrived() {
      clearTimeout(late);
      late = null;
      queue.shift();
      next();
    }

    function draw() {
      if (held) return;
      const labels = value.classes.map((one) => one.label);
      if (JSON.stringify(labels) !== JSON.stringify(rows.map((one) => one.label))) {
        rows = labels.map(row);
        list.replaceChildren(...rows.map((one) => one.item));
      }
      rows.forEach((one) => one.say());
      travels.textContent = `What you record goes to the server as pictures of ${value.side} by ${value.side} pixels, because the classifier is written`
        + " there. It has them in memory until an hour after your visit, and in no file.";
    }

    /* What the chips show now. */
    function follow(now) {
      const before = queue.length ? have(queue[0].label) : 0;
      value = now;
      if (late && (value.error || have(queue[0].label) !== before)) arrived();
      draw();
    }

    video.addEventListener("loadedmetadata", draw);
    return { root, show: () => show(!open), follow };
  };
})();
