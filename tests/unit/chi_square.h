/* Pearson's chi-square of counts against what probabilities make of them. */
#ifndef LP_TESTS_UNIT_CHI_SQUARE_H
#define LP_TESTS_UNIT_CHI_SQUARE_H

#include <math.h>

/* Hits of a probability: one degree of freedom, above 10.83 at p = 0.001. */
static inline double chi_square(int hits, double p, int total)
{
    return pow(hits - p * total, 2) / (p * total) +
           pow(total - hits - (1 - p) * total, 2) / ((1 - p) * total);
}

/* Standard deviations by which the chi-square of even counts is off its mean, n - 1 (Wilson and
 * Hilferty's cube root); above 3.09 at p = 0.001. */
static inline double chi_square_even(const int *count, int n)
{
    double sum = 0, chi = 0, v = 2.0 / (9 * (n - 1));
    int i;

    for (i = 0; i < n; i++)
        sum += count[i];
    for (i = 0; i < n; i++)
        chi += pow(count[i] - sum / n, 2) / (sum / n);
    return (cbrt(chi / (n - 1)) - (1 - v)) / sqrt(v);
}

#endif
