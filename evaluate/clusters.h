/*
 * Which videos hang together, so that an interval counts people and not frames.
 */
#ifndef LP_CLUSTERS_H
#define LP_CLUSTERS_H

#include "evaluate/dataset.h"
#include "evaluate/ways.h"

enum cluster_by {
    CLUSTER_AUTO, /* component if known, else identity, else video */
    CLUSTER_COMPONENT,
    CLUSTER_IDENTITY, /* connected components over face_id and context_id of the videos at hand */
    CLUSTER_FACE,
    CLUSTER_CONTEXT,
    CLUSTER_VIDEO,
    CLUSTER_TWO_WAY /* target and donor, see ways.h; a cluster is then a cell */
};

struct clusters {
    uint32_t *of; /* of each video: 0 .. n - 1; owned */
    size_t n;
    struct ways ways;   /* with TWO_WAY; else no cells */
    enum cluster_by by; /* never AUTO */
    size_t single;      /* used videos of which the field was missing: each its own cluster */
};

/* Clusters all videos of d. `use` (of each video) decides what AUTO looks at: a field is known if
 * at least 9 of 10 used videos have it. When components are known but one of them holds more than
 * half of the videos (Celeb-DF: everybody is swapped with everybody), and targets and donors are
 * known and differ, AUTO takes TWO_WAY. Identities of different data sets are different. */
int clusters_make(struct clusters *c, const struct dataset *d, const uint8_t *use,
                  enum cluster_by by, struct err *err) LP_MUST_CHECK;
void clusters_release(struct clusters *c);

/* The ways, or NULL with clusters of one kind. */
static inline const struct ways *clusters_ways(const struct clusters *c)
{
    return c->by == CLUSTER_TWO_WAY ? &c->ways : NULL;
}

/* Are targets and donors known (9 of 10), and different for some video? */
bool clusters_are_crossed(const struct dataset *d, const uint8_t *use);

/* "component", ... and what it means in a sentence's end. */
const char *cluster_name(enum cluster_by by);

#endif
