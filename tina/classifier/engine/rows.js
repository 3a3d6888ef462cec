/* Rows on a tower: logits of a picture's features, and rows that are written again when a class gets more pictures.

   const rows = TinaRows.read(model);                       // { F, K, centre, weight, bias }
   const { shares, none } = TinaRows.answer(rows, model.none_level, features);
   const again = TinaRows.again(rows, model.shown, added);  // added: features (z) of pictures, by class

   `again` is the closed form of tina/generator/tower/reading.py and the regression of logistic.py: means of pictures,
   beside them what was there before. What it cannot know are the pictures that Tina was shown: they are in no file, and
   the row that she wrote stands for them, counted as so many pictures. */
globalThis.TinaRows = (function () {
  "use strict";
  // tina/generator/tower/settings.py
  const SETTINGS = { centring: 0.5, name_weight: 0.8, name_on_plain: 0.35, name_level: 0.1, heat: 10, decay: 0.005, rate: 1, rounds: 60,
    picture_heat: 1.3 };
  const DIGITS = (() => {
    const found = new Uint8Array(128);
    let value = 0;
    for (let c = 33; c < 127; c++) if (!"\"&'<>\\`".includes(String.fromCharCode(c)) && value < 85) found[c] = value++;
    return found;
  })();

  /* The bytes of a text of tower_bytes.py's `as_text`: 4 for 5 characters. */
  function bytes(text) {
    const found = new Uint8Array((text.length / 5) * 4);
    for (let i = 0, at = 0; i < text.length; i += 5, at += 4) {
      let v = 0;
      for (let j = 0; j < 5; j++) v = v * 85 + DIGITS[text.charCodeAt(i + j)];
      found[at] = v >>> 24;
      found[at + 1] = v >>> 16;
      found[at + 2] = v >>> 8;
      found[at + 3] = v;
    }
    return found;
  }

  function read(model) {
    const buffer = bytes(model.rows).buffer, { weight, centre, bias } = model.index, K = model.labels.length;
    const whole = new Int16Array(buffer, weight.at, weight.bytes / 2), scales = new Float32Array(buffer, weight.scales, K);
    const wide = whole.length / K, floats = ({ at, bytes: count }) => new Float32Array(buffer, at, count / 4);
    return { K, F: wide / 2, weight: Float32Array.from(whole, (v, i) => v * scales[Math.floor(i / wide)]), centre: floats(centre),
      bias: floats(bias) };
  }

  function unit(x) {
    let sum = 0;
    for (const v of x) sum += v * v;
    const by = 1 / Math.max(Math.sqrt(sum), 1e-12);
    return x.map((v) => v * by);
  }

  const size = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

  function dot(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  const minus = (x, centre) => unit(x.map((v, i) => v - centre[i]));

  /* features: z and u side by side. */
  function logits({ K, F, weight, centre, bias }, features) {
    const x = Float32Array.from(features);
    x.set(minus(features.subarray(0, F), centre));
    return Array.from({ length: K }, (_, k) => bias[k] + dot(weight.subarray(2 * F * k, 2 * F * (k + 1)), x));
  }

  function mean(parts) {
    const sum = new Float32Array(parts[0].length);
    for (const part of parts) for (let i = 0; i < sum.length; i++) sum[i] += part[i] / parts.length;
    return sum;
  }

  /* Rows with the pictures that were added, `added[k]` their z (Float32Arrays of F), shown[k] how many the row of class k
     was written from. */
  function again(rows, shown, added) {
    const some = added.flatMap((part, k) => (part.length ? [k] : []));
    if (!some.length) return rows;
    const { K, F } = rows, s = SETTINGS, onNames = !shown.some((count) => count);
    const centre = rows.centre.slice(), weight = rows.weight.slice(), bias = rows.bias.slice();
    const row = (k) => weight.subarray(2 * F * k, 2 * F * k + F), plain = (k) => weight.subarray(2 * F * k + F, 2 * F * (k + 1));
    const real = [...Array(K).keys()].filter((k) => size(row(k)) || size(plain(k)) || added[k].length);
    if (onNames) {
      // Until now only names: the centre is part of the mean of the pictures, and rows are as loud as beside pictures
      const means = mean(some.map((k) => mean(added[k])));
      for (let i = 0; i < F; i++) centre[i] = s.centring * means[i];
      const louder = s.picture_heat / Math.SQRT1_2;
      for (const k of real) {
        row(k).forEach((v, i, r) => (r[i] = v * louder));
        plain(k).forEach((v, i, r) => (r[i] = v * louder * s.name_on_plain));
      }
    }
    const loud = Math.max(...real.map((k) => size(row(k)))), heats = real.map((k) => size(row(k)) || loud);
    const pictures = added.map((part) => part.map((z) => minus(z, centre)));
    const begun = real.map((k, i) => {
      const before = row(k).map((v) => v / heats[i]), many = pictures[k].length;
      if (!many) return before;
      const middle = unit(mean(pictures[k])), weighs = shown[k] ? shown[k] / many : s.name_weight;
      return unit(middle.map((v, j) => v + weighs * before[j]));
    });
    const fitted = fit(begun, real.map((k) => pictures[k]));
    real.forEach((k, i) => row(k).set(fitted[i].map((v) => v * heats[i])));
    if (onNames) {
      const count = some.reduce((sum, k) => sum + added[k].length, 0) / some.length;
      for (const [i, k] of real.entries())
        if (!added[k].length) bias[k] = rows.bias[k] + heats[i] * s.name_level * (1 - 2 / Math.max(count, 2));
    }
    return { ...rows, centre, weight, bias };
  }

  /* Logistic regression on the pictures that begins at the rows and stays near them, in the dual (logistic.py). */
  function fit(begun, pictures) {
    const s = SETTINGS, own = pictures.flatMap((part, k) => part.map(() => k)), x = pictures.flat(), N = x.length, K = begun.length;
    const gram = x.map((a) => Float64Array.from(x, (b) => dot(a, b))), first = x.map((a) => begun.map((row) => dot(a, row)));
    let dual = x.map(() => new Float64Array(K));
    for (let round = 0; round < s.rounds; round++)
      dual = dual.map((change, i) => {
        const logit = first[i].map((v, k) => {
          for (let j = 0; j < N; j++) v += gram[i][j] * dual[j][k];
          return s.heat * v;
        });
        const most = Math.max(...logit), powers = logit.map((v) => Math.exp(v - most)), total = powers.reduce((a, b) => a + b, 0);
        return change.map((v, k) => {
          const wrong = pictures[k].length ? (powers[k] / total - (k === own[i] ? 1 : 0)) / pictures[own[i]].length : 0;
          return v - s.rate * (wrong + s.decay * v);
        });
      });
    return begun.map((row, k) => row.map((v, f) => dual.reduce((sum, change, i) => sum + change[k] * x[i][f], v)));
  }

  function softmax(logit) {
    const most = Math.max(...logit), powers = logit.map((v) => Math.exp(v - most)), total = powers.reduce((a, b) => a + b, 0);
    return powers.map((v) => v / total);
  }

  /* What is said of a picture's features. `level`: below which it is none of the classes; null where that is not told. */
  function answer(rows, level, features) {
    const found = logits(rows, features);
    return { shares: softmax(found), none: level === null ? null : Math.max(...found) < level, features };
  }

  return { SETTINGS, bytes, read, logits, softmax, again, answer };
})();
