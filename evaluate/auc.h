/*
 * Area under the ROC curve (ties count half) with its variance, frames taken as independent and
 * frames taken as clustered.
 *
 * DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44:837), by counting in one sweep as Sun & Xu
 * 2014; clusters after Obuchowski 1997 (Biometrics 53:567):
 *   V10_i = P(score_i > a real), V01_j = P(a fake > score_j), each minus A;
 *   R1_c, R0_c = their sums in cluster c; I1, I0, I = clusters with fakes, with reals, all;
 *   S10 = I1/((I1-1) M) sum R1^2, S01 = I0/((I0-1) N) sum R0^2, S11 = I/(I-1) sum R1 R0,
 *   Var(A) = S10/M + S01/N + 2 S11/(M N).
 * Crossed targets and donors: ways.h.
 */
#ifndef LP_AUC_H
#define LP_AUC_H

#include <stdbool.h>

#include "evaluate/ranked.h"
#include "evaluate/ways.h"

struct auc {
    double value; /* NaN when a class is missing */
    size_t n_pos, n_neg;
    size_t clusters, clusters_pos, clusters_neg;
    double var_iid;     /* DeLong; NaN when undefined */
    double var_cluster; /* Obuchowski; NaN with fewer than 2 clusters of a class */
    double *r10, *r01;  /* per cluster: the residual sums R1_c, R0_c; owned */
    double *m, *n;      /* per cluster: fakes, reals; owned */
    size_t n_clusters;  /* length of these four */
};

int auc_measure(const struct sample *s, struct auc *out, struct err *err) LP_MUST_CHECK;
void auc_release(struct auc *a);

/* Makes a's clustered variance, and its numbers of clusters, those of two ways; its r10 and r01 are
 * by cell. The fewer of targets and donors are counted. */
int auc_two_way(struct auc *a, const struct ways *w, struct err *err) LP_MUST_CHECK;

/* The value alone, one sweep. NaN when a class is missing. */
double auc_value(const struct sample *s);

/* Covariance of two models' AUC over the same items in the same clusters (r10 and r01 of each): the
 * cross form of Var above. NaN when undefined. */
double auc_covariance(const struct auc *a, const struct auc *b);

/* Leave-one-cluster-out values, jack[c] for each cluster (NaN where a class would be missing), from
 * the residual sums and the within-cluster areas: U_(-c) = U - N V10_c - M V01_c + U_cc. */
int auc_jackknife(const struct sample *s, const struct auc *a, double *jack,
                  struct err *err) LP_MUST_CHECK;

/* Per unit group g = group[unit]: u2[g] = twice the Mann-Whitney count among its own items, and
 * its fakes m[g] and reals n[g]. All arrays have n_groups entries. group[unit] == UINT32_MAX: the
 * unit is left out. Returns 0 or -ENOMEM. */
int auc_within(const struct sample *s, const uint32_t *group, size_t n_groups, double *u2,
               double *m, double *n, struct err *err) LP_MUST_CHECK;

#endif
