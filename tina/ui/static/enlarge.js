/* Kernels, looked at large. */
(function () {
  "use strict";
  const { tag } = TinaPage;

  /* A part's kernels in a window of their own, as large as it takes, each apart from the next. */
  TinaPage.enlarge = function (button) {
    const picture = button.querySelector("img"), canvas = tag("canvas", { role: "img", "aria-label": picture.alt });
    const [wide, tall] = [picture.naturalWidth, picture.naturalHeight];
    const room = [(innerWidth - 72) / wide, (innerHeight - 220) / tall];
    const scale = Math.max(1, Math.min(40, Math.floor(Math.min(...room)))), pen = canvas.getContext("2d");
    Object.assign(canvas, { width: scale * wide, height: scale * tall });
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const gap = scale > 3 ? 2 : 1;
    for (const [at, width, height, across, down] of JSON.parse(button.dataset.tiles)) {
      for (let x = across; x < width; x += across) pen.clearRect(scale * (at + x) - gap / 2, 0, gap, scale * height);
      for (let y = down; y < height; y += down) pen.clearRect(scale * at, scale * y - gap / 2, scale * width, gap);
    }
    const close = tag("button", { type: "button", class: "plain", onclick: () => dialog.close() }, "Close");
    const title = tag("h3", { id: "enlarged" }, button.dataset.caption);
    const dialog = tag("dialog", { class: "enlarged", "aria-labelledby": "enlarged", onclose: () => dialog.remove() },
      tag("header", {}, title, close), canvas, tag("p", { class: "note" }, button.dataset.reading));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.querySelector("#tina").append(dialog);
    dialog.showModal();
  };
})();
