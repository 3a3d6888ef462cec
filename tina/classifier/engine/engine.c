/* What a classifier computes in a browser: convolutions, pooling, norms, and Pillow's bicubic.

   `make engine` builds three WebAssembly modules of this file: plain, with SIMD, with relaxed SIMD (fused
   multiply-adds). engine.js takes the best that a browser has. Nothing is linked: memory is handed out by `take`.

   Activations are rows of pixels (height x width x channels), the channels padded with zeros to a multiple of 8.
   Weights arrive as torch has them, in fp32, half precision, or as integers of 8 or 16 bits, and are unpacked once into fp32. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef signed char i8;
typedef short i16;
typedef float f4 __attribute__((vector_size(16), aligned(4)));

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))
#define PANEL 8    /* output channels that are computed together */
#define ROWS 6     /* pixels that are computed together */
#define CHUNK 48   /* pixels whose neighbourhoods are copied out at once */
#define AT(p) (*(const f4 *)(p))
#define PUT(p) (*(f4 *)(p))

INLINE f4 all(float v) { return (f4){v, v, v, v}; }

INLINE f4 madd(f4 a, f4 b, f4 c) {
#ifdef __wasm_relaxed_simd__
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}

INLINE f4 least(f4 a, f4 b) {
#ifdef __wasm_simd128__
  return __builtin_wasm_pmin_f32x4(a, b);
#else
  for (int i = 0; i < 4; i++) a[i] = b[i] < a[i] ? b[i] : a[i];
  return a;
#endif
}

INLINE f4 most(f4 a, f4 b) {
#ifdef __wasm_simd128__
  return __builtin_wasm_pmax_f32x4(a, b);
#else
  for (int i = 0; i < 4; i++) a[i] = a[i] < b[i] ? b[i] : a[i];
  return a;
#endif
}

/* 0: nothing; 1: ReLU; any other: from 0 to that. */
INLINE f4 activate(f4 v, float act) {
  if (act == 0) return v;
  v = most(v, all(0));
  return act == 1 ? v : least(v, all(act));
}

/* -- memory -------------------------------------------------------------------------------------------------------- */
extern u8 __heap_base;
static u32 next = 0;

/* Where the next `bytes` are, for good or until `back`; zero where there is no more. */
EXPORT(take) u32 take(u32 bytes) {
  if (!next) next = ((u32)&__heap_base + 15) & ~15u;
  u32 at = next, end = at + ((bytes + 15) & ~15u), have = __builtin_wasm_memory_size(0) << 16;
  if (end < at) return 0;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (u32)-1) return 0;
  next = end;
  return at;
}

EXPORT(back) void back(u32 mark) { next = mark; }

/* -- weights ------------------------------------------------------------------------------------------------------- */
INLINE float half(u16 h) {
  union { u32 u; float f; } v = {(u32)(h & 0x7fff) << 13};
  v.f *= 5.192296858534828e33f; /* 2^112 */
  v.u |= (u32)(h & 0x8000) << 16;
  return v.f;
}

/* Number i of a tensor. kind: 0 fp32, 1 half precision; 2 and 3 integers of 8 and 16 bits, which a scale multiplies. */
INLINE float number(const void *from, u32 kind, u32 i) {
  if (kind == 0) return ((const float *)from)[i];
  if (kind == 1) return half(((const u16 *)from)[i]);
  return kind == 2 ? ((const i8 *)from)[i] : ((const i16 *)from)[i];
}

/* n numbers as they are; of integers each run of `run` numbers has its scale. */
EXPORT(unpack) void unpack(float *to, const void *from, const float *scales, u32 kind, u32 n, u32 run) {
  for (u32 i = 0; i < n; i++) to[i] = number(from, kind, i) * (kind >= 2 ? scales[i / run] : 1);
}

/* A convolution's weights, out x in x (kernel * kernel), into panels of 8 output channels: panel, place, input channel
   (`wide` apart), output channel. */
EXPORT(pack) void pack(float *to, const void *from, const float *scales, u32 kind, u32 out, u32 in, u32 wide, u32 places) {
  u32 panels = (out + PANEL - 1) / PANEL, depth = places * wide;
  for (u32 i = 0; i < panels * depth * PANEL; i++) to[i] = 0;
  for (u32 o = 0; o < out; o++)
    for (u32 c = 0; c < in; c++)
      for (u32 p = 0; p < places; p++)
        to[((o / PANEL) * depth + p * wide + c) * PANEL + o % PANEL] =
            number(from, kind, (o * in + c) * places + p) * (kind >= 2 ? scales[o] : 1);
}

/* A depthwise convolution's weights, channels x places, as places x channels. */
EXPORT(turn) void turn(float *to, const void *from, const float *scales, u32 kind, u32 channels, u32 wide, u32 places) {
  for (u32 i = 0; i < places * wide; i++) to[i] = 0;
  for (u32 c = 0; c < channels; c++)
    for (u32 p = 0; p < places; p++)
      to[p * wide + c] = number(from, kind, c * places + p) * (kind >= 2 ? scales[c] : 1);
}

/* -- the matrix product -------------------------------------------------------------------------------------------- */
/* `rows` pixels of `deep` numbers, `lead` apart, times one panel. */
INLINE void block(const float *x, u32 lead, u32 deep, const float *w, const float *bias, float *y, u32 wide, float act,
                  const int rows) {
  f4 left[ROWS], right[ROWS];
  for (int r = 0; r < rows; r++) left[r] = AT(bias), right[r] = AT(bias + 4);
  for (u32 k = 0; k < deep; k++, w += PANEL) {
    f4 a = AT(w), b = AT(w + 4);
    for (int r = 0; r < rows; r++) {
      f4 v = all(x[r * lead + k]);
      left[r] = madd(v, a, left[r]);
      right[r] = madd(v, b, right[r]);
    }
  }
  for (int r = 0; r < rows; r++) {
    PUT(y + r * wide) = activate(left[r], act);
    PUT(y + r * wide + 4) = activate(right[r], act);
  }
}

/* pixels x deep (`lead` apart) times deep x out, in panels; y is pixels x out (a multiple of 8). */
static void product(const float *x, u32 pixels, u32 lead, u32 deep, const float *w, const float *bias, u32 out, float *y,
                    float act) {
  for (u32 start = 0; start < pixels; start += CHUNK) {
    u32 end = start + CHUNK < pixels ? start + CHUNK : pixels;
    for (u32 o = 0; o < out; o += PANEL) {
      const float *panel = w + o * deep;
      u32 i = start;
      for (; i + ROWS <= end; i += ROWS) block(x + i * lead, lead, deep, panel, bias + o, y + i * out + o, out, act, ROWS);
      for (; i + 2 <= end; i += 2) block(x + i * lead, lead, deep, panel, bias + o, y + i * out + o, out, act, 2);
      for (; i < end; i++) block(x + i * lead, lead, deep, panel, bias + o, y + i * out + o, out, act, 1);
    }
  }
}

/* -- layers -------------------------------------------------------------------------------------------------------- */
/* A convolution of an n x n picture to m x m; pad: rows of zeros before the first. `lead` channels of x, `out` of y. */
EXPORT(conv) void conv(const float *x, u32 n, u32 lead, const float *w, const float *bias, float *y, u32 m, u32 out,
                       u32 kernel, u32 stride, int pad, float act, float *patches) {
  if (kernel == 1 && stride == 1) return product(x, n * n, lead, lead, w, bias, out, y, act);
  u32 deep = kernel * kernel * lead;
  for (u32 start = 0; start < m * m; start += CHUNK) {
    u32 end = start + CHUNK < m * m ? start + CHUNK : m * m;
    float *to = patches;
    for (u32 i = start; i < end; i++)
      for (u32 ky = 0; ky < kernel; ky++)
        for (u32 kx = 0; kx < kernel; kx++, to += lead) {
          u32 row = i / m * stride + ky - pad, column = i % m * stride + kx - pad; /* before the first: very large */
          int inside = row < n && column < n;
          const float *from = x + (row * n + column) * lead;
          for (u32 c = 0; c < lead; c++) to[c] = inside ? from[c] : 0;
        }
    product(patches, end - start, deep, deep, w, bias, out, y + start * out, act);
  }
}

INLINE void taps(const float *x, const float *w, const float *bias, float *y, u32 n, u32 wide, u32 kernel, int top, int left,
                 u32 y0, u32 y1, u32 x0, u32 x1, float act, const int parts) {
  f4 sum[4];
  for (int p = 0; p < parts; p++) sum[p] = AT(bias + 4 * p);
  for (u32 ky = y0; ky < y1; ky++) {
    const float *from = x + ((top + (int)ky) * (int)n + left + (int)x0) * (int)wide, *by = w + (ky * kernel + x0) * wide;
    for (u32 kx = x0; kx < x1; kx++, from += wide, by += wide)
      for (int p = 0; p < parts; p++) sum[p] = madd(AT(from + 4 * p), AT(by + 4 * p), sum[p]);
  }
  for (int p = 0; p < parts; p++) PUT(y + 4 * p) = activate(sum[p], act);
}

/* Each channel by itself. */
EXPORT(depthwise) void depthwise(const float *x, u32 n, u32 wide, const float *w, const float *bias, float *y, u32 m,
                                 u32 kernel, u32 stride, int pad, float act) {
  for (u32 i = 0; i < m * m; i++, y += wide) {
    int top = (int)(i / m * stride) - pad, left = (int)(i % m * stride) - pad;
    u32 y0 = top < 0 ? -top : 0, y1 = top + kernel > n ? n - top : kernel;
    u32 x0 = left < 0 ? -left : 0, x1 = left + kernel > n ? n - left : kernel;
    u32 c = 0;
    for (; c + 16 <= wide; c += 16) taps(x + c, w + c, bias + c, y + c, n, wide, kernel, top, left, y0, y1, x0, x1, act, 4);
    for (; c < wide; c += 8) taps(x + c, w + c, bias + c, y + c, n, wide, kernel, top, left, y0, y1, x0, x1, act, 2);
  }
}

/* The maximum of every size x size square. */
EXPORT(pool) void pool(const float *x, u32 n, u32 wide, float *y, u32 size) {
  u32 m = n / size;
  for (u32 i = 0; i < m * m; i++, y += wide)
    for (u32 c = 0; c < wide; c += 4) {
      f4 v = AT(x + (i / m * size * n + i % m * size) * wide + c);
      for (u32 p = 1; p < size * size; p++)
        v = most(v, AT(x + ((i / m * size + p / size) * n + i % m * size + p % size) * wide + c));
      PUT(y + c) = v;
    }
}

EXPORT(relu) void relu(float *x, u32 count) {
  for (u32 i = 0; i < count; i += 4) PUT(x + i) = most(AT(x + i), all(0));
}

EXPORT(add) void add(float *x, const float *other, u32 count) {
  for (u32 i = 0; i < count; i += 4) PUT(x + i) = AT(x + i) + AT(other + i);
}

/* Every group of channels to a mean of 0 and a spread of 1, then each channel's own scale and shift. */
EXPORT(norm) void norm(float *x, u32 pixels, u32 wide, u32 channels, u32 groups, const float *scale, const float *shift) {
  u32 each = channels / groups;
  for (u32 g = 0; g < channels; g += each) {
    double mean = 0, squares = 0;
    for (u32 i = 0; i < pixels; i++)
      for (u32 c = g; c < g + each; c++) mean += x[i * wide + c];
    mean /= pixels * each;
    for (u32 i = 0; i < pixels; i++)
      for (u32 c = g; c < g + each; c++) squares += (x[i * wide + c] - mean) * (x[i * wide + c] - mean);
    float by = 1 / __builtin_sqrt(squares / (pixels * each) + 1e-5);
    for (u32 i = 0; i < pixels; i++)
      for (u32 c = g; c < g + each; c++) x[i * wide + c] = (float)(x[i * wide + c] - mean) * by * scale[c] + shift[c];
  }
}

/* The mean of each channel over the pixels that are `edge` or more from the border. */
EXPORT(mean) void mean(const float *x, u32 n, u32 wide, u32 edge, float *y) {
  u32 inner = n - 2 * edge;
  for (u32 c = 0; c < wide; c += 4) {
    f4 sum = all(0);
    for (u32 i = edge; i < n - edge; i++)
      for (u32 j = edge; j < n - edge; j++) sum += AT(x + (i * n + j) * wide + c);
    PUT(y + c) = sum / all(inner * inner);
  }
}

/* y = rows (count x wide) times x. */
EXPORT(rows) void rows(const float *w, const float *x, u32 count, u32 wide, float *y) {
  for (u32 k = 0; k < count; k++) {
    double sum = 0;
    for (u32 i = 0; i < wide; i++) sum += w[k * wide + i] * x[i];
    y[k] = sum;
  }
}

/* -- pictures ------------------------------------------------------------------------------------------------------ */
/* Bytes of red, green and blue to floats, scale * value + shift, each colour with its own. */
EXPORT(colours) void colours(const u8 *from, float *to, u32 pixels, const float *scale, const float *shift) {
  for (u32 i = 0; i < pixels * 3; i++) to[i] = from[i] * scale[i % 3] + shift[i % 3];
}

INLINE double cubic(double x) {
  if (x < 0) x = -x;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

INLINE u8 clip(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

/* Which pixels of `from`..`to` (of `size`) output pixel i looks at, and by how much, in units of 2^-22. */
static u32 weights(double from, double scale, u32 size, u32 i, int *by, u32 *first) {
  double wide = scale < 1 ? 1 : scale, middle = from + (i + 0.5) * scale, total = 0;
  int low = (int)(middle - 2 * wide + 0.5), high = (int)(middle + 2 * wide + 0.5);
  if (low < 0) low = 0;
  if (high > (int)size) high = size;
  for (int j = low; j < high; j++) total += cubic((j - middle + 0.5) / wide);
  for (int j = low; j < high; j++) {
    double part = cubic((j - middle + 0.5) / wide);
    if (total != 0) part /= total;
    by[j - low] = (int)(part * (1 << 22) + (part < 0 ? -0.5 : 0.5));
  }
  *first = low;
  return high - low;
}

/* Pillow's bicubic, to the last bit: the box x0..x1, y0..y1 of a picture (width x height) is made `wide` x `high`, and of
   that the rectangle at (left, top), columns x lines, is written to `to` (red, green, blue). `from` (RGBA) holds the
   rectangle of the picture that begins at (ox, oy) and is `held` pixels wide. `between` has room for 3 * columns bytes
   for each line of the picture that is looked at, `by` for the weights of one pixel. */
EXPORT(resample) void resample(const u8 *from, u32 ox, u32 oy, u32 held, u32 width, u32 height, float x0, float y0, float x1,
                               float y1, u32 wide, u32 high, u32 left, u32 top, u32 columns, u32 lines, u8 *to, u8 *between,
                               int *by) {
  double across = (double)(x1 - x0) / wide, down = (double)(y1 - y0) / high;
  u32 first, last, count;
  count = weights(y0, down, height, top + lines - 1, by, &last);
  last += count;
  weights(y0, down, height, top, by, &first);
  u32 begin = first;
  for (u32 i = 0; i < columns; i++) {
    count = weights(x0, across, width, left + i, by, &first);
    for (u32 line = begin; line < last; line++) {
      const u8 *at = from + 4 * ((line - oy) * held + first - ox);
      int r = 1 << 21, g = r, b = r;
      for (u32 k = 0; k < count; k++, at += 4) r += at[0] * by[k], g += at[1] * by[k], b += at[2] * by[k];
      u8 *put = between + 3 * ((line - begin) * columns + i);
      put[0] = clip(r >> 22), put[1] = clip(g >> 22), put[2] = clip(b >> 22);
    }
  }
  for (u32 i = 0; i < lines; i++) {
    count = weights(y0, down, height, top + i, by, &first);
    for (u32 j = 0; j < 3 * columns; j++) {
      const u8 *at = between + (first - begin) * 3 * columns + j;
      int v = 1 << 21;
      for (u32 k = 0; k < count; k++, at += 3 * columns) v += *at * by[k];
      to[i * 3 * columns + j] = clip(v >> 22);
    }
  }
}
