#include "evaluate/dist.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

/* GSL calls abort() on a domain error unless told not to. Doing so at every entry costs nothing
 * beside the function itself and leaves no order of calls to get wrong. */
static void quiet(void)
{
    gsl_set_error_handler_off();
}

double dist_normal_cdf(double z)
{
    return 0.5 * erfc(-z * M_SQRT1_2);
}

double dist_normal_quantile(double p)
{
    quiet();
    return p > 0 && p < 1 ? gsl_cdf_ugaussian_Pinv(p)
           : p == 0       ? -INFINITY
           : p == 1       ? INFINITY
                          : NAN;
}

double dist_normal_two_sided(double z)
{
    return erfc(fabs(z) * M_SQRT1_2);
}

double dist_t_quantile(double p, double df)
{
    quiet();
    return df > 1e9 ? dist_normal_quantile(p) : gsl_cdf_tdist_Pinv(p, df);
}

double dist_t_two_sided(double t, double df)
{
    quiet();
    return df > 1e9 ? dist_normal_two_sided(t) : 2 * gsl_cdf_tdist_Q(fabs(t), df);
}

double dist_chi2_upper(double x, double df)
{
    quiet();
    return gsl_cdf_chisq_Q(x, df);
}

double dist_f_upper(double f, double df1, double df2)
{
    quiet();
    return gsl_cdf_fdist_Q(f, df1, df2);
}

double dist_f_quantile(double p, double df1, double df2)
{
    quiet();
    return gsl_cdf_fdist_Pinv(p, df1, df2);
}

void dist_clopper_pearson(double k, double n, double alpha, double *lo, double *hi)
{
    quiet();
    *lo = k > 0 ? gsl_cdf_beta_Pinv(alpha / 2, k, n - k + 1) : 0;
    *hi = k < n ? gsl_cdf_beta_Qinv(alpha / 2, k + 1, n - k) : 1;
}
