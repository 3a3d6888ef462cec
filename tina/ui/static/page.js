/* The page's own pieces. Whatever came from a visitor is only ever set as text. Python keeps the state; these show it. */
(function () {
  "use strict";
  const TinaPage = (window.TinaPage = {});

  const tag = (TinaPage.tag = TinaEasel.tag);

  const read = (value) => (typeof value === "string" ? (value ? JSON.parse(value) : null) : value);

  /* Draws now and whenever Python sends something new. */
  TinaPage.follow = function (props, watch, draw) {
    let before = null;
    const look = () => {
      const text = typeof props.value === "string" ? props.value : JSON.stringify(props.value);
      if (text && text !== before) draw(read((before = text)));
    };
    watch("value", look);
    look();
  };

  /* The middle square of a picture as a small canvas: nothing larger ever leaves the browser. */
  TinaPage.small = function (source, width, height, pixels) {
    const canvas = tag("canvas", { width: pixels, height: pixels }), side = Math.min(width, height);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, pixels, pixels);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, pixels, pixels);
    return canvas;
  };

  /* One Tab stop for many buttons, between which arrows, Home and End move. Returns what is to be called once they are there:
     the stop is the one that had the focus, or else one that is open or chosen, or the first. */
  TinaPage.rove = function (element, selector) {
    const all = () => [...element.querySelectorAll(selector)];
    const stop = (one) => all().forEach((button) => (button.tabIndex = button === one ? 0 : -1));
    element.addEventListener("focusin", (event) => event.target.matches(selector) && stop(event.target));
    element.addEventListener("keydown", (event) => {
      const { target, key } = event, step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0], Home: 0, End: -1 }[key];
      if (step === undefined || event.altKey || event.ctrlKey || !target.matches(selector)) return;
      const buttons = all(), place = (button) => button.getBoundingClientRect(), from = place(target);
      const gaps = (button, to = place(button)) => [to.left - from.left, to.top - from.top, to.top + to.height / 2 - from.top - from.height / 2];
      const ahead = ([x, y, middle]) => step[0] * x + step[1] * y > 2 && (!step[0] || Math.abs(middle) < from.height / 2);
      const far = ([x, y]) => (step[0] ? Math.abs(x) : Math.abs(x) + 9 * Math.abs(y));
      const next = step.length ? buttons.filter((one) => ahead(gaps(one))).sort((a, b) => far(gaps(a)) - far(gaps(b)))[0]
        || buttons[buttons.indexOf(target) + (step[0] || NaN)] : buttons.at(step);
      event.preventDefault();
      if (next) next.focus();
    });
    return () => {
      const buttons = all(), kept = [document.activeElement, element.querySelector(`${selector}:is(.chosen, [aria-expanded="true"])`)];
      stop(kept.find((one) => buttons.includes(one)) || buttons[0]);
    };
  };

  // -- the first screen -----------------------------------------------------------------------------------------------
  /* Drawings or photographs; and all there is, by name, for who wants that. */
  TinaPage.ways = function (element, trigger) {
    const open = () => document.getElementById("tina").classList.add("worlds");
    element.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      if (button.dataset.way) return button.getAttribute("aria-pressed") === "true" || trigger("way", { ...button.dataset });
      open();
      document.querySelector("#world input").focus();
    });
    document.addEventListener("focusin", (event) => event.target.closest("#world") && open());
  };

  /* On a phone all that a first visit does without is folded. */
  TinaPage.unfold = (element) => element.addEventListener("click", (event) => {
    const open = document.getElementById("tina").classList.toggle("all"), button = event.target.closest("button");
    button.setAttribute("aria-expanded", open);
    button.textContent = open ? "Show less" : "Show everything";
    if (open) document.getElementById("views").scrollIntoView();
  });

  // -- held-out pictures ----------------------------------------------------------------------------------------------
  TinaPage.heldOut = function (element, props, watch, trigger) {
    const root = element.querySelector(".held");
    const settle = TinaPage.rove(root, "button");
    let of = null, buttons = []; // which contact sheet is shown: it comes once, the answers at every step
    TinaPage.follow(props, watch, (value) => {
      if (!value.sheet && !value.note && value.of !== of) return;
      if (value.of !== of) {
        of = value.of;
        root.classList.toggle("photos", Boolean(value.photos));
        buttons = value.items.map((item, i) => {
          const button = tag("button", { type: "button", style: `--i:${i};--n:${value.items.length}` });
          button.style.backgroundImage = `url("${value.sheet}")`;
          button.addEventListener("click", () => {
            buttons.forEach((other) => other.classList.toggle("asked", other === button));
            trigger("why", { index: i });
          });
          return button;
        });
        root.replaceChildren(...buttons);
        settle();
      }
      if (value.note) {
        root.replaceChildren(tag("p", { class: "note" }, value.note));
      }
      value.items.forEach((item, i) => {
        const right = item.answer === item.label;
        buttons[i].className = (right ? "right" : "wrong") + (buttons[i].classList.contains("asked") ? " asked" : "");
        const name = item.name === item.label ? item.label : `${item.label}: ${item.name}`;
        const description = name + (right ? ", recognised" : `, taken for ${item.answer}`);
        buttons[i].title = description;
        buttons[i].setAttribute("aria-label", description);
      });
    });
  };

  // -- taking it away ---------------------------------------------------------------------------------------------------
  TinaPage.take = function (element, props, watch, trigger) {
    const root = element.querySelector(".take"), status = tag("span", { class: "status", role: "status" });
    let value = null, open = false, number = 0;
    const ask = (kind, label, style = "", opens = false) =>
      tag("button", { type: "button", class: style, onclick: () => {
        open = opens;
        status.textContent = "Packing…";
        trigger("wanted", { kind, number: ++number });
      } }, label);
    const copy = (what, label) =>
      tag("button", { type: "button", onclick: async () => {
        await TinaPage.copy(what());
        status.textContent = `${label.replace("Copy ", "")[0].toUpperCase()}${label.replace("Copy ", "").slice(1)} copied.`;
      } }, label);
    const link = () => `${location.origin}${location.pathname}?${value.query}`;
    const pages = [ask("html", "Web page"), ask("html", "Open web page", "", true)];
    const recipes = [copy(link, "Copy link"), copy(() => value.python, "Copy Python")];
    root.replaceChildren(
      ask("zip", "Download zip", "main"), ...pages, ask("onnx", "ONNX"), ...recipes, status);
    root.querySelectorAll("button").forEach((button) => (button.disabled = true));
    TinaPage.follow(props, watch, (next) => {
      value = next;
      root.querySelectorAll("button").forEach((button) => (button.disabled = !value.ready));
      for (const [some, reason] of [[pages, value.no_page], [recipes, value.no_recipe]])
        for (const button of some) {
          button.disabled = !value.ready || Boolean(reason);
          button.title = reason || "";
        }
      if (!value.file || value.file.number !== number) return;
      if (value.file.error) return (status.textContent = value.file.error);
      const bytes = Uint8Array.from(atob(value.file.data), (c) => c.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type: value.file.mime }));
      if (open) window.open(url, "_blank", "noopener");
      else {
        const anchor = tag("a", { href: url, download: value.file.name });
        document.body.append(anchor);
        anchor.click();
        anchor.remove();
        setTimeout(() => URL.revokeObjectURL(url), 60000);
      }
      status.textContent = `${value.file.name}, ${Math.ceil(bytes.length / 1024)} KB.`;
    });
  };

  TinaPage.copy = async function (text) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch (refused) { /* no such thing on a plain http address, or not allowed: the old way, then */ }
    const area = tag("textarea", { class: "visually-hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  // -- clicks in what Python drew ---------------------------------------------------------------------------------------
  TinaPage.cells = function (element, trigger) {
    const kinds = ["cell", "seed", "row"];
    let again = null; // what has the focus, to give it back once Python has drawn anew
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-cell], [data-seed], [data-row], .enlarge");
      if (!button) return;
      if (button.matches(".enlarge")) return TinaPage.desk().then(() => TinaPage.enlarge(button), () => {});
      const kind = kinds.find((one) => one in button.dataset);
      again = `[data-${kind}="${button.dataset[kind]}"]`;
      trigger(kind, { ...button.dataset });
    });
    const settled = [".rows .row", ".confusion button:enabled"].map((grid) => TinaPage.rove(element, grid));
    new MutationObserver(() => {
      settled.forEach((settle) => settle());
      if (!again || document.activeElement !== document.body) return;
      element.querySelector(again)?.focus({ preventScroll: true });
      again = null;
    }).observe(element, { childList: true, subtree: true });
    const pane = document.getElementById("watch-pane");
    if (pane) new MutationObserver(TinaPage.nameChart).observe(pane, { childList: true });
  };

  /* The chart's name for a screen reader, each time that it comes: its numbers stand below it as text. */
  TinaPage.nameChart = function () {
    const chart = document.getElementById("chart");
    if (!chart || chart.hasAttribute("aria-label")) return;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", "Histograms of Tina’s and of trained weights, layer by layer; numbers below");
  };

  TinaPage.examples = function (element, trigger) {
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-classes], [data-shown]");
      if (button) trigger("choose", { ...button.dataset });
    });
    const settle = TinaPage.rove(element, "button");
    new MutationObserver(settle).observe(element, { childList: true, subtree: true }); // another world's
    settle();
    TinaPage.choose = (classes) => trigger("choose", { classes });
  };
})();
