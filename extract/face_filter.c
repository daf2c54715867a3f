#include "extract/face_filter.h"

#include <math.h>

static double size_of(struct rect face, const struct face_quality *q)
{
    (void)q;
    return rect_width(face);
}

static double blur_of(struct rect face, const struct face_quality *q)
{
    (void)face;
    return q->blur;
}

static double exposure_of(struct rect face, const struct face_quality *q)
{
    (void)face;
    return q->exposure;
}

static double yaw_of(struct rect face, const struct face_quality *q)
{
    (void)face;
    return q->has_angles ? fabs(q->angles.yaw_deg) : (double)NAN;
}

static double pitch_of(struct rect face, const struct face_quality *q)
{
    (void)face;
    return q->has_angles ? fabs(q->angles.pitch_deg) : (double)NAN;
}

static double roll_of(struct rect face, const struct face_quality *q)
{
    (void)face;
    return q->has_angles ? fabs(q->angles.roll_deg) : (double)NAN;
}

enum side { LEAST, MOST };

#define FILTER(name, side, open, value)                                                            \
    {                                                                                              \
        "extract." name, "filtered by extract." name, "pristine face filtered by extract." name,   \
            side, open, value                                                                      \
    }

static const struct filter {
    const char *key, *reason, *pair_reason;
    enum side side;
    double open; /* the limit that excludes nothing */
    double (*value)(struct rect face, const struct face_quality *q);
} filters[FACE_FILTERS] = {
    FILTER("min_size_px", LEAST, 0, size_of),       FILTER("max_size_px", MOST, 32768, size_of),
    FILTER("min_blur", LEAST, 0, blur_of),          FILTER("min_exposure", LEAST, 0, exposure_of),
    FILTER("max_exposure", MOST, 255, exposure_of), FILTER("max_yaw_deg", MOST, 180, yaw_of),
    FILTER("max_pitch_deg", MOST, 180, pitch_of),   FILTER("max_roll_deg", MOST, 180, roll_of),
};

void face_filter_from(struct face_filter *f, const struct conf *c)
{
    int i;

    for (i = 0; i < FACE_FILTERS; i++)
        f->limit[i] = conf_real(c, filters[i].key);
}

int face_filter_check(const struct face_filter *f, struct rect face, const struct face_quality *q)
{
    int i;

    for (i = 0; i < FACE_FILTERS; i++) {
        double limit = f->limit[i], v = filters[i].value(face, q);

        if (isnan(v) ? limit != filters[i].open
                     : (filters[i].side == LEAST ? v < limit : v > limit))
            return i;
    }
    return -1;
}

const char *face_filter_reason(int index)
{
    return filters[index].reason;
}

const char *face_filter_pair_reason(int index)
{
    return filters[index].pair_reason;
}
