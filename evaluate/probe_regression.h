/* S5: does the donor's face carry its score into a fake? */
#ifndef LP_PROBE_REGRESSION_H
#define LP_PROBE_REGRESSION_H

#include "evaluate/result.h"

/* Over the fakes whose face and context are of different identities, both of which have real
 * videos: z(fake) = b0 + b1 z(real of the context) + b2 z(real of the face), z = logit of the video
 * score (the score itself if any lies outside (0, 1)). b1 is carry-over of the scene, b2 that of
 * the face: identity leakage proper. Standard errors robust to clusters (Liang & Zeger 1986, with
 * the G/(G-1) (n-1)/(n-3) correction), t with G - 1 degrees of freedom. Appends two probes. */
int probe_regression(const struct result *res, struct probes *out, const uint32_t *video,
                     const double *score, size_t n, struct err *err) LP_MUST_CHECK;

/* The fit: n rows of (y, x1, x2) in clusters. false when it is not determined. */
struct regression {
    double b[3], se[3];
    size_t clusters;
};
bool regression_fit(const double (*row)[3], const uint32_t *cluster, size_t n, size_t n_clusters,
                    struct regression *out);

#endif
