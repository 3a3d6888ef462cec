/* A classifier of Tina in plain C: cc -O2 NAME.c -lm -o classify && ./classify < picture.rgb
   It reads a prepared picture (rows of pixels, bytes of red, green, blue) and prints a share for each label. On a
   microcontroller leave `main` out and call `tina_classify`; nothing is allocated. */
#include <math.h>
#include <stdio.h>
#include "NAME.h"
/* y: out x m x m, of x: in x n x n with zeros around it. */
static void conv(const float *x, float *y, int n, int in, int out, int kernel, int stride, const float *w, const float *bias) {
  int m = (n + stride - 1) / stride, edge = kernel / 2;
  for (int o = 0; o < out; o++)
    for (int i = 0; i < m * m; i++) {
      y[o * m * m + i] = bias ? bias[o] : 0;
      for (int k = 0; k < in * kernel * kernel; k++) {
        int c = k / (kernel * kernel), row = i / m * stride + k / kernel % kernel - edge, column = i % m * stride + k % kernel - edge;
        if (row >= 0 && row < n && column >= 0 && column < n)
          y[o * m * m + i] += w[o * in * kernel * kernel + k] * x[(c * n + row) * n + column];
      }
    }
}
/* Each group of channels to a mean of 0 and a spread of 1, then each channel's own scale and shift. */
static inline void norm(float *x, int channels, int cells, int groups, const float *scale, const float *shift) {
  for (int g = 0, many = channels / groups, size = many * cells; g < groups; g++, x += size) {
    float mean = 0, squares = 0;
    for (int i = 0; i < size; i++) mean += x[i] / size;
    for (int i = 0; i < size; i++) squares += (x[i] - mean) * (x[i] - mean) / size;
    for (int i = 0; i < size; i++)
      x[i] = (x[i] - mean) / sqrtf(squares + 1e-5f) * scale[g * many + i / cells] + shift[g * many + i / cells];
  }
}
/* The maximum of every size x size square. */
static inline void pool(const float *x, float *y, int n, int channels, int size) {
  for (int i = 0, m = n / size; i < channels * m * m; i++) {
    const float *from = x + (i / (m * m) * n + i / m % m * size) * n + i % m * size;
    y[i] = from[0];
    for (int k = 1; k < size * size; k++) y[i] = fmaxf(y[i], from[k / size * n + k % size]);
  }
}
static inline void relu(float *x, int count) { for (int i = 0; i < count; i++) x[i] = fmaxf(x[i], 0); }
static inline void add(float *x, const float *y, int count) { for (int i = 0; i < count; i++) x[i] += y[i]; }
void tina_classify(const unsigned char *rgb, float *shares) {
  for (int i = 0; i < 3 * TINA_SIZE * TINA_SIZE; i++)
    tina_buffer[0][i % 3 * TINA_SIZE * TINA_SIZE + i / 3] = rgb[i] / 127.5f - 1;
  TINA_LAYERS
  float most = -INFINITY, total = 0;
  for (int k = 0; k < TINA_CLASSES; k++) {
    shares[k] = tina_head_bias[k];
    for (int i = 0; i < TINA_WIDTH * TINA_CELLS; i++) /* each channel's mean times its weight */
      shares[k] += tina_head_weight[k * TINA_WIDTH + i / TINA_CELLS] * TINA_LAST[i] / TINA_CELLS;
    most = fmaxf(most, shares[k]);
  }
  for (int k = 0; k < TINA_CLASSES; k++) total += expf(shares[k] - most);
  for (int k = 0; k < TINA_CLASSES; k++) shares[k] = expf(shares[k] - most) / total;
}
int main(void) {
  static unsigned char rgb[3 * TINA_SIZE * TINA_SIZE];
  static float shares[TINA_CLASSES];
  if (fread(rgb, 1, sizeof rgb, stdin) != sizeof rgb) return fprintf(stderr, "not %d bytes\n", (int)sizeof rgb), 1;
  tina_classify(rgb, shares);
  for (int k = 0; k < TINA_CLASSES; k++) printf("%.6f %s\n", shares[k], tina_labels[k]);
}
