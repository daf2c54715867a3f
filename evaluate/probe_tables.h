/* Identity probes that count videos in cells: information, the worst identity, seen and unseen. */
#ifndef LP_PROBE_TABLES_H
#define LP_PROBE_TABLES_H

#include <stdint.h>

#include "evaluate/probe_answer.h"

/* n videos with their score, label, identity and cluster; all arrays of n but `seen`. */
struct probe_cells {
    const char *map; /* "context" or "face" */
    size_t n;
    const double *score;
    const uint8_t *label;
    const uint32_t *group, *cluster;
    size_t n_groups, n_clusters;
    const uint32_t *stratum; /* of label, method, data set and compression: identities may be
                                exchanged within one */
    size_t n_strata;
    const uint8_t *seen; /* of each group: has videos in the train split; NULL = no such split */
    double threshold;
    uint64_t seed;
    size_t permutations;
};

/* Appends mutual_information (real, fake), worst_identity_accuracy, false_alarm_spread and, with
 * `seen`, auc_seen_minus_unseen. */
int probe_tables(struct probes *out, const struct probe_cells *c, struct err *err) LP_MUST_CHECK;

/* Information of a score's bin about the group, nats: plug-in, and Miller & Madow's correction
 * (K_bins + K_groups - K_cells - 1) / (2 n), K counting what occurs. May come out below 0. `cells`
 * has n_bins * n_groups entries and is overwritten. */
double probe_information(const uint32_t *bin, size_t n_bins, const uint32_t *group, size_t n_groups,
                         size_t n, uint32_t *cells);

/* Bins of equal mass, about n^(1/3) and 2 to 8 of them, equal values never apart. Returns how many.
 * `order` is scratch of n. */
size_t probe_bins(const double *value, size_t n, uint32_t *bin, size_t *order);

#endif
