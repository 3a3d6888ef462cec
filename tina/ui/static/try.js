/* Try: the classifier runs in the visitor's browser, by programs and a tower that are fetched when they are first needed;
   where it cannot, the server is asked, one picture at a time. Which of the two it is stands there. */
(function () {
  "use strict";
  const PATIENCE = 15000; // milliseconds after which a question to the server counts as lost
  const KEEPS_NOTHING = "it gets a small copy of what you show, and keeps nothing";
  const fetched = {};
  let hear = () => {};

  /* Programs that are no part of the page, by where they are; after a failure they are tried again. */
  const fetching = (address) => (fetched[address] = fetched[address] || new Promise((resolve, reject) => {
    const failed = () => {
      delete fetched[address];
      reject(new Error("Its program cannot be fetched."));
    };
    document.head.append(TinaPage.tag("script", { src: address, onload: resolve, onerror: failed }));
  }));

  /* The engine and all around it, what an open card and the picker run, and what lesson and projector do; the projector's page
     wants the latter at once. */
  TinaPage.later = (engine, desk, school) => {
    TinaPage.programs = () => fetching(engine);
    TinaPage.desk = () => fetching(desk);
    TinaPage.school = () => fetching(school);
    if (new URLSearchParams(location.search).get("mode") !== "present") return;
    document.documentElement.classList.add("present");
    TinaPage.school();
  };

  // -- at the server ---------------------------------------------------------------------------------------------------
  /* Asks it about a picture, of which a small copy is sent. */
  function asking(send) {
    let number = 0;
    return (source, width, height, side) => new Promise((resolve, reject) => {
      const own = ++number, late = setTimeout(() => reject(new Error("The server has not answered.")), PATIENCE);
      hear = (answer) => {
        if (!answer || answer.number !== own) return;
        clearTimeout(late);
        if (answer.error) reject(new Error(answer.error));
        else resolve(answer);
      };
      send({ picture: TinaPage.small(source, width, height, side).toDataURL("image/png"), number: own });
    });
  }

  // -- whichever it is -------------------------------------------------------------------------------------------------
  function answering(model, ask, offer) {
    let here = null, failed = model.where === "server" ? "" : null; // why the server answers, if it does
    async function open() {
      if (typeof WebAssembly !== "object") throw new Error("It runs no WebAssembly.");
      await TinaPage.programs();
      here = here || (await TinaPage.here(model));
    }
    async function see(source, width, height) {
      if (failed === null)
        try {
          await open();
        } catch (error) {
          failed = error.message;
        }
      const found = await (failed === null ? here.see(source, width, height) : ask(source, width, height, model.sent || model.size));
      offer(source, width, height, found.photo);
      return found;
    }
    function where(rate) {
      const live = rate ? ` ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} pictures a second.` : "";
      if (failed !== null) return `The server answers: ${KEEPS_NOTHING}.${failed && ` Your browser cannot: ${failed}`}${live}`;
      if (here) return `Your browser answers: what you show here never leaves it.${live} ${here.slow()}`.trim();
      const weight = model.tower ? ` (${(model.tower.bytes / 1e6).toFixed(1)} MB, the first time)` : "";
      return `Your browser will answer, once it has fetched what it needs${weight}. If it cannot, the server does: ${KEEPS_NOTHING}.`;
    }
    const decode = (blob) => TinaPage.programs().then(() => TinaPicture.decode(blob), () => createImageBitmap(blob));
    return { labels: model.labels, see, decode, where, warm: () => failed === null && open().catch(() => {}),
      idle: model.where === "server" ? "Draw, drop or paste: the answer follows. It comes from the server, which keeps nothing." : "" };
  }

  TinaPage.tryIt = function (element, props, watch, trigger) {
    const piece = (TinaPage.tried = TinaEasel.mount(element.querySelector(".classifier")));
    const ask = asking((question) => trigger("asked", question)), hint = element.querySelector(".hint");
    const offer = (...picture) => TinaPage.offer && TinaPage.offer(hint, ...picture); // the other way in, where a picture is for that
    TinaPage.follow(props, watch, (model) => {
      TinaPage.model = model;
      const own = answering(model, ask, offer);
      piece.use({ ...own, where: (rate) => (piece.shown() || offer(), own.where(rate)) });
    });
  };

  TinaPage.answers = (props, watch) => TinaPage.follow(props, watch, (answer) => hear(answer));
})();
