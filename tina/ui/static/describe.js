/* The chips: what was understood, class by class, with its example pictures; every change is an event for Python. */
(function () {
  "use strict";
  const { tag } = TinaPage;
  const BURST = 5, SHARP = 96;  // pictures in a row; up to so many pixels a side they are sent without any loss

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

  async function burst(say, pixels) {
    const video = tag("video", { playsinline: true });
    const shots = [];
    try {
      await TinaEasel.camera.open(video);
      for (let i = 0; i < BURST; i++) {
        say(`Picture ${i + 1} of ${BURST}: turn it a little.`);
        await new Promise((done) => setTimeout(done, 350));
        shots.push(small(video, video.videoWidth, video.videoHeight, pixels));
      }
    } finally {
      TinaEasel.camera.close();
    }
    return shots;
  }

  TinaPage.describe = function (element, props, watch, trigger) {
    const root = element.querySelector(".chips"), list = tag("ul", { "aria-label": "Classes as understood" });
    const notes = tag("ul", { class: "notes" }), wrong = tag("p", { role: "alert", class: "wrong-note", hidden: true });
    const file = tag("input", { type: "file", accept: "image/*", multiple: true, hidden: true, "aria-label": "Example pictures" });
    const name = tag("input", { type: "text", placeholder: "another class", "aria-label": "Another class", maxlength: "80" });
    const other = tag("button", { type: "button", class: "other", title: "one more class: what is none of the others",
      onclick: () => edit({ action: "add", label: "something else" }) }, "+ something else");
    const add = tag("form", { class: "add" }, name, tag("button", { type: "submit" }, "Add"), other,
      tag("button", { type: "button", onclick: shuffle, title: "The order of the classes does not matter" }, "Shuffle"),
      tag("button", { type: "button", onclick: record, title: "Hold a button, and the webcam takes examples of a class" }, "Record examples"));
    const reordered = tag("p", { class: "hint", role: "status", hidden: true },
      "In another order: each class took its weights along, or nearly so: only the noise that it starts from is another. See the accuracy.");
    const tray = tag("details", { class: "tray", hidden: true });
    let value = { classes: [], notes: [], error: "" }, wanted = null, menu = null, opened = null, dragged = null, booth = null;
    const say = (text) => {
      wrong.hidden = !text;
      wrong.textContent = text || "";
    };
    const edit = (detail) => {
      reordered.hidden = true;
      trigger("edit", detail);
    };
    async function record() {
      try {
        await TinaPage.programs();
      } catch (error) {
        return say(error.message);
      }
      if (!booth) {
        booth = TinaPage.booth((label, some) => edit({ action: "pictures", label, add: some }), small);
        booth.follow(value);
        add.after(booth.root);
      }
      booth.show();
    }

    const labels = () => value.classes.map((one) => one.label);

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

    /* `kind`: "pictures", which the classifier is written from, or "tests". */
    async function pictures(label, files, kind) {
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

    function choose(label, kind) {
      wanted = { label, kind };
      file.value = "";
      file.click();
    }

    function close() {
      if (menu) menu.remove();
      menu = opened = null;
    }

    function open(chip, label, button) {
      const again = menu && menu.parentElement === chip;
      close();
      if (again) return;
      menu = tag("div", { class: "menu", role: "menu" },
        tag("button", { type: "button", role: "menuitem", onclick: () => { close(); choose(label, "pictures"); } }, "Add pictures…"),
        tag("button", { type: "button", role: "menuitem", onclick: async () => {
          close();
          try {
            const shots = await burst(say, value.side);
            say("");
            edit({ action: "pictures", label, add: shots });
          } catch (error) {
            say(error.message);
          }
        } }, `${BURST} from the webcam`),
        tag("button", { type: "button", role: "menuitem", onclick: () => { close(); choose(label, "tests"); } }, "Add test pictures…"),
        tag("button", { type: "button", role: "menuitem", onclick: () => { close(); rename(chip, label); } }, "Rename…"),
        tag("button", { type: "button", role: "menuitem", onclick: () => { close(); move(label, -1); } }, "Move left"),
        tag("button", { type: "button", role: "menuitem", onclick: () => { close(); move(label, 1); } }, "Move right"));
      menu.addEventListener("keydown", (event) => event.key === "Escape" && (close(), button.focus()));
      chip.append(menu);
      opened = label;
      menu.querySelector("button").focus();
    }

    function rename(chip, label) {
      const field = tag("input", { type: "text", value: label, "aria-label": `another name for ${label}`, maxlength: "80" });
      const shown = chip.querySelector("span");
      let here = true;
      const back = () => {  // leaving the page takes the focus away, which says so once more
        if (here) here = false, field.replaceWith(shown);
      };
      field.addEventListener("keydown", (event) => {
        if (event.key === "Escape") back();
        if (event.key !== "Enter") return;
        event.preventDefault();
        const to = field.value.trim();
        back();
        if (to && to !== label) edit({ action: "rename", label, to });
      });
      field.addEventListener("blur", back);
      shown.replaceWith(field);
      field.select();
    }

    function move(label, by) {
      const order = labels(), from = order.indexOf(label), to = Math.max(0, Math.min(order.length - 1, from + by));
      order.splice(to, 0, ...order.splice(from, 1));
      edit({ action: "order", labels: order });
    }

    function chip(one) {
      const thumbs = one.pictures.map((url, index) => tag("button", { type: "button", class: one.kept[index] ? "thumb kept" : "thumb",
        title: (one.kept[index] ? "kept aside to test with; " : "") + "take this picture away",
        "aria-label": `take picture ${index + 1} of ${one.label} away`, onclick: () => edit({ action: "unpicture", label: one.label, index }) },
        tag("img", { src: url, alt: `${one.label}, ${one.kept[index] ? "kept aside" : "example"} ${index + 1}` })));
      const only = one.pictures.length && !one.other ? tag("button", { type: "button", class: "tag", "aria-pressed": String(one.tag),
        title: one.tag ? "its name says nothing of what is seen: only the pictures count. Click if it does"
          : "its name counts beside the pictures. Click if it is only a label",
        onclick: () => edit({ action: "tag", label: one.label, tag: !one.tag }) }, "only a label") : null;
      const more = tag("button", { type: "button", class: "icon more", title: "pictures, name, order", "aria-label": `pictures and place of ${one.label}`, "aria-haspopup": "menu" });
      const item = tag("li", { draggable: "true", class: one.other ? "other" : "" }, tag("span", { title: one.title }, one.label),
        one.reading === "known" ? tag("em", { class: "reading known", role: "img", "aria-label": "known", title: "known" }, "✓")
          : one.says ? tag("em", { class: `reading ${one.reading.replace(" ", "-")}`, title: one.title }, one.says) : null,
        one.means && one.reading !== "unknown" ? tag("small", { title: one.title }, one.means) : null,
        one.unseen && one.reading !== "unknown" ? tag("span", { class: "new", title: "never seen in training" }, "new") : null,
        only, ...thumbs, more, tag("button", { type: "button", class: "icon", title: "take away", "aria-label": `take ${one.label} away`,
          onclick: () => edit({ action: "remove", label: one.label }) }, "×"));
      more.addEventListener("click", (event) => {
        event.stopPropagation();
        open(item, one.label, more);
      });
      item.addEventListener("dragstart", (event) => {
        dragged = one.label;
        event.dataTransfer.setData("text/plain", one.label);
      });
      item.addEventListener("dragover", (event) => {
        event.preventDefault();
        item.classList.add("over");
      });
      item.addEventListener("dragleave", () => item.classList.remove("over"));
      item.addEventListener("drop", (event) => {
        event.preventDefault();
        item.classList.remove("over");
        const files = [...event.dataTransfer.files];
        if (files.length) return pictures(one.label, files, "pictures");
        if (dragged && dragged !== one.label) {
          const order = labels().filter((label) => label !== dragged);
          order.splice(labels().indexOf(one.label), 0, dragged);
          edit({ action: "order", labels: order });
        }
        dragged = null;
      });
      return item;
    }

    /* A row of test pictures for each class, once there are pictures of any. */
    function showTray() {
      const brought = value.classes.some((one) => one.pictures.length || one.tests.length);
      const kept = value.classes.reduce((sum, one) => sum + one.kept.filter(Boolean).length, 0);
      const more = value.classes.reduce((sum, one) => sum + one.tests.length, 0);
      tray.hidden = !brought;
      if (!brought) return;
      const rows = value.classes.map((one) => {
        const row = tag("li", {}, tag("span", {}, one.label),
          ...one.tests.map((url, index) => tag("button", { type: "button", class: "thumb", title: "take this test picture away",
            "aria-label": `take test picture ${index + 1} of ${one.label} away`,
            onclick: () => edit({ action: "untest", label: one.label, index }) },
            tag("img", { src: url, alt: `${one.label}, test picture ${index + 1}` }))),
          tag("button", { type: "button", onclick: () => choose(one.label, "tests"), "aria-label": `add test pictures of ${one.label}` }, "Add…"));
        row.addEventListener("dragover", (event) => event.preventDefault());
        row.addEventListener("drop", (event) => {
          event.preventDefault();
          pictures(one.label, [...event.dataTransfer.files], "tests");
        });
        return row;
      });
      tray.replaceChildren(tag("summary", {}, `Test pictures: ${kept} kept aside, ${more} more`),
        tag("p", { class: "hint" }, "No classifier is written from these; it is scored on them. Of more than six pictures of a class part is kept aside by itself."
          + ` The server has all of these as ${value.side} by ${value.side} pixels, in memory, until an hour after your visit.`),
        tag("ul", {}, ...rows));
    }

    file.addEventListener("change", () => pictures(wanted.label, [...file.files], wanted.kind));
    add.addEventListener("submit", (event) => {
      event.preventDefault();
      if (name.value.trim()) edit({ action: "add", label: name.value });
      name.value = "";
    });
    document.addEventListener("click", (event) => menu && !menu.contains(event.target) && close());
    root.replaceChildren(list, wrong, add, reordered, notes, tray, file);
    const settle = TinaPage.rove(list, "li > button");
    TinaPage.follow(props, watch, (next) => {
      if (JSON.stringify(next) === JSON.stringify(value)) return;  // each step says it again: a menu stays open
      value = next;
      if (booth) booth.follow(next);
      const again = opened;
      close();
      list.replaceChildren(...value.classes.map(chip));
      settle();
      const place = labels().indexOf(again);
      if (place >= 0) open(list.children[place], again, list.children[place].querySelector(".more"));
      other.hidden = value.classes.some((one) => one.other);
      other.classList.toggle("wanted", value.classes.length === 1);  // the one thing that is missing
      document.getElementById("tina")?.classList.toggle("stale", Boolean(value.error));  // what is shown is of before
      showTray();
      notes.replaceChildren(...value.notes.map((note) => tag("li", {}, note)));
      say(value.error);
    });
  };
})();
