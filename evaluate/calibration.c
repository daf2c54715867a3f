#include "evaluate/calibration.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"

#define BINS 15

int calibration_sums(struct calibration *c, const struct sample *s, double threshold,
                     struct err *err)
{
    size_t i;

    *c = (struct calibration){0};
    c->items = mem_array(s->n_clusters, sizeof(double));
    c->brier = mem_array(s->n_clusters, sizeof(double));
    c->log = mem_array(s->n_clusters, sizeof(double));
    c->hit = mem_array(s->n_clusters, sizeof(double));
    if (!c->items || !c->brier || !c->log || !c->hit) {
        calibration_release(c);
        return err_nomem(err);
    }
    /* Sorted: the ends tell. */
    c->in_range = s->n && s->item[0].score >= 0 && s->item[s->n - 1].score <= 1;
    for (i = 0; i < s->n; i++) {
        double p = s->item[i].score, loss;
        uint32_t k = s->cluster[s->item[i].unit];
        uint8_t y = s->label[s->item[i].unit];

        c->items[k]++;
        c->hit[k] += (p >= threshold) == (y != 0);
        if (!c->in_range)
            continue;
        loss = (p - y) * (p - y);
        c->brier[k] += loss;
        c->brier2 += loss * loss;
        p = y ? p : 1 - p;
        loss = -log(p < DBL_EPSILON ? DBL_EPSILON : p > 1 - DBL_EPSILON ? 1 - DBL_EPSILON : p);
        c->log[k] += loss;
        c->log2 += loss * loss;
    }
    return 0;
}

void calibration_release(struct calibration *c)
{
    free(c->items);
    free(c->brier);
    free(c->log);
    free(c->hit);
    *c = (struct calibration){0};
}

double calibration_ece_width(const struct sample *s)
{
    double gap[BINS] = {0}, sum = 0;
    size_t i;
    int b;

    for (i = 0; i < s->n; i++) {
        double p = s->item[i].score;

        b = (int)(p * BINS);
        gap[b < BINS ? b : BINS - 1] += p - s->label[s->item[i].unit];
    }
    for (b = 0; b < BINS; b++)
        sum += fabs(gap[b]);
    return s->n ? sum / (double)s->n : NAN;
}

double calibration_ece_mass(const struct sample *s)
{
    size_t bins = (size_t)(cbrt((double)s->n) + 0.5), i = 0, b;
    double sum = 0;

    for (b = 1; b <= bins && i < s->n; b++) {
        size_t end = s->n * b / bins;
        double gap = 0;

        for (; i < s->n && (i < end || s->item[i].score == s->item[i - 1].score); i++)
            gap += s->item[i].score - s->label[s->item[i].unit];
        sum += fabs(gap);
    }
    return s->n ? sum / (double)s->n : NAN;
}
