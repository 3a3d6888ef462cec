/* Whatever answers in the visitor's browser: fetched, with the engine, when it is first needed. */
(function () {
  "use strict";
  const ALIGN = 16; // bytes: a tower's weights begin at a multiple of it (engine_files.py)
  let tower = null; // the last one: { address, opened }

  async function fetched(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer || !answer.ok) throw new Error("Its image tower cannot be fetched.");
    const file = await answer.arrayBuffer(), length = new DataView(file).getUint32(0, true);
    const description = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, length)));
    const work = TinaEngine.work(TinaEngine.codes, description, file.slice(Math.ceil((4 + length) / ALIGN) * ALIGN));
    await work.opened;
    return { work, size: description.size };
  }

  /* A tower at its work; the one before stops. */
  function towerAt(address) {
    if (tower && tower.address === address) return tower.opened;
    if (tower) tower.opened.then(({ work }) => work.close(), () => {});
    const own = (tower = { address, opened: fetched(address) });
    own.opened.catch(() => (tower = tower === own ? null : tower)); // so that it is tried again
    return own.opened;
  }

  /* What answers about a model, once all that it needs is here. */
  TinaPage.here = async function (model) {
    if (model.weights) {
      await TinaClassifier.ready();
      const { see, where: slow } = TinaClassifier.open(model);
      return { see, slow };
    }
    const rows = TinaRows.read(model), { work, size } = await towerAt(model.tower.address);
    const see = async (source, width, height) => {
      const { features } = await work.see(TinaPicture.read(source, width, height, size, model.tower.middle));
      return TinaRows.answer(rows, model.none_level, features);
    };
    return { see, slow: () => work.about.slow };
  };
})();
