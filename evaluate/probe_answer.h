/* One answer of an identity probe, with the value it should have if there were no leak. */
#ifndef LP_PROBE_ANSWER_H
#define LP_PROBE_ANSWER_H

#include <stddef.h>

#include "lib/err.h"

struct probe {
    const char *name;       /* "auc_within"; a literal */
    const char *map;        /* "context", "face", "component": whose identity */
    const char *label;      /* "real", "fake", or "" */
    const char *unit;       /* what n counts: "videos", "pairs", "frames" */
    const char *value_unit; /* "nats"; NULL = a bare number */
    double value;           /* NaN = undefined */
    double lo, hi;          /* 95 %; NaN = none */
    double chance;          /* the value without identity in the scores or features; NaN = none */
    double p;               /* of the null that there is none; NaN = not tested */
    size_t n, identities;
    char undefined[120]; /* why, when value is NaN */
    char about[240];     /* protocol: how it was made */
};

struct probes {
    struct probe *p;
    size_t n, cap;
};

/* Appends an undefined probe to be filled; NULL when memory is out. Invalid after the next call. */
struct probe *probe_add(struct probes *t, const char *name, const char *map, const char *label,
                        const char *unit);

/* The first of that name and map (NULL = any), or NULL. */
const struct probe *probe_find(const struct probes *t, const char *name, const char *map);

void probe_undefined(struct probe *p, const char *fmt, ...) LP_PRINTF(2, 3);
void probe_about(struct probe *p, const char *fmt, ...) LP_PRINTF(2, 3);
void probes_release(struct probes *t);

#endif
