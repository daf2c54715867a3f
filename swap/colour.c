#include "swap/colour.h"

#include <math.h>
#include <string.h>

/* Ranges and probabilities of the published code of self-blended images. */
#define SHIFT_P  0.3
#define SHIFT    20.0 /* grey levels */
#define CONTRAST 0.1

void copy_change_draw(struct copy_change *c, struct rng *rng)
{
    bool shift = rng_uniform(rng) < SHIFT_P, sharpen;
    int i;

    for (i = 0; i < 3; i++) {
        double v = rng_range(rng, -SHIFT, SHIFT);

        c->shift[i] = shift ? v : 0;
    }
    c->brightness = rng_range(rng, -CONTRAST, CONTRAST);
    c->contrast = rng_range(rng, -CONTRAST, CONTRAST);
    sharpen = rng_uniform(rng) < 0.5;
    c->shrink = rng_below(rng, 2) ? 4 : 2;
    c->sharpen = rng_range(rng, 0.2, 0.5);
    c->light = rng_range(rng, 0.5, 1);
    if (sharpen)
        c->shrink = 0;
    else
        c->sharpen = 0;
}

static uint8_t clip(double v)
{
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)(v + 0.5);
}

static int clamp(int v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : v;
}

static void apply_tables(struct image *img, uint8_t lut[3][256])
{
    int x, y;

    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            p[0] = lut[0][p[0]];
            p[1] = lut[1][p[1]];
            p[2] = lut[2][p[2]];
        }
    }
}

static void recolour(struct image *img, const struct copy_change *d)
{
    uint8_t lut[3][256];
    int x, c;

    for (c = 0; c < 3; c++) {
        for (x = 0; x < 256; x++)
            lut[c][x] = clip((1 + d->contrast) * clip(x + d->shift[c]) + 255 * d->brightness);
    }
    apply_tables(img, lut);
}

/* Every n-th pixel, the middle one of its block as near as can be, and bilinear in between. */
static void coarsen(struct image *dst, const struct image *src, int n)
{
    int last_x = src->width / n - 1, last_y = src->height / n - 1, x, y, c;

    for (y = 0; y < dst->height; y++) {
        int v = clamp(y - n / 2, n * last_y), v0 = v / n, v1 = clamp(v0 + 1, last_y), fv = v % n;
        const uint8_t *p = image_row(src, v0 * n + n / 2), *q = image_row(src, v1 * n + n / 2);
        uint8_t *out = image_row(dst, y);

        for (x = 0; x < dst->width; x++, out += 3) {
            int u = clamp(x - n / 2, n * last_x), u0 = u / n, fu = u % n;
            int a = 3 * (u0 * n + n / 2), b = 3 * (clamp(u0 + 1, last_x) * n + n / 2);

            for (c = 0; c < 3; c++)
                out[c] = (uint8_t)(((n - fv) * ((n - fu) * p[a + c] + fu * p[b + c]) +
                                    fv * ((n - fu) * q[a + c] + fu * q[b + c]) + n * n / 2) /
                                   (n * n));
        }
    }
}

/* The share `sharpen` of a kernel with -1 around 8 + light. */
static void sharpen(struct image *dst, const struct image *src, const struct copy_change *d)
{
    float keep = (float)(1 - d->sharpen + d->sharpen * (9 + d->light)), share = (float)d->sharpen;
    int n = 3 * src->width, x, y;

    for (y = 0; y < src->height; y++) {
        const uint8_t *q = image_row(src, y), *p = image_row(src, clamp(y - 1, src->height - 1));
        const uint8_t *s = image_row(src, clamp(y + 1, src->height - 1));
        uint8_t *out = image_row(dst, y);

#define COLUMN(i) (p[i] + q[i] + s[i])
#define SHARPEN(left, right)                                                                       \
    (keep * (float)q[x] - share * (float)(COLUMN(left) + COLUMN(x) + COLUMN(right)) + 0.5f)
        for (x = 3; x < n - 3; x++) {
            float v = SHARPEN(x - 3, x + 3);

            out[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
        for (x = 0; x < n; x = x == 2 ? n - 3 : x + 1) {
            float v = SHARPEN(x < 3 ? x : x - 3, x < 3 ? x + 3 : x);

            out[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
#undef SHARPEN
#undef COLUMN
    }
}

int copy_change(const struct copy_change *c, struct image *img, struct image *other,
                struct err *err)
{
    int r;

    recolour(img, c);
    if (!c->shrink && !(c->sharpen > 0))
        return 0;
    if ((r = image_copy(other, img, err)))
        return r;
    if (c->shrink)
        coarsen(img, other, c->shrink);
    else
        sharpen(img, other, c);
    return 0;
}

#define HSV_LIMIT 0.3

void hsv_change_draw(struct hsv_change *c, struct rng *rng)
{
    c->hue_deg = 2 * rng_range(rng, -HSV_LIMIT, HSV_LIMIT);
    c->saturation = rng_range(rng, -HSV_LIMIT, HSV_LIMIT);
    c->value = rng_range(rng, -HSV_LIMIT, HSV_LIMIT);
}

static float within(float v, float hi)
{
    v = v < 0 ? 0 : v;
    return v > hi ? hi : v;
}

/* How much of the chroma a channel has that is `k` sixths of the circle on: 0 or 1, or between. */
static float missing(float k)
{
    k -= k >= 6 ? 6 : 0;
    return within(k < 4 - k ? k : 4 - k, 1);
}

void hsv_change(const struct hsv_change *c, struct image *img)
{
    const float turn = (float)(c->hue_deg / 60), ds = (float)(c->saturation / 255);
    const float dv = (float)c->value;
    int x, y;

    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);

        for (x = 0; x < img->width; x++, p += 3) {
            float r = p[0], g = p[1], b = p[2], most = r > g ? r : g, least = r < g ? r : g;
            float spread, hue, value, chroma;

            most = b > most ? b : most;
            least = b < least ? b : least;
            spread = most - least;
            hue = most == r ? g - b : most == g ? b - r : r - g;
            hue = spread > 0 ? hue / spread : 0;
            hue += (most == r ? 0.0f : most == g ? 2.0f : 4.0f) + turn;
            hue += hue < 0 ? 6.0f : 0.0f;
            value = within(most + dv, 255);
            chroma = value * within(spread / (most > 0 ? most : 1) + ds, 1);
            p[0] = (uint8_t)(value - chroma * missing(hue + 5) + 0.5f);
            p[1] = (uint8_t)(value - chroma * missing(hue + 3) + 0.5f);
            p[2] = (uint8_t)(value - chroma * missing(hue + 1) + 0.5f);
        }
    }
}

struct moments {
    unsigned long long sum[3], squares[3];
    unsigned long long n;
};

static void measure(const struct image *img, const struct image *mask, struct moments *m)
{
    int x, y, c;

    memset(m, 0, sizeof *m);
    for (y = 0; y < img->height; y++) {
        const uint8_t *p = image_row(img, y), *k = image_row(mask, y);

        for (x = 0; x < img->width; x++, p += 3) {
            if (!k[x])
                continue;
            m->n++;
            for (c = 0; c < 3; c++) {
                m->sum[c] += p[c];
                m->squares[c] += (unsigned)p[c] * p[c];
            }
        }
    }
}

void colour_match(struct image *fg, const struct image *bg, const struct image *mask, bool spread)
{
    struct moments f, b;
    uint8_t lut[3][256];
    int c, i;

    measure(fg, mask, &f);
    measure(bg, mask, &b);
    if (!f.n)
        return;
    for (c = 0; c < 3; c++) {
        double n = (double)f.n, mf = (double)f.sum[c] / n, mb = (double)b.sum[c] / n, gain = 1;
        double vf = (double)f.squares[c] / n - mf * mf, vb = (double)b.squares[c] / n - mb * mb;

        if (spread && vf > 0 && vb >= 0)
            gain = sqrt(vb / vf);
        for (i = 0; i < 256; i++)
            lut[c][i] = clip((i - mf) * gain + mb);
    }
    apply_tables(fg, lut);
}
