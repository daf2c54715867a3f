#include "align/jitter.h"

#define PAPER_SCALE 0.9   /* of the template, without jitter */
#define PAPER_SIDE  224.0 /* pixels */

void jitter_settings_read(const struct conf *c, struct jitter_settings *s)
{
    s->seed = (uint64_t)conf_int(c, "align.seed");
    s->spread = (struct face_jitter_spread){
        .scale = PAPER_SCALE,
        .scale_sd = conf_real(c, "align.jitter_scale_sd"),
        .translate_px = conf_real(c, "align.jitter_translate_px"),
        .rotate_deg = conf_real(c, "align.jitter_rotate_deg"),
        .stretch = conf_real(c, "align.jitter_stretch"),
        .stretch_p = conf_real(c, "align.jitter_stretch_p"),
    };
}

void jitter_draw(const struct jitter_settings *s, int size_px, unsigned copy, const char *id,
                 struct face_jitter *j)
{
    struct face_jitter_spread spread = s->spread;
    struct rng rng;

    spread.translate_px *= size_px / PAPER_SIDE;
    rng_init(&rng, s->seed, copy, id, "jitter");
    face_jitter_draw(&rng, &spread, j);
    j->scale /= PAPER_SCALE;
    j->mirror = false;
}

int jitter_fit(const struct align_settings *s, const struct face_jitter *j,
               const struct landmarks *l, struct mat3 *m, struct err *err)
{
    struct point five[FACE_POINTS];
    struct mat3 similarity;
    int r = align_settings_fit(s, j->scale, l, &similarity, err);

    if (r)
        return r;
    align_settings_points(s, j->scale, l, &similarity, five);
    return face_jitter_apply(j, s->size_px, five, &similarity, m, err);
}
