#include "swap/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define N   SAMPLE_PX
#define FAR 1e20f

int weights_new(struct weights **w, struct err *err)
{
    if (!*w && !(*w = mem_aligned(1, sizeof **w)))
        return err_nomem(err);
    return 0;
}

void weights_free(struct weights *w)
{
    free(w);
}

void weights_set(struct weights *w, const struct image *mask)
{
    int x, y;

    for (y = 0; y < N; y++) {
        const uint8_t *m = image_row(mask, y);

        for (x = 0; x < N; x++)
            w->v[y * N + x] = m[x] ? 1.0f : 0.0f;
    }
}

static int clamp(int v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : v;
}

void weights_blur(struct weights *w, int reach, double sigma)
{
    float tap[WEIGHTS_REACH + 1];
    double sum = 0;
    int x, y, k;

    reach = clamp(reach, WEIGHTS_REACH);
    if (!(sigma > 0))
        sigma = 0.3 * (reach - 1) + 0.8;
    for (k = 0; k <= reach; k++)
        sum += (k ? 2 : 1) * exp(-0.5 * k * k / (sigma * sigma));
    for (k = 0; k <= reach; k++)
        tap[k] = (float)(exp(-0.5 * k * k / (sigma * sigma)) / sum);
    for (y = 0; y < N; y++) {
        const float *in = w->row + WEIGHTS_REACH;
        float *out = w->other + y * N;

        for (x = 0; x < WEIGHTS_ROW; x++)
            w->row[x] = w->v[y * N + clamp(x - WEIGHTS_REACH, N - 1)];
        for (x = 0; x < N; x++)
            out[x] = tap[0] * in[x];
        for (k = 1; k <= reach; k++) {
            for (x = 0; x < N; x++)
                out[x] += tap[k] * (in[x - k] + in[x + k]);
        }
    }
    for (y = 0; y < N; y++) {
        float *restrict out = w->v + y * N;
        const float *restrict in = w->other + y * N;

        for (x = 0; x < N; x++)
            out[x] = tap[0] * in[x];
        for (k = 1; k <= reach; k++) {
            const float *restrict a = w->other + clamp(y - k, N - 1) * N;
            const float *restrict b = w->other + clamp(y + k, N - 1) * N;

            for (x = 0; x < N; x++)
                out[x] += tap[k] * (a[x] + b[x]);
        }
    }
}

void weights_normalise(struct weights *w)
{
    float most = 0;
    int i;

    for (i = 0; i < N * N; i++)
        most = w->v[i] > most ? w->v[i] : most;
    for (i = 0; i < N * N && most > 0; i++)
        w->v[i] /= most;
}

void weights_cut(struct weights *w, float least)
{
    int i;

    for (i = 0; i < N * N; i++)
        w->v[i] = w->v[i] < least ? 0.0f : 1.0f;
}

void weights_get(const struct weights *w, double ratio, bool ring, struct image *mask)
{
    float most = (float)(255 * ratio);
    int x, y;

    for (y = 0; y < N; y++) {
        uint8_t *m = image_row(mask, y);

        for (x = 0; x < N; x++) {
            float v = w->v[y * N + x];

            v = most * (ring ? 4.0f * v * (1.0f - v) : v) + 0.5f;
            m[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

/* Squared distances along one line: d[q] = min over p of (q - p)^2 + f[p]. */
static void parabolas(const float *f, float *d, int n)
{
    int at[N], k = 0, q;
    float from[N + 1];

    at[0] = 0;
    from[0] = -FAR;
    from[1] = FAR;
    for (q = 1; q < n; q++) {
        float s;

        for (;; k--) {
            int p = at[k];

            s = ((f[q] + (float)(q * q)) - (f[p] + (float)(p * p))) / (float)(2 * q - 2 * p);
            if (s > from[k] || k == 0)
                break;
        }
        if (s <= from[k])
            s = from[k];
        at[++k] = q;
        from[k] = s;
        from[k + 1] = FAR;
    }
    for (k = 0, q = 0; q < n; q++) {
        while (from[k + 1] < (float)q)
            k++;
        d[q] = (float)((q - at[k]) * (q - at[k])) + f[at[k]];
    }
}

void weights_feather(struct weights *w, double margin)
{
    const float cap = 4.0f * N * N; /* more than any distance, and exact in floats with it */
    int x, y;

    /* Down the columns by counting: squared distance to the nearest 0 above or below. */
    for (x = 0; x < N; x++) {
        int d = 2 * N;

        for (y = 0; y < N; y++) {
            d = w->v[y * N + x] > 0 ? d + 1 : 0;
            w->other[y * N + x] = (float)d;
        }
        d = 2 * N;
        for (y = N - 1; y >= 0; y--) {
            float *o = &w->other[y * N + x];

            d = w->v[y * N + x] > 0 ? d + 1 : 0;
            *o = (float)d < *o ? (float)d : *o;
            *o = *o >= 2 * N ? cap : *o * *o;
        }
    }
    for (y = 0; y < N; y++) {
        parabolas(w->other + y * N, w->row, N);
        for (x = 0; x < N; x++) {
            double d = sqrt((double)w->row[x]) / margin;

            w->v[y * N + x] *= (float)(d < 1 ? d : 1);
        }
    }
}

static int extreme(struct image *mask, struct image *other, int k, bool most, struct err *err)
{
    int half = k / 2, x, y, j, r;

    if ((r = image_shape(other, mask->width, mask->height, 1, err)))
        return r;
    for (y = 0; y < mask->height; y++) {
        const uint8_t *in = image_row(mask, y);
        uint8_t *out = image_row(other, y);

        for (x = 0; x < mask->width; x++) {
            uint8_t v = in[x];

            for (j = -half; j <= half; j++) {
                uint8_t b = in[clamp(x + j, mask->width - 1)];

                v = most ? (b > v ? b : v) : (b < v ? b : v);
            }
            out[x] = v;
        }
    }
    for (y = 0; y < mask->height; y++) {
        uint8_t *restrict out = image_row(mask, y);

        memcpy(out, image_row(other, y), (size_t)mask->width);
        for (j = -half; j <= half; j++) {
            const uint8_t *restrict in = image_row(other, clamp(y + j, mask->height - 1));

            if (most) {
                for (x = 0; x < mask->width; x++)
                    out[x] = in[x] > out[x] ? in[x] : out[x];
            } else {
                for (x = 0; x < mask->width; x++)
                    out[x] = in[x] < out[x] ? in[x] : out[x];
            }
        }
    }
    return 0;
}

int mask_erode(struct image *mask, struct image *other, int k, struct err *err)
{
    return extreme(mask, other, k, false, err);
}

int mask_dilate(struct image *mask, struct image *other, int k, struct err *err)
{
    return extreme(mask, other, k, true, err);
}
