/*
 * Gradient-domain pasting (Perez, Gangnet, Blake, "Poisson Image Editing", SIGGRAPH 2003, the
 * seamless cloning of section 3) of pixel-aligned pictures, so there is no centre to get wrong.
 *
 * The equation, per channel, for every pixel p of the mask with its four neighbours q:
 *
 *     sum_q (u_p - u_q) = sum_q (fg_p - fg_q),      u = bg on every pixel outside of the mask.
 *
 * It is solved as u = fg + v, where v is discrete-harmonic in the mask and bg - fg outside of it.
 * Nothing outside the mask changes. (OpenCV's seamlessClone instead solves over the mask's
 * bounding rectangle with bg's gradient outside of the mask, which leaks colour around it.)
 *
 * Solver: conjugate gradients in 32-bit floats, preconditioned by one multigrid V cycle (red-black
 * Gauss-Seidel), started from a nested guess, until the largest residual of the discrete equation
 * is below POISSON_RESIDUAL grey levels. Plain arithmetic in a fixed order: the same bytes on any
 * processor.
 */
#ifndef LP_SWAP_POISSON_H
#define LP_SWAP_POISSON_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"
#include "swap/kernels.h"

#define POISSON_RESIDUAL 9e-4 /* grey levels */
#define POISSON_LEVELS   10

/* Where the free points of a row lie, in entries of its two colours; multiples of 8. */
struct poisson_span {
    int from, n;
};

struct poisson_level {
    int w, h;   /* points, the fixed ring included */
    int stride; /* floats a row of one colour; see poisson.c */
    float *v, *f, *r;
    float *diagonal;           /* of the stencil; 4, more beside a near edge, 0 on fixed points */
    float *inverse;            /* of the diagonal; 0 on fixed points */
    struct poisson_span *span; /* h of them */
};

/* Scratch; zero-initialise, reuse, poisson_release(). One a worker. */
struct poisson {
    struct poisson_level level[POISSON_LEVELS];
    int levels;
    float *x, *step; /* solution and search direction on level 0 */
    float *memory;
    size_t capacity;
    struct poisson_span *spans;
    size_t spans_cap;
    double residual; /* of the last blend: largest over pixels and channels */
    int cycles;      /* iterations of the last blend, most over the channels */
};

/*
 * out = bg with fg cloned where mask is not 0, rounded and clipped to 0..255. All of one shape
 * (mask 1 channel, the others 3); out may be bg. `area`: a rectangle that holds all of the
 * mask's non-zero pixels (nothing else is looked at). Mask pixels on the outermost ring of the
 * picture count as outside.
 */
int poisson_blend(struct poisson *p, const struct swap_ops *ops, struct image *out,
                  const struct image *fg, const struct image *bg, const struct image *mask,
                  struct rect area, struct err *err) LP_MUST_CHECK;

void poisson_release(struct poisson *p);

#endif
