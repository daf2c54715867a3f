/*
 * The ROC curve of a sample, its points, and what is read off it.
 *
 * A curve is the list of operating points "fake if score >= threshold", from (0, 0), threshold
 * +infinity, to (1, 1): one a distinct score, in counts, so that nothing is lost to rounding.
 */
#ifndef LP_CURVE_H
#define LP_CURVE_H

#include "evaluate/ranked.h"

struct curve_point {
    double pos, neg;  /* fakes and reals at or above the threshold; counts, or weights */
    double threshold; /* the score itself; +infinity for the first */
};

struct curve {
    struct curve_point *p; /* owned */
    size_t n;              /* >= 2 */
    double n_pos, n_neg;
    double average_precision; /* read off on the way, see curve_average_precision() */
};

/* ERR_DATA when a class is missing. Points inside a vertical or level run are left out already
 * (the area and every reading stay as they were). */
int curve_make(struct curve *c, const struct sample *s, struct err *err) LP_MUST_CHECK;
void curve_release(struct curve *c);

/* Where FNR = FPR on the segment between the first point with FNR <= FPR and the one before. */
double curve_eer(const struct curve *c, double *threshold);
/* The same on the upper convex hull of the curve (ROCCH-EER). Its edges are the blocks that
 * isotonic regression would pool, so *calibrated, if wanted, is the Brier score of the best
 * monotone recalibration: sum over edges of a b / (a + b), a fakes and b reals, over all items
 * (Dimitriadis, Gneiting & Jordan 2021, PNAS 118:8). */
int curve_eer_hull(const struct curve *c, double *eer, double *calibrated,
                   struct err *err) LP_MUST_CHECK;
/* The largest TPR with FPR <= q; and TPR at FPR = q by interpolation. */
double curve_tpr_at(const struct curve *c, double q);
double curve_tpr_interpolated(const struct curve *c, double q);
/* Trapezoid area over FPR in [0, q]; and McClish 1989: scaled so that chance is 0.5, perfect 1. */
double curve_partial_area(const struct curve *c, double q);
double curve_mcclish(double area, double q);

/* Average precision: sum over distinct scores, from the top, of (R_k - R_(k-1)) P_k. */
double curve_average_precision(const struct sample *s);

/* Reduces the curve to at most `limit` points (>= 2), keeping those that deviate most from the
 * straight line between kept ones; the trapezoid area changes by less than 1e-3 even at 100. */
void curve_reduce(struct curve *c, size_t limit);

#endif
