/* Class cards: what was understood, class by class. Every change is an event for Python, which keeps the state. One card at a
   time is open: its inside (card.js) is fetched when it is first wanted, as is the picker (picker.js). */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const FACES = 3; // pictures on a closed card

  TinaPage.describe = function (element, props, watch, trigger) {
    const root = element.querySelector(".chips"), list = tag("ul", { class: "cards-asked", "aria-label": "Classes as understood" });
    const notes = tag("ul", { class: "notes" }), wrong = tag("p", { role: "alert", class: "wrong-note", hidden: true });
    const name = tag("input", { type: "text", placeholder: "another class", "aria-label": "Another class", maxlength: "80" });
    const other = tag("button", { type: "button", class: "other", title: "one more class: what is none of the others",
      onclick: () => edit({ action: "add", label: "something else" }) }, "+ something else");
    const add = tag("form", { class: "add" }, name, tag("button", { type: "submit" }, "Add"), other,
      tag("button", { type: "button", onclick: shuffle, title: "The order of the classes does not matter" }, "Shuffle"));
    const reordered = tag("p", { class: "hint", role: "status", hidden: true },
      "In another order: each class took its weights along, or nearly so: only the noise that it starts from is another. See the accuracy.");
    const cards = new Map(); // label -> { item, face, draw }
    const settle = TinaPage.rove(list, ".face");
    let value = { classes: [], notes: [], error: "" }, opened = null, body = null, tray = null, dragged = null, world = "";
    const labels = () => value.classes.map((one) => one.label);
    const say = (text) => {
      wrong.hidden = !text;
      wrong.textContent = text || "";
    };
    const edit = (detail) => {
      reordered.hidden = true;
      trigger("edit", detail);
    };

    /* What is in card.js, once it is there. */
    async function inside() {
      await TinaPage.desk();
      if (body) return body;
      const act = { edit, say, fold, move, teach: () => trigger("teach", {}) };
      body = TinaPage.cardBody(act);
      tray = TinaPage.tray(act, notes);
      show();
      return body;
    }

    async function open(label, byKey) {
      try {
        await inside();
      } catch (error) {
        return say(error.message);
      }
      opened = label;
      show();
      if (byKey) body.focus();
    }

    function fold() {
      const face = cards.get(opened)?.face;
      opened = null;
      show();
      if (face) face.focus();
    }

    /* Places the inside in the card that is open. */
    function show() {
      for (const [label, { item, face }] of cards) {
        item.classList.toggle("open", label === opened);
        item.draggable = label !== opened; // words in it can be selected
        face.setAttribute("aria-expanded", String(label === opened));
      }
      if (!body) return;
      const card = cards.get(opened);
      if (!card) body.close();
      else if (body.root.parentElement !== card.item) card.item.append(body.root);
      body.follow(value, card ? opened : null);
      tray.follow(value);
    }

    function shuffle() {
      const order = labels(), before = order.join("\n");
      for (let tries = 0; tries < 9 && order.join("\n") === before; tries++)
        for (let i = order.length - 1; i > 0; i--) {
          const j = Math.floor(Math.random() * (i + 1));
          [order[i], order[j]] = [order[j], order[i]];
        }
      edit({ action: "order", labels: order });
      reordered.hidden = false;
    }

    function move(label, by) {
      const order = labels(), from = order.indexOf(label), to = Math.max(0, Math.min(order.length - 1, from + by));
      order.splice(to, 0, ...order.splice(from, 1));
      if (to !== from) edit({ action: "order", labels: order });
    }

    function card(label) {
      const face = tag("button", { type: "button", class: "face", "aria-expanded": "false", onclick: (event) => open(label, !event.detail) });
      const away = tag("button", { type: "button", class: "icon away", tabindex: "-1", title: "take away", "aria-label": `take ${label} away`,
        onclick: () => edit({ action: "remove", label }) }, "×");
      const item = tag("li", { draggable: "true" }, face, away), over = (on) => item.classList.toggle("over", on);
      face.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (event.key === "Delete") edit({ action: "remove", label });
        else if (event.altKey && by) event.preventDefault(), move(label, by);
      });
      item.addEventListener("dragstart", (event) => {
        dragged = label;
        event.dataTransfer.setData("text/plain", label);
      });
      item.addEventListener("dragover", (event) => (event.preventDefault(), over(true)));
      item.addEventListener("dragleave", () => over(false));
      item.addEventListener("drop", (event) => {
        event.preventDefault();
        over(false);
        const files = [...event.dataTransfer.files];
        if (files.length) return inside().then(() => body.take(label, files), (error) => say(error.message));
        if (dragged && dragged !== label) {
          const order = labels().filter((one) => one !== dragged);
          order.splice(labels().indexOf(label), 0, dragged);
          edit({ action: "order", labels: order });
        }
        dragged = null;
      });
      const draw = (one) => {
        const { reading, pictures } = one, unknown = reading === "unknown";
        item.className = one.other ? "other" : "";
        face.title = one.title;
        face.replaceChildren(tag("span", { class: "name" }, label), tag("span", { class: "what" },
          reading && one.says ? tag("em", { class: `reading ${reading.replace(" ", "-")}` }, (reading === "known" ? "✓ " : "") + one.says) : "",
          one.means && !unknown ? tag("small", {}, one.means) : "",
          one.unseen && !unknown ? tag("span", { class: "new", title: "never seen in training" }, "new") : ""),
          tag("span", { class: "faces" }, ...pictures.slice(0, FACES).map((src, i) => tag("img", { src, alt: `${label}, example ${i + 1}` })),
            pictures.length > FACES ? tag("small", {}, `+${pictures.length - FACES}`) : ""));
      };
      return { item, face, draw };
    }

    /* Cards stay what they are, so that focus and a held button do; only what is on them is drawn anew. */
    function draw(before) {
      const now = labels(), renamed = before.length === now.length;
      if (opened && !now.includes(opened)) opened = (renamed && now[before.indexOf(opened)]) || null;
      const lost = document.activeElement.closest(".cards-asked > li"), place = [...list.children].indexOf(lost);
      for (const label of [...cards.keys()]) if (!now.includes(label)) cards.get(label).item.remove(), cards.delete(label);
      value.classes.forEach((one, i) => {
        if (!cards.has(one.label)) cards.set(one.label, card(one.label));
        const { item, draw: anew } = cards.get(one.label);
        anew(one);
        if (list.children[i] !== item) keeping(() => list.insertBefore(item, list.children[i] || null));
      });
      show();
      if (lost && !lost.isConnected) (list.children[Math.min(place, now.length - 1)] || add).querySelector("button, input").focus();
      settle();
      if (!tray && value.classes.some((one) => one.pictures.length || one.tests.length)) inside().catch(() => {});
    }

    function keeping(change) {
      const focused = document.activeElement;
      change();
      if (list.contains(focused)) focused.focus();
    }

    /* A pasted picture belongs to the card that has the focus, and else to Try. */
    document.addEventListener("paste", (event) => {
      const item = document.activeElement.closest(".cards-asked > li"), files = [...event.clipboardData.files];
      const label = item && [...cards.keys()].find((one) => cards.get(one).item === item);
      if (!label || !files.length) return;
      event.stopPropagation();
      inside().then(() => body.take(label, files), (error) => say(error.message));
    }, true);
    /* The page may not have these parts yet: they come in any order. */
    document.addEventListener("click", async (event) => {
      if (!event.target.closest("#pick")) return;
      try {
        await TinaPage.desk();
        TinaPage.pick({ world, labels: labels(), ask: () => trigger("browse", {}), done: (change) => edit({ action: "pick", ...change }) });
      } catch (error) {
        say(error.message);
      }
    });
    document.addEventListener("input", (event) => event.target.closest("#wanted") && setTimeout(() => trigger("typed", {})));
    document.addEventListener("keydown", (event) => {
      if (!event.target.closest("#wanted") || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      document.getElementById("go").click();
    });
    add.addEventListener("submit", (event) => {
      event.preventDefault();
      if (name.value.trim()) edit({ action: "add", label: name.value });
      name.value = "";
    });
    root.replaceChildren(list, wrong, add, reordered, notes);
    TinaPage.follow(props, watch, (next) => {
      if (JSON.stringify(next) === JSON.stringify(value)) return; // each step says it again
      const before = labels();
      value = next;
      world = value.world || world;
      draw(before);
      other.hidden = value.classes.some((one) => one.other);
      other.classList.toggle("wanted", value.classes.length === 1); // the one thing that is missing
      document.getElementById("tina")?.classList.toggle("stale", Boolean(value.error)); // what is shown is of before
      notes.replaceChildren(...value.notes.map((note) => tag("li", {}, note)));
      say(value.error);
    });
  };

  /* What there is to pick from: it comes when the picker asks for it. */
  TinaPage.palette = (props, watch) => TinaPage.follow(props, watch, (palette) => TinaPage.picked?.(TinaPage.offered = palette));
})();
