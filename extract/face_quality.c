#include "extract/face_quality.h"

#include <math.h>
#include <stdlib.h>

#include "lib/cpu.h"

void face_quality_init(struct face_quality_scratch *s)
{
    *s = (struct face_quality_scratch){0};
    resizer_init(&s->resizer, cpu_mask());
}

void face_quality_release(struct face_quality_scratch *s)
{
    image_release(&s->small);
    image_release(&s->grey);
    resizer_release(&s->resizer);
}

/* In whole numbers, so that the result is the same everywhere. */
static double laplacian_variance(const struct image *grey)
{
    long long sum = 0, squares = 0, n = (long long)(grey->width - 2) * (grey->height - 2);
    double mean;
    int x, y;

    for (y = 1; y < grey->height - 1; y++) {
        const uint8_t *p = image_row(grey, y), *up = image_row(grey, y - 1),
                      *down = image_row(grey, y + 1);
        int row = 0, row_squares = 0; /* 32768 * 1020^2 would not fit, 112 * 1020^2 does */

        for (x = 1; x < grey->width - 1; x++) {
            int v = up[x] + down[x] + p[x - 1] + p[x + 1] - 4 * p[x];

            row += v;
            row_squares += v * v;
        }
        sum += row;
        squares += row_squares;
    }
    mean = (double)sum / (double)n;
    return (double)squares / (double)n - mean * mean;
}

static double mean_level(const struct image *grey)
{
    long long sum = 0;
    int x, y;

    for (y = 0; y < grey->height; y++) {
        const uint8_t *p = image_row(grey, y);

        for (x = 0; x < grey->width; x++)
            sum += p[x];
    }
    return (double)sum / ((double)grey->width * grey->height);
}

/* To `digits` significant digits. */
static double rounded(double v, int digits)
{
    double unit = v > 0 ? pow(10, floor(log10(v)) + 1 - digits) : 1;

    return floor(v / unit + 0.5) * unit;
}

static double tenth(double v)
{
    return floor(10 * v + 0.5) / 10;
}

static int scaled(int part, int whole)
{
    int n = (int)floor((double)part * FACE_QUALITY_PX / whole + 0.5);

    return n < 1 ? 1 : n > FACE_QUALITY_PX ? FACE_QUALITY_PX : n;
}

int face_quality_measure(struct face_quality_scratch *s, const struct image *img, struct rect box,
                         const struct point *points, struct face_quality *q, struct err *err)
{
    struct rect seen = rect_intersect(box, (struct rect){0, 0, img->width, img->height});
    struct image part;
    int r, w, h;

    *q = (struct face_quality){.blur = NAN, .exposure = NAN};
    q->has_angles = head_angles_of(points, &q->angles);
    q->angles = (struct head_angles){tenth(q->angles.yaw_deg), tenth(q->angles.pitch_deg),
                                     tenth(q->angles.roll_deg)};
    if (rect_width(seen) < 1 || rect_height(seen) < 1)
        return 0;
    w = scaled(rect_width(seen), rect_width(box));
    h = scaled(rect_height(seen), rect_height(box));
    if (w < 3 || h < 3)
        return 0;
    part = image_view(img, seen.x0, seen.y0, rect_width(seen), rect_height(seen));
    if ((r = image_shape(&s->small, w, h, 3, err)) ||
        (r = resize_image(&s->resizer, &s->small, &part, err)) ||
        (r = image_to_grey(&s->grey, &s->small, err)))
        return r;
    q->blur = rounded(laplacian_variance(&s->grey), 4);
    q->exposure = tenth(mean_level(&s->grey));
    return 0;
}
