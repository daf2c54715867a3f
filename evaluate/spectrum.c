#include "evaluate/spectrum.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <fftw3.h>

#include "lib/mem.h"

/* Added to the power, in squared grey levels: 8-bit rounding noise is far above it. */
#define FLOOR 1e-3

struct spectrum {
    int width, height, bins;
    struct image grey;
    double *in;
    fftw_complex *out;
    fftw_plan plan;
    double *window_x, *window_y, *power;
    int *ring;     /* of each output frequency; -1 = beyond Nyquist */
    double *count; /* frequencies a ring, mirrored ones counted */
};

static void hann(double *w, int n)
{
    int i;

    for (i = 0; i < n; i++)
        w[i] = 0.5 - 0.5 * cos(2 * M_PI * (i + 0.5) / n);
}

/* Which ring each of the height x (width / 2 + 1) frequencies belongs to. */
static void rings(struct spectrum *s)
{
    int x, y, half = s->width / 2 + 1;

    for (y = 0; y < s->height; y++)
        for (x = 0; x < half; x++) {
            double fx = 2.0 * x / s->width;
            double fy = 2.0 * (y <= s->height / 2 ? y : s->height - y) / s->height;
            int k = (int)(sqrt(fx * fx + fy * fy) * s->bins);
            bool mirrored = x > 0 && 2 * x != s->width;

            s->ring[y * half + x] = k < s->bins ? k : -1;
            if (k < s->bins)
                s->count[k] += mirrored ? 2 : 1;
        }
}

int spectrum_new(struct spectrum **out, int width, int height, int bins, struct err *err)
{
    size_t half = (size_t)(width / 2 + 1), n = half * (size_t)height;
    int shorter = width < height ? width : height;
    struct spectrum *s;

    *out = NULL;
    if (shorter < 8 || bins < 2 || bins > shorter / 2)
        return err_set(err, ERR_DATA, "%d rings do not fit a picture of %d x %d pixels", bins,
                       width, height);
    s = mem_array(1, sizeof(*s));
    if (!s)
        return err_nomem(err);
    s->width = width;
    s->height = height;
    s->bins = bins;
    s->in = fftw_alloc_real((size_t)width * (size_t)height);
    s->out = fftw_alloc_complex(n);
    s->window_x = mem_array((size_t)width, sizeof(double));
    s->window_y = mem_array((size_t)height, sizeof(double));
    s->power = mem_array((size_t)bins, sizeof(double));
    s->count = mem_array((size_t)bins, sizeof(double));
    s->ring = mem_array(n, sizeof(int));
    if (s->in && s->out)
        s->plan = fftw_plan_dft_r2c_2d(height, width, s->in, s->out, FFTW_ESTIMATE | FFTW_NO_SIMD);
    if (!s->plan || !s->window_x || !s->window_y || !s->power || !s->count || !s->ring) {
        spectrum_free(s);
        return err_nomem(err);
    }
    hann(s->window_x, width);
    hann(s->window_y, height);
    rings(s);
    *out = s;
    return 0;
}

void spectrum_free(struct spectrum *s)
{
    if (!s)
        return;
    if (s->plan)
        fftw_destroy_plan(s->plan);
    fftw_free(s->in);
    fftw_free(s->out);
    free(s->window_x);
    free(s->window_y);
    free(s->power);
    free(s->count);
    free(s->ring);
    image_release(&s->grey);
    free(s);
}

int spectrum_of(struct spectrum *s, const struct image *img, float *out, struct err *err)
{
    const struct image *grey = img;
    int x, y, k, half = s->width / 2 + 1, r;
    double mean = 0, level = 0;

    if (img->width != s->width || img->height != s->height)
        return err_set(err, ERR_DATA, "the picture is %d x %d pixels, others are %d x %d",
                       img->width, img->height, s->width, s->height);
    if (img->channels != 1) {
        if ((r = image_to_grey(&s->grey, img, err)))
            return r;
        grey = &s->grey;
    }
    for (y = 0; y < s->height; y++)
        for (x = 0; x < s->width; x++)
            mean += image_row(grey, y)[x];
    mean /= (double)s->width * s->height;
    for (y = 0; y < s->height; y++)
        for (x = 0; x < s->width; x++)
            s->in[y * s->width + x] =
                (image_row(grey, y)[x] - mean) * s->window_x[x] * s->window_y[y];
    fftw_execute(s->plan);
    for (k = 0; k < s->bins; k++)
        s->power[k] = 0;
    for (y = 0; y < s->height; y++)
        for (x = 0; x < half; x++) {
            const double *f = s->out[y * half + x];
            int ring = s->ring[y * half + x];

            if (ring >= 0)
                s->power[ring] +=
                    (x > 0 && 2 * x != s->width ? 2 : 1) * (f[0] * f[0] + f[1] * f[1]);
        }
    for (k = 0; k < s->bins; k++) {
        s->power[k] = log(FLOOR + (s->count[k] > 0 ? s->power[k] / s->count[k] : 0));
        level += s->power[k];
    }
    for (k = 0; k < s->bins; k++)
        out[k] = (float)(s->power[k] - level / s->bins);
    return 0;
}
