/* Try: the classifier runs here where it can, and else the server is asked, one picture at a time. */
(function () {
  "use strict";
  const PATIENCE = 15000;  // milliseconds after which a question counts as lost
  let hear = () => {};

  /* Of what is shown while a question is under way only the newest is asked next. */
  function asking(send, answered) {
    let number = 0, waiting = null, late = null, about = null;
    const next = () => {
      clearTimeout(late);
      late = null;
      if (!waiting) return;
      const { rgb, model } = waiting;
      about = model;
      waiting = null;
      late = setTimeout(next, PATIENCE);
      send({ picture: packed(rgb, model.size), number: ++number });
    };
    hear = (answer) => {
      if (!answer || answer.number !== number || !late) return;
      answered(answer, about);
      next();
    };
    return (rgb, model) => {
      waiting = { rgb, model };
      if (!late) next();
    };
  }

  /* size * size * 3 numbers as a PNG, which loses nothing. */
  function packed(rgb, size) {
    const canvas = TinaPage.tag("canvas", { width: size, height: size }), pen = canvas.getContext("2d");
    const pixels = pen.createImageData(size, size);
    for (let i = 0; i < size * size; i++) pixels.data.set([rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 255], 4 * i);
    pen.putImageData(pixels, 0, 0);
    return canvas.toDataURL("image/png");
  }

  TinaPage.tryIt = function (element, props, watch, trigger) {
    const ask = asking((question) => trigger("asked", question), ({ shares, error, none }, model) => piece.told(model, shares, error, none));
    const piece = TinaClassifier.mount(element.querySelector(".classifier"), ask);
    TinaPage.follow(props, watch, (model) => {
      TinaPage.model = TinaClassifier.load(model);
      piece.use(model);
    });
  };

  TinaPage.answers = (props, watch) => TinaPage.follow(props, watch, (answer) => hear(answer));
})();
