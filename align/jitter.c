#include "align/jitter.h"

#include <math.h>

#define PAPER_SCALE 0.9   /* of the template, without jitter */
#define PAPER_SIDE  224.0 /* pixels */

void jitter_settings_read(const struct conf *c, struct jitter_settings *s)
{
    s->seed = (uint64_t)conf_int(c, "align.seed");
    s->scale_sd = conf_real(c, "align.jitter_scale_sd");
    s->translate_px = conf_real(c, "align.jitter_translate_px");
    s->rotate_deg = conf_real(c, "align.jitter_rotate_deg");
    s->stretch = conf_real(c, "align.jitter_stretch");
    s->stretch_p = conf_real(c, "align.jitter_stretch_p");
}

static double draw_stretch(const struct jitter_settings *s, struct rng *rng)
{
    bool any = rng_uniform(rng) < s->stretch_p;
    double v = rng_range(rng, 1 - s->stretch, 1 + s->stretch);

    return any ? v : 1;
}

void jitter_draw(const struct jitter_settings *s, int size_px, unsigned copy, const char *id,
                 struct jitter *j)
{
    double shift = s->translate_px * size_px / PAPER_SIDE, u;
    struct rng rng;

    rng_init(&rng, s->seed, copy, id, "jitter");
    u = fmin(fmax(rng_normal(&rng), -3), 3);
    j->enlarged = (PAPER_SCALE + s->scale_sd * u) / PAPER_SCALE;
    j->dx_px = shift * rng_range(&rng, -1, 1);
    j->dy_px = shift * rng_range(&rng, -1, 1);
    u = rng_range(&rng, -1, 1);
    j->rotate_deg = s->rotate_deg * u * u * u;
    j->stretch_x = draw_stretch(s, &rng);
    j->stretch_y = draw_stretch(s, &rng);
}

/* Moves a and b away from (or to) their middle, so that their distance is times s. */
static void stretch(struct point *a, struct point *b, double s)
{
    struct point mid = {(a->x + b->x) / 2, (a->y + b->y) / 2};

    *a = (struct point){mid.x + s * (a->x - mid.x), mid.y + s * (a->y - mid.y)};
    *b = (struct point){mid.x + s * (b->x - mid.x), mid.y + s * (b->y - mid.y)};
}

int jitter_fit(const struct align_settings *s, const struct jitter *j, const struct landmarks *l,
               struct mat3 *m, struct err *err)
{
    double a = j->rotate_deg * M_PI / 180.0, co = cos(a), si = sin(a), mid = s->size_px / 2.0;
    struct mat3 rotation, warp, similarity;
    struct point five[FACE_POINTS], from[4], to[4];
    int i, r = align_settings_fit(s, j->enlarged, l, &similarity, err);

    if (r)
        return r;
    rotation = (struct mat3){
        {co, si, mid - co * mid - si * mid, -si, co, mid + si * mid - co * mid, 0, 0, 1}};
    align_settings_points(s, j->enlarged, l, &similarity, five);
    for (i = 0; i < 4; i++)
        from[i] = to[i] = five[i < 2 ? i : i + 1];
    stretch(&to[0], &to[1], j->stretch_x);
    stretch(&to[2], &to[3], 1.0 / j->stretch_x);
    stretch(&to[0], &to[2], j->stretch_y);
    stretch(&to[1], &to[3], 1.0 / j->stretch_y);
    for (i = 0; i < 4; i++) {
        to[i].x += j->dx_px;
        to[i].y += j->dy_px;
    }
    if (!homography_from_quad(from, to, &warp))
        return err_set(err, ERR_DATA, "landmarks of no extent");
    *m = mat3_multiply(&rotation, &similarity);
    *m = mat3_multiply(&warp, m);
    return 0;
}
