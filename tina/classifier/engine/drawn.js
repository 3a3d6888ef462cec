/* Drawings, prepared as tina/worlds/drawn.py does it, number for number; and whether a picture looks like a photograph,
   or has nothing on it.
   Pixels are RGBA, opaque, no more than LONGEST a side. */
globalThis.TinaDrawn = (function () {
  "use strict";
  const LONGEST = 320;
  const LIGHT = 150, PLAIN = 24, MARGIN = 85, INK = 32, SHADES = 32, FLAT = 10, FLATNESS = 60;
  const SPECKS = 500, SMALLEST = 12, AROUND = 8, BOLD = 25, WIDENED = 8, DARK = 220;

  /* The square around a drawing, its lines bold: RGBA width x height -> { data, n, paper }, or null where it is no
     drawing; `paper` is its colour. */
  function drawing(rgba, width, height) {
    const paper = paperOf(rgba, width, height), size = width * height;
    if (!paper) return null;
    const away = new Uint8Array(size), ink = new Uint8Array(size);
    let area = 0;
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) away[i] = Math.max(away[i], Math.abs(rgba[4 * i + c] - paper[c]));
      area += ink[i] = Number(away[i] > INK);
    }
    if (!area || !isDrawn(rgba, width, height, ink, area)) return null;
    const columns = new Array(width).fill(0), rows = new Array(height).fill(0);
    for (let i = 0; i < size; i++) if (ink[i]) columns[i % width]++, rows[Math.floor(i / width)]++;
    const [left, right] = ends(columns, area), [top, bottom] = ends(rows, area);
    const longer = Math.max(right - left, bottom - top);
    if (longer * SMALLEST < Math.min(height, width)) return null;
    const n = longer + 2 * Math.max(1, Math.floor((longer * AROUND + 50) / 100));
    const x0 = Math.floor((left + right - n) / 2), y0 = Math.floor((top + bottom - n) / 2);
    let edges = 0;
    for (let i = 0; i < size; i++) {
      if (i >= width) edges += ink[i] ^ ink[i - width];
      if (i % width) edges += ink[i] ^ ink[i - 1];
    }
    const data = new Uint8ClampedArray(4 * n * n);
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const u = x0 + x, v = y0 + y, inside = u >= 0 && u < width && v >= 0 && v < height;
        for (let c = 0; c < 3; c++) data[4 * (y * n + x) + c] = inside ? rgba[4 * (v * width + u) + c] : paper[c];
        data[4 * (y * n + x) + 3] = 255;
      }
    const wider = edges && Math.floor((n * edges - 2 * BOLD * area + BOLD * edges) / (2 * BOLD * edges));
    const found = { data, n, paper: `rgb(${paper.join()})` };
    if (wider < 1) return found;
    const dark = away.filter((_, i) => ink[i]).sort()[Math.floor((area * 3) / 4)], strength = Math.max(DARK, dark);
    for (let i = 0; i < data.length; i++)
      if (i % 4 < 3) data[i] = 255 - Math.min(255, Math.max(0, Math.floor(((paper[i % 4] - data[i]) * strength) / dark)));
    for (let k = 0; k < Math.min(WIDENED, wider); k++) spread(data, n);
    return found;
  }

  /* The colour of the paper, if the margin is plain and light. */
  function paperOf(rgba, width, height) {
    const edge = 1 + Math.floor(Math.min(height, width) / 64), margin = [];
    if (Math.min(height, width) < 2 * edge + 4) return null;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (y < edge || y >= height - edge || x < edge || x >= width - edge) margin.push(4 * (y * width + x));
    const paper = [0, 1, 2].map((c) => Uint8Array.from(margin, (at) => rgba[at + c]).sort()[margin.length >> 1]);
    if (299 * paper[0] + 587 * paper[1] + 114 * paper[2] < 1000 * LIGHT) return null;
    const plain = margin.filter((at) => paper.every((v, c) => Math.abs(rgba[at + c] - v) <= PLAIN)).length;
    return 100 * plain >= MARGIN * margin.length ? paper : null;
  }

  /* Where what is drawn begins and ends, a few specks aside. */
  function ends(sums, area) {
    let from = 0, to = sums.length, before = sums[0], after = sums[to - 1];
    while (before * SPECKS <= area) before += sums[++from];
    while (after * SPECKS <= area) after += sums[--to - 1];
    return [from, to];
  }

  /* Whether the ink is of few colours, and flat where it is filled: photographs are neither. */
  function isDrawn(rgba, width, height, ink, area) {
    const counts = new Uint32Array(4096);
    for (let i = 0; i < ink.length; i++)
      if (ink[i]) counts[(rgba[4 * i] >> 4) * 256 + (rgba[4 * i + 1] >> 4) * 16 + (rgba[4 * i + 2] >> 4)]++;
    if (counts.sort().slice(-SHADES).reduce((a, b) => a + b, 0) * 100 < 80 * area) return false;
    const near = (i, j) => [0, 1, 2].every((c) => Math.abs(rgba[4 * i + c] - rgba[4 * j + c]) <= FLAT);
    let filled = 0, flat = 0;
    for (let y = 2; y < height - 2; y++)
      for (let x = 2; x < width - 2; x++) {
        const i = y * width + x;
        if (!(ink[i] && ink[i - 2] && ink[i + 2] && ink[i - 2 * width] && ink[i + 2 * width])) continue;
        filled++;
        flat += Number(near(i, i - 1) && near(i, i + 1) && near(i, i - width) && near(i, i + width));
      }
    return 4 * filled < area || flat * 100 >= FLATNESS * filled;
  }

  /* In place: what is dark spreads by a pixel to every side. */
  function spread(data, n) {
    for (const step of [4, 4 * n]) {
      const was = data.slice(), last = step === 4 ? (i) => (i >> 2) % n : (i) => Math.floor((i >> 2) / n);
      for (let i = 0; i < data.length; i++) {
        if (last(i) > 0) data[i] = Math.min(data[i], was[i - step]);
        if (last(i) < n - 1) data[i] = Math.min(data[i], was[i + step]);
      }
    }
  }

  /* Whether it looks like a photograph: as tina/worlds/drawn.py counts. */
  function photograph(rgba, width, height) {
    const counts = new Uint32Array(4096), size = width * height;
    for (let i = 0; i < size; i++) counts[(rgba[4 * i] >> 4) * 256 + (rgba[4 * i + 1] >> 4) * 16 + (rgba[4 * i + 2] >> 4)]++;
    if (counts.sort().slice(-5).reduce((a, b) => a + b, 0) * 100 >= 80 * size) return false;
    let soft = 0, rough = 0;
    for (let i = 0; i < size; i++) {
      if (i % width === 0) continue;
      const step = Math.max(...[0, 1, 2].map((c) => Math.abs(rgba[4 * i + c] - rgba[4 * i - 4 + c])));
      soft += Number(step >= 2 && step <= 24), rough += Number(step > 24);
    }
    return width > 1 && (soft * 100 >= 30 * (size - height) || rough * 100 >= 80 * (size - height));
  }

  /* Whether nothing is drawn. */
  function empty(rgba, width, height) {
    const size = width * height, at = (c) => Uint8Array.from({ length: size }, (_, i) => rgba[4 * i + c]);
    const middle = [0, 1, 2].map((c) => at(c).sort()[size >> 1]);
    let marks = 0;
    for (let i = 0; i < size; i++) marks += Number(middle.some((v, c) => Math.abs(rgba[4 * i + c] - v) > INK));
    return marks * 5000 <= size;
  }

  return { LONGEST, drawing, photograph, empty };
})();
