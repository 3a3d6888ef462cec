/* How a picture is prepared: exactly as Python does it (tina/worlds/pictures.py), so that an exported classifier answers
   as Tina herself.

   const { rgba, how } = TinaPicture.read(source, width, height, size, middle);   // pixels for the engine to resample
   const { rgba, how } = TinaPicture.readWhole(source, width, height, longest);   // to no more than `longest` a side
   const bitmap = await TinaPicture.decode(file);                                 // upright, colours as they are stored */
globalThis.TinaPicture = (function () {
  "use strict";
  const LONGEST = 4; // times the shorter side: of a longer picture only the middle is looked at

  /* Python's round: halves go to the even neighbour. */
  function round(v) {
    const low = Math.floor(v), rest = v - low;
    return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
  }

  /* Of a picture width x height: the shorter side made size / middle long, the middle of that (`middle_square`); where
     `middle` is one, the middle square (`square`). */
  function plan(width, height, size, middle) {
    const shorter = Math.min(width, height);
    if (middle === 1) {
      const left = (width - shorter) / 2, top = (height - shorter) / 2, box = [left, top, left + shorter, top + shorter];
      return held({ width, height, box, into: [size, size], left: 0, top: 0, size });
    }
    const wide = Math.min(width, LONGEST * shorter), high = Math.min(height, LONGEST * shorter);
    const scale = round(size / middle) / shorter;
    const into = [Math.max(size, round(wide * scale)), Math.max(size, round(high * scale))];
    const edge = (a, b) => Math.floor((a - b) / 2), x = edge(width, wide), y = edge(height, high);
    const how = held({ width: wide, height: high, box: [0, 0, wide, high], into, left: edge(into[0], size), top: edge(into[1], size), size });
    return { ...how, from: { x: x + how.held.x, y: y + how.held.y } };
  }

  /* With the rectangle of the picture that is looked at: no more of it need be read. */
  function held(how) {
    const along = (from, to, into, first, whole) => {
      const scale = (to - from) / into, reach = 2 * Math.max(1, scale) + 1;
      const low = Math.max(0, Math.floor(from + (first + 0.5) * scale - reach));
      return [low, Math.min(whole, Math.ceil(from + (first + how.size - 0.5) * scale + reach))];
    };
    const [x, right] = along(how.box[0], how.box[2], how.into[0], how.left, how.width);
    const [y, bottom] = along(how.box[1], how.box[3], how.into[1], how.top, how.height);
    return { ...how, held: { x, y, width: right - x, height: bottom - y }, from: { x, y } };
  }

  /* The whole of it, width x height, made into[0] x into[1]. */
  function whole(width, height, into) {
    return { width, height, box: [0, 0, width, height], into, left: 0, top: 0, cut: into, held: { x: 0, y: 0, width, height },
      from: { x: 0, y: 0 } };
  }

  let canvas = null;

  /* The pixels of a picture, video or canvas that are looked at, on white, and how they are resampled. */
  function read(source, width, height, size, middle) {
    return pixels(source, plan(width, height, size, middle));
  }

  /* All of them, and how they are made smaller where they are more than `longest` a side. */
  function readWhole(source, width, height, longest) {
    const most = Math.max(width, height, longest);
    const into = [width, height].map((side) => Math.max(1, Math.floor((2 * side * longest + most) / (2 * most))));
    return pixels(source, whole(width, height, most === longest ? [width, height] : into));
  }

  function pixels(source, how) {
    const { held: part, from } = how;
    canvas = canvas || document.createElement("canvas");
    canvas.width = part.width;
    canvas.height = part.height;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, part.width, part.height);
    pen.drawImage(source, from.x, from.y, part.width, part.height, 0, 0, part.width, part.height);
    const rgba = new Uint8Array(pen.getImageData(0, 0, part.width, part.height).data.buffer);
    return { rgba, how: { ...how, from: undefined } };
  }

  /* A file as a picture: turned as its EXIF says, its colours not converted. Chromium does not turn WebP. */
  async function decode(blob) {
    const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image", colorSpaceConversion: "none" });
    const turned = await orientationOfWebp(blob);
    return turned > 1 && !(await turnsWebp()) ? turn(bitmap, turned) : bitmap;
  }

  const WIDE = "UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA="; // 2 x 1 pixels, to be turned to 1 x 2
  let turns = null;

  function turnsWebp() {
    const probe = () => createImageBitmap(new Blob([Uint8Array.from(atob(WIDE), (c) => c.charCodeAt(0))]));
    return (turns = turns || probe().then((bitmap) => bitmap.height === 2));
  }

  /* What the EXIF part of a WebP file says, 1 to 8; 1 of any other file. */
  async function orientationOfWebp(blob) {
    const view = new DataView(await blob.slice(0, 16).arrayBuffer());
    if (view.byteLength < 16 || view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return 1; // RIFF, WEBP
    const all = new DataView(await blob.arrayBuffer());
    for (let at = 12; at + 8 < all.byteLength; ) {
      const length = all.getUint32(at + 4, true);
      if (all.getUint32(at) === 0x45584946) return orientation(all, at + 8, Math.min(all.byteLength, at + 8 + length)); // EXIF
      at += 8 + length + (length % 2);
    }
    return 1;
  }

  /* Tag 0x112 of the first directory of a TIFF header. */
  function orientation(view, from, end) {
    try {
      if (view.getUint32(from) === 0x45786966) from += 6; // "Exif", which some programs put before it
      const little = view.getUint16(from) === 0x4949, first = from + view.getUint32(from + 4, little);
      for (let i = 0, at = first + 2; i < view.getUint16(first, little) && at + 12 <= end; i++, at += 12)
        if (view.getUint16(at, little) === 0x112) return view.getUint16(at + 8, little);
    } catch {
      // damaged: as it is
    }
    return 1;
  }

  function turn(bitmap, how) {
    const { width: w, height: h } = bitmap, turned = document.createElement("canvas"), pen = turned.getContext("2d");
    [turned.width, turned.height] = how > 4 ? [h, w] : [w, h];
    const by = { 2: [-1, 0, 0, 1, w, 0], 3: [-1, 0, 0, -1, w, h], 4: [1, 0, 0, -1, 0, h], 5: [0, 1, 1, 0, 0, 0], 6: [0, 1, -1, 0, h, 0],
      7: [0, -1, -1, 0, h, w], 8: [0, -1, 1, 0, 0, w] }[how];
    if (by) pen.setTransform(...by);
    pen.drawImage(bitmap, 0, 0);
    return turned;
  }

  return { read, readWhole, whole, decode };
})();
