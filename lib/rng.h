/*
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy
 * as 1, 2, 3", SC'11). A stream is a pure function of (seed, epoch, id, purpose), so a sample is
 * the same at any -j, in any shard, in any order.
 */
#ifndef LP_RNG_H
#define LP_RNG_H

#include <stdint.h>

struct rng {
    uint32_t key[2];
    uint32_t counter[4]; /* [0] counts blocks of four numbers within the stream */
    uint32_t block[4];
    int left; /* numbers of block not yet given out */
};

/* Key = seed; counter = (0, epoch, hash_name(id) ^ mixed purpose). Two purposes of one id, two ids,
 * two epochs and two seeds give independent streams. `purpose` is a short literal such as "mask".
 */
void rng_init(struct rng *r, uint64_t seed, uint32_t epoch, const char *id, const char *purpose);

uint32_t rng_u32(struct rng *r);

/* Uniform in [0, 1), 53 bits. */
double rng_uniform(struct rng *r);

/* Uniform in [lo, hi). */
double rng_range(struct rng *r, double lo, double hi);

/* Uniform integer in [0, n), without bias; n > 0. */
uint32_t rng_below(struct rng *r, uint32_t n);

/* Standard normal (Box-Muller, one number a call: no hidden state). */
double rng_normal(struct rng *r);

/* The raw function, for the published test vectors. */
void rng_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
