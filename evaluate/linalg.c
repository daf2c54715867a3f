#include "evaluate/linalg.h"

#include <math.h>

#include <cblas.h>

static void one_thread(void)
{
    openblas_set_num_threads(1);
}

void linalg_multiply(bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, size_t lda,
                     const float *b, size_t ldb, float *c)
{
    one_thread();
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
                (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)lda, b, (blasint)ldb, 0, c,
                (blasint)n);
}

void linalg_multiply_double(bool ta, bool tb, size_t m, size_t n, size_t k, const double *a,
                            size_t lda, const double *b, size_t ldb, double *c)
{
    one_thread();
    cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
                (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)lda, b, (blasint)ldb, 0, c,
                (blasint)n);
}

bool linalg_cholesky(double *a, size_t n)
{
    size_t i, j;

    one_thread();
    for (j = 0; j < n; j++) {
        double *row = a + j * n;
        double d = row[j] - cblas_ddot((blasint)j, row, 1, row, 1);

        if (!(d > 0))
            return false;
        row[j] = sqrt(d);
        for (i = j + 1; i < n; i++)
            a[i * n + j] = (a[i * n + j] - cblas_ddot((blasint)j, a + i * n, 1, row, 1)) / row[j];
        for (i = j + 1; i < n; i++)
            row[i] = 0;
    }
    return true;
}

void linalg_cholesky_solve(const double *l, size_t n, double *b, size_t k)
{
    one_thread();
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (blasint)n,
                (blasint)k, 1, l, (blasint)n, b, (blasint)k);
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, (blasint)n,
                (blasint)k, 1, l, (blasint)n, b, (blasint)k);
}
