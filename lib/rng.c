#include "lib/rng.h"

#include <math.h>

#include "lib/hash.h"

void rng_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    int i;

    for (i = 0; i < 10; i++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;

        c0 = n0;
        c1 = (uint32_t)p1;
        c2 = n2;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void rng_init(struct rng *r, uint64_t seed, uint32_t epoch, const char *id, const char *purpose)
{
    /* The purpose is turned before it is mixed in, so that (a, b) and (b, a) differ. */
    uint64_t p = hash_name(purpose);
    uint64_t name = hash_name(id) ^ (p << 23 | p >> 41);

    r->key[0] = (uint32_t)seed;
    r->key[1] = (uint32_t)(seed >> 32);
    r->counter[0] = 0;
    r->counter[1] = epoch;
    r->counter[2] = (uint32_t)name;
    r->counter[3] = (uint32_t)(name >> 32);
    r->left = 0;
}

uint32_t rng_u32(struct rng *r)
{
    if (r->left == 0) {
        rng_philox4x32_10(r->counter, r->key, r->block);
        r->counter[0]++;
        r->left = 4;
    }
    return r->block[--r->left];
}

double rng_uniform(struct rng *r)
{
    uint64_t hi = rng_u32(r) >> 5, lo = rng_u32(r) >> 6;

    return (double)(hi << 26 | lo) * 0x1p-53;
}

double rng_range(struct rng *r, double lo, double hi)
{
    return lo + (hi - lo) * rng_uniform(r);
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    /* Lemire, "Fast random integer generation in an interval", 2019. */
    uint64_t m = (uint64_t)rng_u32(r) * n;

    if ((uint32_t)m < n) {
        uint32_t least = -n % n;

        while ((uint32_t)m < least)
            m = (uint64_t)rng_u32(r) * n;
    }
    return (uint32_t)(m >> 32);
}

double rng_normal(struct rng *r)
{
    double u = 1.0 - rng_uniform(r), v = rng_uniform(r);

    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}
