#include "lib/face_jitter.h"

#include <math.h>

#define SCALE_SD_LIMIT 3.0

static double draw_stretch(struct rng *rng, const struct face_jitter_spread *s)
{
    double gate = rng_uniform(rng), v = rng_range(rng, 1 - s->stretch, 1 + s->stretch);

    return gate < s->stretch_p ? v : 1.0;
}

void face_jitter_draw(struct rng *rng, const struct face_jitter_spread *s, struct face_jitter *j)
{
    double n = fmin(fmax(rng_normal(rng), -SCALE_SD_LIMIT), SCALE_SD_LIMIT), u;

    j->scale = s->scale + s->scale_sd * n;
    j->dx_px = rng_range(rng, -s->translate_px, s->translate_px);
    j->dy_px = rng_range(rng, -s->translate_px, s->translate_px);
    u = rng_range(rng, -1, 1);
    j->rotate_deg = s->rotate_deg * u * u * u;
    j->stretch_x = draw_stretch(rng, s);
    j->stretch_y = draw_stretch(rng, s);
}

/* Moves a and b away from (or to) their middle, so that their distance is times s. */
static void stretch(struct point *a, struct point *b, double s)
{
    struct point mid = {(a->x + b->x) / 2, (a->y + b->y) / 2};

    *a = (struct point){mid.x + s * (a->x - mid.x), mid.y + s * (a->y - mid.y)};
    *b = (struct point){mid.x + s * (b->x - mid.x), mid.y + s * (b->y - mid.y)};
}

int face_jitter_apply(const struct face_jitter *j, int side_px,
                      const struct point five[FACE_POINTS], const struct mat3 *similarity,
                      struct mat3 *m, struct err *err)
{
    double a = j->rotate_deg * M_PI / 180.0, c = cos(a), s = sin(a), mid = side_px / 2.0;
    const struct mat3 rotation = {
        {c, s, mid - c * mid - s * mid, -s, c, mid + s * mid - c * mid, 0, 0, 1}};
    struct point from[4], to[4];
    struct mat3 warp, turned;
    int i;

    for (i = 0; i < 4; i++) /* eyes and mouth corners */
        from[i] = to[i] = five[i < 2 ? i : i + 1];
    stretch(&to[0], &to[1], j->stretch_x);
    stretch(&to[2], &to[3], 1.0 / j->stretch_x);
    stretch(&to[0], &to[2], j->stretch_y);
    stretch(&to[1], &to[3], 1.0 / j->stretch_y);
    for (i = 0; i < 4; i++) {
        to[i].x += j->dx_px;
        to[i].y += j->dy_px;
        if (j->mirror)
            to[i].x = side_px - 1 - to[i].x;
    }
    if (!homography_from_quad(from, to, &warp))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    turned = mat3_multiply(&rotation, similarity);
    *m = mat3_multiply(&warp, &turned);
    return 0;
}
