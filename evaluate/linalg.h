/* Dense linear algebra, row-major, on one thread: the one door to OpenBLAS. The last bits of a
 * product depend on the processor's kernels; on one machine they do not vary. */
#ifndef LP_LINALG_H
#define LP_LINALG_H

#include <stdbool.h>
#include <stddef.h>

/* c (m, n) = op(a) op(b), op(a) (m, k), op(b) (k, n); ta, tb: transposed. lda, ldb: row lengths of
 * a and b as stored. */
void linalg_multiply(bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, size_t lda,
                     const float *b, size_t ldb, float *c);
void linalg_multiply_double(bool ta, bool tb, size_t m, size_t n, size_t k, const double *a,
                            size_t lda, const double *b, size_t ldb, double *c);

/* a (n, n), symmetric positive definite, becomes its lower factor L (a = L L'); the upper part is
 * set to 0. false if it is not positive definite. */
bool linalg_cholesky(double *a, size_t n);

/* b (n, k) = (L L')^-1 b. */
void linalg_cholesky_solve(const double *l, size_t n, double *b, size_t k);

#endif
