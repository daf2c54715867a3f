#include "align/align_settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_own(const struct conf *c, struct align_settings *s, int size, struct err *err)
{
    size_t n, i;
    const char *const *numbers = conf_list(c, "align.points", &n);
    struct point p[FACE_POINTS];

    if (size <= 0)
        return err_set(err, ERR_CONFIG, "align.template: custom needs align.size_px");
    if (n != 2 * FACE_POINTS)
        return err_set(err, ERR_CONFIG,
                       "align.points: a custom template is ten numbers, x and y of the left eye, "
                       "the right eye, the nose tip, the left and the right mouth corner; here are "
                       "%zu",
                       n);
    for (i = 0; i < n; i++) {
        char *end;
        double v = strtod(numbers[i], &end);

        if (end == numbers[i] || *end || !isfinite(v))
            return err_set(err, ERR_CONFIG, "align.points: '%s' is no number", numbers[i]);
        *(i % 2 ? &p[i / 2].y : &p[i / 2].x) = v / size;
    }
    s->own = face_template_own(p, size);
    s->template = &s->own;
    return 0;
}

int align_settings_read(const struct conf *c, struct align_settings *s, struct err *err)
{
    const char *name = conf_string(c, "align.template");
    int size = (int)conf_int(c, "align.size_px");
    double scale = conf_real(c, "align.scale");

    *s = (struct align_settings){.template = face_template_find(name)};
    if (strcmp(name, "custom") == 0) {
        int r = read_own(c, s, size, err);

        if (r)
            return r;
    }
    s->size_px = size ? size : s->template->size_px;
    s->scale = scale > 0 ? scale : s->template->scale;
    s->margin = conf_real(c, "align.margin");
    s->format = conf_enum(c, "align.image") == 0
                    ? MEDIA_PNG
                    : (enum media_format)(MEDIA_JPEG + conf_enum(c, "align.jpg_chroma"));
    s->quality = (int)conf_int(c, s->format == MEDIA_PNG ? "align.png_level" : "align.jpg_quality");
    s->area = conf_enum(c, "align.sampling") == 0;
    s->masks = conf_bool(c, "align.masks");
    return 0;
}

static double scale_of(const struct align_settings *s, double enlarged)
{
    return s->template->shrinks ? s->scale / enlarged : s->scale * enlarged;
}

/* Aligned pixels without the margin -> with it. */
static struct mat3 shrink_by_margin(const struct align_settings *s)
{
    double k = 1 / (1 + s->margin), middle = s->size_px / 2.0 - (s->template->place ? 0.5 : 0);

    return (struct mat3){{k, 0, middle * (1 - k), 0, k, middle * (1 - k), 0, 0, 1}};
}

int align_settings_fit(const struct align_settings *s, double enlarged, const struct landmarks *l,
                       struct mat3 *m, struct err *err)
{
    struct mat3 shrink = shrink_by_margin(s);
    int r = face_template_fit(s->template, scale_of(s, enlarged), s->size_px, l, m, err);

    if (!r && s->margin > 0)
        *m = mat3_multiply(&shrink, m);
    return r;
}

void align_settings_points(const struct align_settings *s, double enlarged,
                           const struct landmarks *l, const struct mat3 *m,
                           struct point to[FACE_POINTS])
{
    struct mat3 shrink = shrink_by_margin(s);
    bool fixed = s->template->points != NULL;
    int i;

    if (fixed)
        s->template->points(scale_of(s, enlarged), s->size_px, to);
    else
        s->template->pick(l, to);
    for (i = 0; i < FACE_POINTS; i++)
        to[i] = mat3_apply(fixed ? &shrink : m, to[i]);
}

const char *align_suffix(const struct align_settings *s)
{
    return s->format == MEDIA_PNG ? "png" : "jpg";
}
