/* The engine of Tina's classifiers in a browser: WebAssembly around engine.c, on the page or in a worker of its own.

   const engine = await TinaEngine.start(codes);                // the best module that this browser runs
   const net = engine.network(layers, tensors);                 // unpacked once
   const map = net.run(rgb, size);                              // { at, n, channels, wide }

   const tower = TinaEngine.work(codes, description, bytes);    // a pretrained tower, in a worker of its own
   const { features } = await tower.see(pixels);                // z and u side by side; the rows are the page's

   `codes` holds the modules in base64 by name, best first (engine.json). Everything is inside this function, so that its
   text is the worker's program too. */
globalThis.TinaEngine = (function make() {
  "use strict";
  const KINDS = { f32: 0, f16: 1, i8: 2, i16: 3 }, BYTES = { f32: 4, f16: 2, i8: 1, i16: 2 }, PANEL = 8, CHUNK = 48;
  const SLOW = { simd: "", relaxed: "", plain: "This browser has no fast arithmetic (WebAssembly SIMD): an answer takes about five times as long." };
  const NONE = "This browser runs no WebAssembly, or a rule of this page forbids it: the classifier cannot run here.";
  const padded = (channels) => Math.ceil(channels / PANEL) * PANEL;

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  }

  /* The name and the bytes of the best of several modules. */
  function best(codes) {
    if (typeof WebAssembly !== "object") throw new Error(NONE);
    for (const [name, code] of Object.entries(codes)) {
      const module = bytes(code);
      if (WebAssembly.validate(module)) return [name, module];
    }
    throw new Error(NONE);
  }

  function open(codes) {
    const [name, module] = best(codes);
    return new Engine(name, new WebAssembly.Instance(new WebAssembly.Module(module)));
  }

  /* The same where a browser compiles nothing while a page waits. */
  async function start(codes) {
    const [name, module] = best(codes);
    return new Engine(name, (await WebAssembly.instantiate(module)).instance);
  }

  class Engine {
    constructor(name, instance) {
      this.name = name;
      this.c = instance.exports;
      this.slow = SLOW[name] || "";
    }

    take(count) {
      const at = this.c.take(count);
      if (!at) throw new Error("This browser has no memory left for the classifier.");
      return at;
    }

    floats(at, count) {
      return new Float32Array(this.c.memory.buffer, at, count);
    }

    bytes(at, count) {
      return new Uint8Array(this.c.memory.buffer, at, count);
    }

    /* Numbers or bytes into the engine's memory. */
    put(values) {
      const from = new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at = this.take(from.length);
      this.bytes(at, from.length).set(from);
      return at;
    }

    /* A typed array of a tensor's numbers. */
    unpacked(tensor) {
      const { data, kind, scales } = tensor, count = data.byteLength / BYTES[kind], mark = this.c.take(0);
      const to = this.take(4 * count), from = this.put(data), by = scales ? this.put(scales) : 0;
      this.c.unpack(to, from, by, KINDS[kind], count, scales ? count / scales.length : count);
      const found = this.floats(to, count).slice();
      this.c.back(mark);
      return found;
    }

    network(layers, tensors) {
      return new Network(this, layers, tensors);
    }

    /* What a classifier looks at of a picture, as Pillow's bicubic makes it: size * size * 3 bytes. `how` says which box
       of the picture becomes how large, and which part of that is looked at (picture.js): size x size, or cut[0] x
       cut[1]; `rgba` are the pixels of the rectangle how.held. */
    resample(rgba, how) {
      const { width, height, box, into, left, top, size, held } = how, { c } = this, mark = c.take(0);
      const [wide, high] = how.cut || [size, size];
      const from = this.put(rgba), to = this.take(3 * wide * high), between = this.take(3 * wide * held.height);
      const by = this.take(4 * (4 * Math.max(1, (box[2] - box[0]) / into[0], (box[3] - box[1]) / into[1]) + 8));
      c.resample(from, held.x, held.y, held.width, width, height, ...box, ...into, left, top, wide, high, to, between, by);
      const found = this.bytes(to, 3 * wide * high).slice();
      c.back(mark);
      return found;
    }
  }

  /* Layers with their weights unpacked. x is { at, n, channels, wide }: n x n pixels of `wide` numbers, of which the
     first `channels` count; weights' names are torch's, and so is their order. */
  class Network {
    constructor(engine, layers, tensors) {
      Object.assign(this, { engine, layers, tensors, ready: {}, free: [] });
      for (const layer of layers) this.load(layer);
      this.patches = engine.take(4 * CHUNK * this.deepest);
    }

    load(layer) {
      if (layer.do === "sum") layer.ways.flat().forEach((inner) => this.load(inner));
      if (layer.do !== "conv" && layer.do !== "depthwise") return;
      const { engine, tensors } = this, { c } = engine, places = layer.kernel ** 2, wide = padded(layer.out);
      const into = layer.into === 3 ? 3 : padded(layer.into), weight = tensors[layer.name + ".weight"];
      const own = layer.do === "depthwise", to = engine.take(4 * places * wide * (own ? 1 : into));
      const vector = (part) => this.vector(tensors[`${layer.name}.${part}`], wide);
      const bias = vector("bias"), scale = vector("scale"), shift = vector("shift");
      const mark = c.take(0), from = engine.put(weight.data), scales = weight.scales ? engine.put(weight.scales) : 0;
      if (own) c.turn(to, from, scales, KINDS[weight.kind], layer.out, wide, places);
      else c.pack(to, from, scales, KINDS[weight.kind], layer.out, layer.into, into, places);
      c.back(mark);
      this.ready[layer.name] = { weight: to, bias, scale, shift, into, wide };
      this.deepest = Math.max(this.deepest || 0, places * into);
    }

    /* One number for each channel; zeros where there are none. */
    vector(tensor, wide) {
      const at = this.engine.take(4 * wide), values = tensor ? this.engine.unpacked(tensor) : [];
      const to = this.engine.floats(at, wide);
      to.fill(0);
      to.set(values);
      return at;
    }

    /* The last map of a picture: size * size * 3 bytes, of each colour scale * byte + shift. Until `done` it stays. */
    run(rgb, size, scale = [2 / 255, 2 / 255, 2 / 255], shift = [-1, -1, -1]) {
      const { engine } = this, { c } = engine, x = this.space(size, 3, 3);
      if (!this.given || this.given.size !== size)
        this.given = { size, rgb: engine.take(3 * size * size), scale: engine.take(12), shift: engine.take(12) };
      const { given } = this;
      engine.bytes(given.rgb, 3 * size * size).set(rgb);
      engine.floats(given.scale, 3).set(scale);
      engine.floats(given.shift, 3).set(shift);
      c.colours(given.rgb, x.at, size * size, given.scale, given.shift);
      this.last = this.chain(this.layers, x);
      if (this.last !== x) this.release(x);
      return this.last;
    }

    /* After what `run` gave was read. */
    done() {
      this.release(this.last);
    }

    /* Room for a map: the smallest that is free and large enough, so that few are used again and again. */
    space(n, wide, channels) {
      const count = n * n * wide, fits = this.free.filter((room) => room.count >= count);
      const room = fits.reduce((a, b) => (a && a.count <= b.count ? a : b), null) || { at: this.engine.take(4 * count), count };
      this.free = this.free.filter((other) => other !== room);
      return { at: room.at, room, n, wide, channels };
    }

    release(x) {
      this.free.push(x.room);
    }

    chain(layers, x) {
      return layers.reduce((now, layer) => {
        const next = this.step(layer, now);
        if (now !== x) this.release(now);
        return next;
      }, x);
    }

    step(layer, x) {
      const { engine } = this, { c } = engine, own = this.ready[layer.name];
      const copy = (from) => {
        const y = this.space(from.n, from.wide, from.channels), count = from.n * from.n * from.wide;
        engine.floats(y.at, count).set(engine.floats(from.at, count));
        return y;
      };
      if (layer.do === "conv" || layer.do === "depthwise") {
        const { kernel, stride } = layer, pad = layer.pad ?? (kernel - 1) / 2, n = Math.ceil(x.n / stride);
        const y = this.space(n, own.wide, layer.out), act = layer.act || 0;
        if (layer.do === "depthwise") c.depthwise(x.at, x.n, x.wide, own.weight, own.bias, y.at, n, kernel, stride, pad, act);
        else c.conv(x.at, x.n, x.wide, own.weight, own.bias, y.at, n, own.wide, kernel, stride, pad, act, this.patches);
        if (layer.groups) c.norm(y.at, n * n, y.wide, y.channels, layer.groups, own.scale, own.shift);
        return y;
      }
      if (layer.do === "pool") {
        const y = this.space(x.n / layer.size, x.wide, x.channels);
        c.pool(x.at, x.n, x.wide, y.at, layer.size);
        return y;
      }
      if (layer.do === "relu") {
        const y = copy(x);
        c.relu(y.at, y.n * y.n * y.wide);
        return y;
      }
      if (layer.do === "sum") {
        const [first, ...rest] = layer.ways.map((way) => this.chain(way, x)), y = first === x ? copy(x) : first;
        for (const other of rest) {
          c.add(y.at, other.at, y.n * y.n * y.wide);
          if (other !== x) this.release(other);
        }
        return y;
      }
      throw new Error(`This engine knows no layer "${layer.do}".`);
    }

    /* The mean of each channel of a map, without `edge` pixels at each border. */
    mean(x, edge = 0) {
      const { engine } = this, mark = engine.c.take(0), at = engine.take(4 * x.wide);
      engine.c.mean(x.at, x.n, x.wide, edge, at);
      const found = engine.floats(at, x.channels).slice();
      engine.c.back(mark);
      return found;
    }
  }

  // -- a pretrained tower ----------------------------------------------------------------------------------------------
  /* Each tensor's numbers, of a description ({ kind, at, bytes, scales }) and the bytes that it is of. */
  function tensorsOf(named, buffer) {
    const found = {};
    for (const [name, { kind, at, bytes: count, scales, channels }] of Object.entries(named))
      found[name] = { kind, data: new Uint8Array(buffer, at, count),
        scales: scales === undefined ? null : new Float32Array(buffer.slice(scales, scales + 4 * channels)) };
    return found;
  }

  const unit = (x) => {
    let sum = 0;
    for (const v of x) sum += v * v;
    const by = 1 / Math.max(Math.sqrt(sum), 1e-12);
    return x.map((v) => v * by);
  };

  /* Pictures -> z and u, two unit vectors side by side, as `TowerFeatures` makes them. */
  class Tower {
    constructor(engine, { size, scale, shift, layers, tensors, features }, buffer) {
      Object.assign(this, { engine, size, scale, shift });
      this.network = engine.network(layers, tensorsOf(tensors, buffer));
      this.parts = {};
      for (const [name, tensor] of Object.entries(tensorsOf(features, buffer))) this.parts[name] = engine.unpacked(tensor);
      this.axes = engine.put(this.parts.axes);
    }

    /* rgb: size * size * 3 bytes. */
    see(rgb) {
      const net = this.network, map = net.run(rgb, this.size, this.scale, this.shift);
      const whole = net.mean(map), middle = net.mean(map, 1);
      net.done();
      const z = this.whiten(middle), u = unit(whole.map((v, i) => v - this.parts.whole_mean[i]));
      const found = new Float32Array(2 * z.length);
      found.set(z);
      found.set(u, z.length);
      return found;
    }

    /* x - axes (shrink * (axes x)), of a power less its mean; `axes` are rows here. */
    whiten(middle) {
      const { middle_mean: mean, axes, shrink, power } = this.parts, F = middle.length, { engine } = this;
      const x = middle.map((v, i) => Math.sign(v) * Math.abs(v) ** power[0] - mean[i]), mark = engine.c.take(0);
      const at = engine.put(x), to = engine.take(4 * shrink.length);
      engine.c.rows(this.axes, at, shrink.length, F, to);
      const along = engine.floats(to, shrink.length).slice();
      engine.c.back(mark);
      for (let j = 0; j < shrink.length; j++) {
        const by = along[j] * shrink[j];
        for (let i = 0; i < F; i++) x[i] -= by * axes[j * F + i];
      }
      return unit(x);
    }
  }

  /* One question: pixels with how to resample them, or a prepared picture (rgb). */
  function answer(tower, { rgba, how, rgb }) {
    const begun = performance.now(), prepared = rgb || tower.engine.resample(rgba, how);
    return { features: tower.see(prepared), rgb: prepared, ms: performance.now() - begun };
  }

  /* A tower that answers while the page goes on: in a worker, or, where there can be none, here. `buffer` is given away.
     `see` takes one question at a time; who asks more often loses nothing, but waits. */
  function work(codes, description, buffer) {
    let worker = null, number = 0;
    const waiting = new Map();
    const about = {}, ask = (content, given) => new Promise((resolve, reject) => {
      waiting.set(++number, { resolve, reject });
      worker.postMessage({ number, ...content }, given);
    });
    const here = async () => {
      const tower = new Tower(await start(codes), description, buffer);
      Object.assign(about, { engine: tower.engine.name, slow: tower.engine.slow, worker: false });
      return (question) => new Promise((resolve) => setTimeout(() => resolve(answer(tower, question))));
    };
    const there = async () => {
      const url = URL.createObjectURL(new Blob([`(${make})().serve();`], { type: "text/javascript" }));
      worker = new Worker(url);
      const failed = new Promise((_, reject) => (worker.onerror = () => reject(new Error("There is no worker."))));
      worker.onmessage = ({ data }) => {
        const { resolve, reject } = waiting.get(data.number);
        waiting.delete(data.number);
        if (data.error) reject(new Error(data.error));
        else resolve(data);
      };
      const copy = buffer.slice(0); // in case there is no worker after all
      Object.assign(about, await Promise.race([ask({ codes, description, buffer: copy }, [copy]), failed]), { worker: true });
      return (question) => ask(question, question.rgba ? [question.rgba.buffer] : []);
    };
    const opened = typeof Worker === "function" ? there().catch(here) : here();
    return {
      about,
      opened,
      async see(question) {
        return (await opened)(question);
      },
      close() {
        if (worker) worker.terminate();
        for (const { reject } of waiting.values()) reject(new Error("This tower was closed."));
        waiting.clear();
      },
    };
  }

  /* In a worker. */
  function serve() {
    let tower = null;
    self.onmessage = async ({ data }) => {
      const { number } = data;
      try {
        if (data.codes) {
          tower = new Tower(await start(data.codes), data.description, data.buffer);
          self.postMessage({ number, engine: tower.engine.name, slow: tower.engine.slow });
        } else self.postMessage({ number, ...answer(tower, data) });
      } catch (error) {
        self.postMessage({ number, error: error.message });
      }
    };
  }

  return { open, start, work, serve, unit, Tower };
})();
