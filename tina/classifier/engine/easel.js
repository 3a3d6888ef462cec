/* The piece of page that shows a classifier pictures: drawn, uploaded, dropped, pasted, from the webcam; its answers as
   bars. Names are only ever set as text.

   const piece = TinaEasel.mount(root);
   piece.use({ labels, see, decode, warm, where, idle, live });
   // see(source, width, height): a promise of { shares, none, others, photo, paper } of a picture, video or canvas
   // decode(file): a picture of a file; warm(): an answer will be wanted soon; live(on): the webcam goes on or off
   // where(rate): a sentence on who answers, with so many pictures a second while the webcam is on; idle: before the first

   Of what is shown while an answer is under way only the newest is looked at next. */
globalThis.TinaEasel = (function () {
  "use strict";
  const { tag } = TinaCanvas;
  const MOST = 10, EVERY = 250; // bars that are shown; milliseconds between recorded pictures
  const FRAME = 33; // milliseconds that a webcam's picture stands, at least
  const WINDOW = 3000; // milliseconds over which pictures a second are counted
  const UNREADABLE = "This is not a picture that the browser can read.";

  // -- one webcam for all who look through it; whoever has opened it closes it, also when it was refused -----------------
  let stream = null, users = 0;
  const camera = {
    /* Into a video element; an Error with a sentence where there is none. */
    async open(video) {
      users++;
      if (!navigator.mediaDevices) throw new Error("This browser gives pages no webcam here.");
      stream = stream || navigator.mediaDevices.getUserMedia({ video: true });
      try {
        video.srcObject = await stream;
      } catch (error) {
        throw new Error(`There is no webcam to look through (${error.name}).`);
      }
      video.muted = true;
      await video.play();
    },
    close() {
      if (--users || !stream) return;
      stream.then((last) => last.getTracks().forEach((track) => track.stop()), () => {});
      stream = null;
    },
  };

  /* `step` again and again while a button is held, with a finger, the mouse or a key; then `done`. */
  function hold(button, step, done) {
    let timer = null;
    const begin = () => {
      if (timer || button.disabled) return;
      button.classList.add("recording");
      timer = setInterval(step, EVERY);
      step();
    };
    const end = () => {
      if (!timer) return;
      clearInterval(timer);
      timer = null;
      button.classList.remove("recording");
      done();
    };
    const isKey = (event) => event.key === " " || event.key === "Enter";
    button.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      if (event.isTrusted) button.setPointerCapture(event.pointerId); // a hand that slips goes on
      begin();
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(name, end);
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => isKey(event) && (event.preventDefault(), begin()));
    button.addEventListener("keyup", (event) => isKey(event) && end());
    return end;
  }

  function mount(root, area = root) {
    let own = null, live = null, shown = null, waiting = false, busy = false, count = 0, times = [];
    const sheet = tag("div", { class: "stage" }), video = tag("video", { playsinline: "", muted: "" });
    const file = tag("input", { type: "file", accept: "image/*", "aria-label": "Upload a picture", hidden: "" });
    const answer = tag("ol", { class: "soft", "aria-live": "polite" });
    const hint = tag("p", { class: "hint", role: "status" }), where = tag("p", { class: "where" });
    const webcam = tag("button", { type: "button", onclick: toggle }, "Webcam");
    const paper = TinaCanvas.mount(sheet, { words: { paper: "Draw here, drop a picture here, or paste one" }, begin: stop, changed: drawn });
    root.replaceChildren(
      tag("div", { class: "easel" }, sheet, tag("div", { class: "sources" }, tag("button", { type: "button", onclick: () => (warm(), file.click()) }, "Upload"), webcam), video, file),
      tag("div", { class: "answer" }, hint, answer, where));

    const warm = () => own && own.warm && own.warm();

    // -- looking ---------------------------------------------------------------------------------------------------------
    function show(source, width, height) {
      if (!shown || shown.source !== source) shown = { source, width, height };
      return look();
    }

    async function look() {
      waiting = true;
      if (busy) return;
      busy = true;
      while (waiting && own && shown) {
        waiting = false;
        const asked = own, what = shown;
        try {
          const found = await asked.see(what.source, what.width, what.height);
          if (asked === own && what === shown) tell(found);
        } catch (error) {
          if (asked === own && what === shown) hint.textContent = error.message;
        }
      }
      busy = false;
      place();
    }

    /* `none`: whether it is none of the classes, where the classifier can tell; `others`: from what else there is. */
    function tell({ shares, none = null, others, photo, paper: ground }) {
      const { source, width, height } = shown, now = performance.now();
      if (ground && !live && width !== height) paper.show(source, width, height, ground);
      const two = own.labels.length === 2, knows = `It knows only these ${two ? "two" : "classes"}`;
      const unsure = none ?? Math.max(...shares) < Math.max(0.5, 1.2 / own.labels.length); // of two classes: below 60%
      const reason = none === null ? `${knows}, and no share is high.`
        : others ? `${knows}, and this looks more like another thing.`
        : "It is less like any of them than their pictures usually are.";
      hint.textContent = photo ? "This looks like a photograph: this classifier was written for drawings."
        : unsure ? `${two ? "Neither of the two" : "None of these"}? ${reason}` : "";
      bars(shares);
      count++;
      times = [...times.filter((time) => time > now - WINDOW), now];
      place();
    }

    function bars(shares) {
      const order = own.labels.map((_, k) => k).sort((a, b) => (shares ? shares[b] - shares[a] : 0)).slice(0, MOST);
      answer.replaceChildren(...order.map((k) => tag("li", {}, tag("span", {}, own.labels[k]),
        tag("b", {}, tag("i", { style: `--share:${shares ? shares[k].toFixed(4) : 0}` })),
        tag("em", {}, shares ? `${Math.round(100 * shares[k])}%` : "–"))));
    }

    /* Answers a second while the webcam is on. */
    function rate() {
      return live && times.length > 2 ? (1000 * (times.length - 1)) / (times[times.length - 1] - times[0]) : 0;
    }

    function place() {
      const text = (own && own.where && own.where(rate())) || "";
      if (where.textContent !== text) where.textContent = text;
    }

    // -- what is shown ---------------------------------------------------------------------------------------------------
    async function take(blob) {
      stop();
      try {
        const picture = await ((own && own.decode) || createImageBitmap)(blob);
        paper.keep();
        paper.show(picture, picture.width, picture.height);
        await show(picture, picture.width, picture.height);
      } catch {
        hint.textContent = UNREADABLE;
      }
    }

    function blank() {
      if (!own) return;
      hint.textContent = own.idle || "Draw, drop or paste: the answer follows.";
      bars(null);
      place();
    }

    /* The paper after a stroke, or after it was taken back. */
    function drawn() {
      if (!paper.blank()) return show(paper.canvas, paper.side, paper.side);
      shown = null;
      blank();
    }

    async function toggle() {
      if (live) return stop();
      const now = (live = {});
      webcam.textContent = "Stop webcam";
      warm();
      try {
        await camera.open(video);
      } catch (error) {
        if (live === now) stop();
        return (hint.textContent = error.message);
      }
      if (live === now && own && own.live) own.live(true);
      while (live === now) {
        const begun = performance.now(), { videoWidth: width, videoHeight: height } = video;
        if (width && !document.hidden) {
          paper.show(video, width, height);
          await show(video, width, height);
        }
        await new Promise((resolve) => setTimeout(resolve, begun + FRAME - performance.now())); // also lets the page draw
      }
    }

    /* What it saw last stays, as it is on the canvas. */
    function stop() {
      if (!live) return;
      live = null;
      times = [];
      camera.close();
      webcam.textContent = "Webcam";
      if (shown && shown.source === video) shown = { source: paper.canvas, width: paper.side, height: paper.side };
      if (own && own.live) own.live(false);
      place();
    }

    file.addEventListener("change", () => {
      if (file.files[0]) take(file.files[0]);
      file.value = ""; // the same file once more is another upload
    });
    area.addEventListener("dragover", (event) => event.preventDefault());
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = [...event.dataTransfer.files].find((f) => f.type.startsWith("image/"));
      if (dropped) take(dropped);
      else hint.textContent = "This is not a picture.";
    });
    document.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
      if (pasted) take(pasted);
    });

    function use(next) {
      own = next;
      if (shown) look();
      else blank();
    }

    blank();
    return { use, tell, look, place, say: (text) => (hint.textContent = text), shown: () => shown, live: () => Boolean(live),
      rate, count: () => count };
  }

  return { tag, camera, hold, mount };
})();
