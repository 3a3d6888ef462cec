/* The inside of the card that is open: its name, how it is read, its pictures, and four ways to more of them: drop or paste,
   upload, record, draw. And the tray of test pictures below all cards. */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const SHARP = 96; // up to so many pixels a side pictures are sent without any loss

  function small(source, width, height, pixels) {
    const canvas = TinaPage.small(source, width, height, pixels);
    return pixels > SHARP ? canvas.toDataURL("image/jpeg", 0.92) : canvas.toDataURL("image/png");
  }

  async function shrink(file, pixels) {
    const image = await createImageBitmap(file);
    const url = small(image, image.width, image.height, pixels);
    image.close();
    return url;
  }

  /* Files as pictures of a class: "pictures", which the classifier is written from, or "tests". */
  async function take(value, { edit, say }, label, files, kind) {
    const have = value.classes.find((one) => one.label === label)[kind].length;
    const most = kind === "tests" ? value.most_tests : value.most;
    if (have + files.length > most) return say(`A class takes ${most} ${kind === "tests" ? "test " : ""}pictures at most.`);
    const found = [];
    for (const one of files) {
      try {
        found.push(await shrink(one, value.side));
      } catch (error) {
        return say(`“${one.name}” is not a picture that the browser can read.`);
      }
    }
    say("");
    edit({ action: kind, label, add: found });
  }

  /* A button that asks for files. */
  function chooser(label, chosen, attributes) {
    const file = tag("input", { type: "file", accept: "image/*", multiple: true, hidden: true, "aria-label": label });
    file.addEventListener("change", () => {
      const files = [...file.files];
      file.value = ""; // the same files once more are another upload
      chosen(files);
    });
    return tag("span", { class: "chooser" }, tag("button", { type: "button", onclick: () => file.click(), ...attributes }, label), file);
  }

  /* `act`: { edit, say, fold, move, teach }. */
  TinaPage.cardBody = function (act) {
    const { edit, say, fold, move } = act;
    let value = null, label = null, mode = "", paper = null, asked = null; // for which name it was asked already
    const one = () => value.classes.find((each) => each.label === label);
    const button = (text, act, attributes = {}) => tag("button", { type: "button", onclick: act, ...attributes }, text);
    const name = tag("input", { type: "text", class: "rename", maxlength: "80", "aria-label": "Name of this class" });
    const left = button("‹", () => move(label, -1), { class: "icon", title: "Move left" }), right = button("›", () => move(label, 1), { class: "icon", title: "Move right" });
    const away = button("×", () => edit({ action: "remove", label }), { class: "icon", title: "take away" });
    const close = button("", fold, { class: "icon fold", title: "Close this card", "aria-expanded": "true" });
    const about = tag("p", { class: "about" }), only = button("only a label", () => edit({ action: "tag", label, tag: !one().tag }), { class: "tag" });
    const thumbs = tag("p", { class: "thumbs" }), kept = tag("p", { class: "hint" });
    const upload = chooser("Drop, paste or choose pictures", (files) => take(value, act, label, files, "pictures"), { class: "drop" });
    const webcam = button("Webcam", () => use("webcam"), { "aria-pressed": "false" }), draw = button("Draw", () => use("draw"), { "aria-pressed": "false" });
    const tests = chooser("Add test pictures…", (files) => take(value, act, label, files, "tests"), {});
    const recorder = TinaPage.recorder((name, some) => edit({ action: "pictures", label: name, add: some }), small);
    const sheet = tag("div"), add = button("Add this drawing", adding, { class: "main" }), drawn = tag("p", { class: "hint", role: "status" });
    const drawing = tag("section", { class: "drawing", "aria-label": "A drawing of your own", hidden: true }, sheet, add, drawn);
    const root = tag("div", { class: "inside", role: "group" }, tag("div", { class: "top" }, name, left, right, away, close), about, thumbs, kept,
      upload, tag("div", { class: "ways" }, webcam, draw, tests), recorder.root, drawing);

    function use(wanted) {
      mode = mode === wanted ? "" : wanted;
      webcam.setAttribute("aria-pressed", String(mode === "webcam"));
      draw.setAttribute("aria-pressed", String(mode === "draw"));
      drawing.hidden = mode !== "draw";
      if (mode === "draw") paper = paper || TinaCanvas.mount(sheet);
      recorder.show(mode === "webcam");
    }

    function adding() {
      if (paper.blank()) return (drawn.textContent = `Draw ${label} first.`);
      if (one().pictures.length >= value.most) return (drawn.textContent = `A class takes ${value.most} pictures at most.`);
      edit({ action: "pictures", label, add: [paper.url(value.side)] });
      drawn.textContent = "Added. Another one, a little different?";
      paper.clear();
      paper.forget();
    }

    name.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(), renamed();
      if (event.key === "Escape") event.stopPropagation(), (name.value = label), fold();
    });
    name.addEventListener("input", () => (asked = null));
    name.addEventListener("blur", renamed);
    root.addEventListener("keydown", (event) => event.key === "Escape" && fold());

    function renamed() {
      const to = name.value.trim();
      if (!to) return (name.value = label || "");
      if (label && to !== label && to !== asked) edit({ action: "rename", label, to: (asked = to) });
    }

    /* What the cards show now; `chosen` is the label of the open one. */
    function follow(now, chosen) {
      value = now;
      if (label !== chosen || document.activeElement !== name) name.value = chosen || "";
      label = chosen;
      recorder.follow(now, chosen);
      if (!chosen) return;
      const mine = one(), order = value.classes.map((each) => each.label);
      root.setAttribute("aria-label", `pictures and place of ${label}`);
      left.setAttribute("aria-label", `move ${label} left`);
      right.setAttribute("aria-label", `move ${label} right`);
      away.setAttribute("aria-label", `take ${label} away`);
      close.setAttribute("aria-label", `close the card of ${label}`);
      const ends = [[left, right, order[0]], [right, left, order.at(-1)]], focused = document.activeElement;
      for (const [arrow, , end] of ends) arrow.disabled = end === label;
      for (const [arrow, back] of ends) if (focused === arrow && arrow.disabled) back.focus();
      about.replaceChildren(tag("b", { class: `reading ${mine.reading.replace(" ", "-")}` }, mine.says), ...(mine.title === label ? [] : [mine.says ? ": " : "", mine.title]));
      const labelled = mine.pictures.length && !mine.other; // whether a name says anything
      if (!labelled) only.remove();
      else if (!root.contains(only)) about.after(only);
      only.setAttribute("aria-pressed", String(mine.tag));
      only.title = mine.tag ? "its name says nothing of what is seen: only the pictures count. Click if it does"
        : "its name counts beside the pictures. Click if it is only a label";
      upload.hidden = webcam.hidden = draw.hidden = mine.other;
      const at = [...thumbs.children].indexOf(document.activeElement);
      thumbs.replaceChildren(...mine.pictures.map((src, index) => button("", () => edit({ action: "unpicture", label, index }), {
        class: mine.kept[index] ? "thumb kept" : "thumb", title: (mine.kept[index] ? "kept aside to test with; " : "") + "take this picture away",
        "aria-label": `take picture ${index + 1} of ${label} away` })));
      [...thumbs.children].forEach((thumb, i) => thumb.append(tag("img", { src: mine.pictures[i], alt: `${label}, ${mine.kept[i] ? "kept aside" : "example"} ${i + 1}` })));
      if (at >= 0) (thumbs.children[Math.min(at, thumbs.children.length - 1)] || close).focus();
      const aside = mine.kept.filter(Boolean).length;
      kept.textContent = aside ? `${aside} of ${mine.pictures.length} (dashed) are kept aside to test with. Click one to take it away.`
        : mine.pictures.length ? "Click a picture to take it away." : "";
    }

    return { root, follow, focus: () => close.focus(), take: (name, files) => take(value, act, name, files, "pictures"),
      close: () => {
        if (mode) use(mode);
        root.remove();
      } };
  };

  /* A row of test pictures for each class, once there are pictures of any; and, above `before`, an offer once there are
     enough of every class to train on, and not only to show. */
  TinaPage.tray = function (act, before) {
    const root = tag("details", { class: "tray", hidden: true }), enough = tag("span", {});
    const teach = tag("p", { class: "teach", hidden: true }, enough, tag("button", { type: "button", onclick: act.teach }, "Make a world of these"));
    before.after(root);
    before.before(teach);

    function offer({ classes, teach: least }) {
      const own = classes.filter((one) => !one.other);
      teach.hidden = !(least && own.length > 1 && own.every((one) => one.pictures.length >= least));
      enough.textContent = `Every class has ${least} pictures or more: enough to train a Tina that knows these ${own.length} classes by name. It takes `
        + "minutes, and a fourth of the pictures is held out to measure it with.";
    }

    return { follow: (value) => {
      offer(value);
      const sum = (count) => value.classes.reduce((total, one) => total + count(one), 0);
      root.hidden = !sum((one) => one.pictures.length + one.tests.length);
      if (root.hidden) return;
      const rows = value.classes.map((one) => {
        const row = tag("li", {}, tag("span", {}, one.label),
          ...one.tests.map((url, index) => tag("button", { type: "button", class: "thumb", title: "take this test picture away",
            "aria-label": `take test picture ${index + 1} of ${one.label} away`,
            onclick: () => act.edit({ action: "untest", label: one.label, index }) },
            tag("img", { src: url, alt: `${one.label}, test picture ${index + 1}` }))),
          chooser("Add…", (files) => take(value, act, one.label, files, "tests"), { "aria-label": `add test pictures of ${one.label}` }));
        row.addEventListener("dragover", (event) => event.preventDefault());
        row.addEventListener("drop", (event) => {
          event.preventDefault();
          take(value, act, one.label, [...event.dataTransfer.files], "tests");
        });
        return row;
      });
      root.replaceChildren(tag("summary", {}, `Test pictures: ${sum((one) => one.kept.filter(Boolean).length)} kept aside, ${sum((one) => one.tests.length)} more`),
        tag("p", { class: "hint" }, "No classifier is written from these; it is scored on them. Of more than six pictures of a class part is kept aside by itself."
          + ` The server has all of these as ${value.side} by ${value.side} pixels, in memory, until an hour after your visit.`),
        tag("ul", {}, ...rows));
    } };
  };
})();
