#include "evaluate/calibration.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "lib/mem.h"

#define BINS 15

int calibration_sums(struct calibration *c, const struct sample *s, struct err *err)
{
    double last[2] = {-1, -1}, last_log[2] = {0, 0};
    size_t i;

    *c = (struct calibration){0};
    c->brier = mem_array(s->n_clusters, sizeof(double));
    c->log = mem_array(s->n_clusters, sizeof(double));
    if (!c->brier || !c->log) {
        calibration_release(c);
        return err_nomem(err);
    }
    /* Sorted: the ends tell. */
    c->in_range = s->n && s->item[0].score >= 0 && s->item[s->n - 1].score <= 1;
    for (i = 0; c->in_range && i < s->n; i++) {
        double p = s->item[i].score, loss;
        uint32_t k = s->cluster[s->item[i].unit];
        uint8_t y = s->label[s->item[i].unit];

        loss = (p - y) * (p - y);
        c->brier[k] += loss;
        c->brier2 += loss * loss;
        if (p != last[y]) { /* sorted: equal scores follow each other */
            double truth = y ? p : 1 - p;

            last[y] = p;
            last_log[y] = -log(truth < DBL_EPSILON       ? DBL_EPSILON
                               : truth > 1 - DBL_EPSILON ? 1 - DBL_EPSILON
                                                         : truth);
        }
        loss = last_log[y];
        c->log[k] += loss;
        c->log2 += loss * loss;
    }
    return 0;
}

void calibration_release(struct calibration *c)
{
    free(c->brier);
    free(c->log);
    *c = (struct calibration){0};
}

/* Both in one sweep: items come in the order of their scores, so bins of either kind are runs. */
void calibration_ece(const struct sample *s, double *width, double *mass)
{
    size_t bins = (size_t)(cbrt((double)s->n) + 0.5), b = 1, end = bins ? s->n / bins : 0, i;
    double gap[BINS] = {0}, run = 0, sum = 0, all = 0;
    int k;

    for (i = 0; i < s->n; i++) {
        double p = s->item[i].score, e = p - s->label[s->item[i].unit];

        /* The run ends where its share of the items is used up and the score changes. */
        while (i >= end && b < bins && (i == 0 || p != s->item[i - 1].score)) {
            all += fabs(run);
            run = 0;
            b++;
            end = s->n * b / bins;
        }
        run += e;
        k = (int)(p * BINS);
        gap[k < BINS ? k : BINS - 1] += e;
    }
    all += fabs(run);
    for (k = 0; k < BINS; k++)
        sum += fabs(gap[k]);
    *width = s->n ? sum / (double)s->n : NAN;
    *mass = s->n ? all / (double)s->n : NAN;
}
