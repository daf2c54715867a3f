/* Probability distributions, the one door to GSL (whose abort-on-error handler is turned off). */
#ifndef LP_DIST_H
#define LP_DIST_H

double dist_normal_cdf(double z);
double dist_normal_quantile(double p);
/* P(|Z| > |z|) of a standard normal. */
double dist_normal_two_sided(double z);
/* Quantile of Student's t with df > 0; the normal's for df = infinity. */
double dist_t_quantile(double p, double df);
double dist_t_two_sided(double t, double df);
double dist_chi2_upper(double x, double df);
/* Upper tail and quantile of F with (df1, df2). */
double dist_f_upper(double f, double df1, double df2);
double dist_f_quantile(double p, double df1, double df2);
/* Clopper-Pearson 1934: the exact interval of k of n at confidence 1 - alpha. */
void dist_clopper_pearson(double k, double n, double alpha, double *lo, double *hi);

#endif
