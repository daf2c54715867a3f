/* Two models on the same items: is the difference of their AUC more than chance? */
#ifndef LP_PAIRS_H
#define LP_PAIRS_H

#include "evaluate/result.h"

/* Fills res->pair with every pair of models, at the frame and the video level, over the items that
 * both scored: clustered DeLong for the difference (residuals of one model minus those of the
 * other, Obuchowski's variance, Student's t), the clustered bootstrap with the same draws for both,
 * the clustered exchange of their ranks (exchange.h; not with two-way clusters, nor above
 * PAIRS_EXCHANGE_MOST frames times rounds), the power to find a difference of power_difference with
 * these clusters, and, to show what it hides, DeLong 1988 with frames as independent. Holm's and
 * Benjamini and Hochberg's corrections over the pairs of a level. */
struct pair_options {
    uint64_t seed;
    size_t replicates, permutations;
    unsigned jobs;
    double power_difference; /* of the AUC; 0 = no question of power */
};

#define PAIRS_EXCHANGE_MOST 2e9

int pairs_compare(struct result *res, const struct pair_options *o, struct err *err) LP_MUST_CHECK;

/* Corrects n p-values (NaN stays and does not count). */
void pairs_holm(const double *p, size_t n, double *out);
void pairs_benjamini_hochberg(const double *p, size_t n, double *out);

/* The items of a test: two scores, a label and a cluster each. */
struct pair_items {
    const double *a, *b;
    const uint8_t *label;
    const uint32_t *cluster;
    size_t n, n_clusters;
    const struct ways *ways; /* the clusters are its cells; NULL = one way */
};

int pairs_test(const struct pair_items *items, const struct pair_options *o,
               struct pair_result *out, struct err *err) LP_MUST_CHECK;

/* The power of a two-sided t test at 5 % when the truth is `difference` standard errors of size se
 * away, with `clusters` clusters; and the difference that is found with 80 %. */
double pairs_power(double difference, double se, double clusters);
double pairs_detectable(double se, double clusters);

#endif
