/* Everything that the world knows, to pick classes from: searchable, by families; one Tab stop for all of it. What is picked
   becomes cards when the window is closed. */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const LATE = 20000; // milliseconds after which what was asked for is not waited for

  /* `labels` are of the cards that there are; `ask()` makes the palette come; `done({ add, remove })` is told of changes. */
  TinaPage.pick = function ({ world, labels, ask, done }) {
    const key = (label) => label.toLowerCase(), before = new Map(labels.map((label) => [key(label), label])), picked = new Map(before);
    const search = tag("input", { type: "search", placeholder: "search", "aria-label": "Search what can be picked" });
    const status = tag("p", { class: "hint", role: "status" }, "In a moment."), groups = tag("div", { class: "groups" });
    const ready = tag("button", { type: "button", class: "main", onclick: () => dialog.close() }, "Done");
    const title = tag("h3", { id: "picking" }, "What it knows");
    const dialog = tag("dialog", { class: "picker", "aria-labelledby": "picking", onclose: finish }, tag("header", {}, title, search, ready), status, groups);
    const late = setTimeout(() => (status.textContent = "It has not come: close this window and try again."), LATE);
    let buttons = [], settle = () => {};

    function finish() {
      clearTimeout(late);
      TinaPage.picked = null;
      dialog.remove();
      document.getElementById("pick").focus();
      const add = [...picked.keys()].filter((one) => !before.has(one)).map((one) => picked.get(one));
      const remove = [...before.keys()].filter((one) => !picked.has(one)).map((one) => before.get(one));
      if (add.length || remove.length) done({ add, remove });
    }

    function toggle(names, on) {
      for (const name of names) on ? picked.set(key(name), name) : picked.delete(key(name));
      say();
    }

    function say() {
      for (const { element, names } of buttons) element.setAttribute("aria-pressed", String(names.every((name) => picked.has(key(name)))));
      ready.textContent = `Done: ${picked.size} class${picked.size === 1 ? "" : "es"}`;
    }

    function pressing(names, text, attributes) {
      const element = tag("button", { type: "button", "aria-pressed": "false", ...attributes,
        onclick: () => toggle(names, element.getAttribute("aria-pressed") !== "true") }, ...text);
      buttons.push({ element, names });
      return element;
    }

    function draw({ title: of, names, words, tiles, sheet, across, groups: parts, families }) {
      clearTimeout(late);
      buttons = [];
      title.textContent = `What ${of} knows`;
      dialog.style.setProperty("--sheet", `url("${sheet}")`);
      dialog.style.setProperty("--across", across);
      dialog.style.setProperty("--down", Math.ceil(tiles.filter((at) => at >= 0).length / across));
      const broad = families.map(([family, members]) => ({ family, members, element: pressing([family], [family], { class: "family",
        title: `one class for all of these: ${members.map((i) => names[i]).slice(0, 12).join(", ")}${members.length > 12 ? ", …" : ""}` }) }));
      const whole = tag("details", { class: "broad" }, tag("summary", {}, `Whole families, each as one class (${families.length})`), tag("p", {}, ...broad.map((one) => one.element)));
      const found = new Map(); // place in `names` -> tile
      const sections = parts.map(([family, members]) => {
        const own = members.map((i) => {
          const face = tiles[i] < 0 ? [] : [tag("i", { style: `--x:${tiles[i] % across};--y:${Math.floor(tiles[i] / across)}` })];
          found.set(i, pressing([names[i]], [...face, tag("span", {}, names[i])], { class: face.length ? "tile" : "tile word" }));
          return found.get(i);
        });
        const all = members.map((i) => names[i]);
        const head = family ? [tag("h4", {}, family), pressing([family], [`“${family}” as one class`], { class: "family" }), pressing(all, [`all ${all.length}`], { class: "family", "aria-label": `all ${all.length} of ${family}` })] : [tag("h4", {}, "more")];
        return { own, root: tag("section", { "aria-label": family || "more" }, tag("header", {}, ...head), tag("div", { class: "tiles" }, ...own)) };
      });
      groups.replaceChildren(whole, ...sections.map((one) => one.root));
      settle = settled();
      const filter = () => {
        const wanted = key(search.value.trim()), ofFamily = new Set();
        for (const { family, members, element } of broad) {
          element.hidden = !key(family).includes(wanted);
          if (wanted && !element.hidden) members.forEach((i) => ofFamily.add(i));
        }
        whole.hidden = broad.every((one) => one.element.hidden);
        if (wanted) whole.open = !whole.hidden;
        let count = 0;
        for (const [i, tile] of found) count += !(tile.hidden = !(key(names[i]).includes(wanted) || words[i].includes(wanted) || ofFamily.has(i)));
        for (const { own, root } of sections) root.hidden = own.every((tile) => tile.hidden);
        status.textContent = count ? `${count} thing${count === 1 ? "" : "s"}; arrows move, space or a click picks.` : `Nothing here is called “${search.value}”: type it as a class of your own.`;
        settle();
      };
      search.addEventListener("input", filter);
      filter();
      say();
    }

    const settled = () => TinaPage.rove(groups, "section button:not([hidden])");

    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.getElementById("tina").append(dialog);
    dialog.showModal();
    search.focus();
    TinaPage.picked = (palette) => (!world || palette.world === world) && draw(palette);
    if (TinaPage.offered?.world === world) draw(TinaPage.offered);
    else ask();
  };
})();
