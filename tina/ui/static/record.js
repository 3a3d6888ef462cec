/* Examples from the webcam, for the card that is open: while a button is held, pictures are taken; once it is let go, they are
   added to the class, and the next classifier is written. */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const LOST = 10000; // milliseconds after which pictures that were sent are not waited for

  /* `send(label, pictures)` adds them to the class; `shrink(source, width, height, pixels)` makes one. */
  TinaPage.recorder = function (send, shrink) {
    const video = tag("video", { playsinline: true, "aria-label": "What the webcam sees" });
    const status = tag("p", { role: "status", class: "hint" }), strip = tag("p", { class: "strip" }), travels = tag("p", { class: "hint" });
    const count = tag("small"), hold = tag("button", { type: "button", class: "hold" }, tag("span", {}, "Hold to record"), count);
    const root = tag("section", { class: "booth", "aria-label": "Examples from the webcam", hidden: true },
      tag("div", { class: "seen" }, video, strip), hold, status, travels);
    const queue = []; // what the server has not got: one burst at a time, for each changes what it has
    let value = { classes: [], most: 0, side: 0 }, label = null, open = false, shots = [], held = null, late = null;

    async function show(on) {
      if (open === on) return;
      open = on;
      root.hidden = !on;
      if (!on) return TinaEasel.camera.close();
      draw();
      try {
        await TinaEasel.camera.open(video);
        status.textContent = "Hold the button while the webcam sees one, and turn it a little.";
      } catch (error) {
        status.textContent = error.message;
      }
      draw();
    }

    const have = (name) => value.classes.find((one) => one.label === name)?.pictures.length || 0;
    const taken = (name) => queue.reduce((sum, one) => sum + (one.label === name ? one.pictures.length : 0), have(name))
      + (held === name ? shots.length : 0);
    const full = (name) => taken(name) >= value.most;

    const end = TinaEasel.hold(hold, () => {
      if (!held) strip.replaceChildren();
      held = held || label;
      if (full(held)) return end();
      shots.push(shrink(video, video.videoWidth, video.videoHeight, value.side));
      strip.append(tag("img", { src: shots[shots.length - 1], alt: "" }));
      draw();
    }, () => {
      status.textContent = `${shots.length} picture${shots.length === 1 ? "" : "s"} of ${held} added${full(held) ? ": no more fit" : ""}.`;
      if (shots.length) queue.push({ label: held, pictures: shots });
      shots = [];
      held = null;
      next();
      draw();
    });

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
      count.textContent = `${taken(label)} of ${value.most}`;
      hold.setAttribute("aria-label", `Hold to record ${label}`);
      hold.disabled = !video.videoWidth || (full(label) && !held);
      travels.textContent = `What you record goes to the server as pictures of ${value.side} by ${value.side} pixels, because the classifier is written`
        + " there. It has them in memory until an hour after your visit, and in no file.";
    }

    /* What the cards show now, and which of them is open. */
    function follow(now, chosen) {
      const before = queue.length ? have(queue[0].label) : 0;
      if (chosen !== label && !held) strip.replaceChildren();
      value = now;
      label = chosen;
      if (late && (value.error || have(queue[0].label) !== before)) arrived();
      draw();
    }

    video.addEventListener("loadedmetadata", draw);
    return { root, show, follow };
  };
})();
