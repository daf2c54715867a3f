#include <math.h>
#include <stdlib.h>

#include "evaluate/dist.h"
#include "evaluate/probe_scores.h"
#include "lib/mem.h"

int probe_within(const struct sample *s, const uint32_t *group, size_t n_groups, struct within *out,
                 struct err *err)
{
    double *u2 = mem_array(n_groups, sizeof(*u2)), *m = mem_array(n_groups, sizeof(*m));
    double *n = mem_array(n_groups, sizeof(*n)), M = (double)s->n_pos, N = (double)s->n_neg;
    double u = 0, pairs = 0, cases = 0, sum = 0;
    size_t g;
    int r;

    *out = (struct within){NAN, NAN, NAN, NAN, 0};
    r = u2 && m && n ? auc_within(s, group, n_groups, u2, m, n, err) : err_nomem(err);
    for (g = 0; !r && g < n_groups; g++) {
        if (m[g] == 0 || n[g] == 0)
            continue;
        u += u2[g] / 2;
        pairs += m[g] * n[g];
        cases += m[g];
        sum += u2[g] / 2 / n[g];
        out->groups++;
    }
    if (!r && M * N > 0) {
        out->pair_share = pairs / (M * N);
        if (pairs > 0) {
            out->within = u / pairs;
            out->case_weighted = sum / cases;
        }
        if (M * N > pairs)
            out->between = (auc_value(s) * M * N - u) / (M * N - pairs);
    }
    free(u2);
    free(m);
    free(n);
    return r;
}

int probe_explained(const struct sample *s, const uint32_t *group, size_t n_groups, double *auc,
                    struct err *err)
{
    double *fake = mem_array(n_groups, sizeof(*fake)), *all = mem_array(n_groups, sizeof(*all));
    double below = 0, u = 0, p_sum = 0, q_sum = 0;
    size_t i, j;

    *auc = NAN;
    if (!fake || !all) {
        free(fake);
        free(all);
        return err_nomem(err);
    }
    for (i = 0; i < s->n; i++) {
        uint32_t unit = s->item[i].unit;

        all[group[unit]]++;
        fake[group[unit]] += s->label[unit] != 0;
    }
    for (i = 0; i < s->n; i = j) {
        double p = 0, q = 0;

        for (j = i; j < s->n && s->item[j].score == s->item[i].score; j++) {
            uint32_t g = group[s->item[j].unit];

            p += fake[g] / all[g];
            q += 1 - fake[g] / all[g];
        }
        u += p * (below + q / 2);
        below += q;
        p_sum += p;
        q_sum += q;
    }
    if (p_sum > 0 && q_sum > 0)
        *auc = u / (p_sum * q_sum);
    free(fake);
    free(all);
    return 0;
}

int probe_anova(const double *value, const uint32_t *group, size_t n, size_t n_groups,
                struct anova *out, struct err *err)
{
    double *sum = mem_array(n_groups, sizeof(*sum)), *count = mem_array(n_groups, sizeof(*count));
    double mean = 0, ssb = 0, ssw = 0, squares = 0, k = 0, N = (double)n, msb, msw, fl, fu;
    size_t i;

    *out = (struct anova){n, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!sum || !count) {
        free(sum);
        free(count);
        return err_nomem(err);
    }
    for (i = 0; i < n; i++) {
        sum[group[i]] += value[i];
        count[group[i]]++;
        mean += value[i];
    }
    mean /= N;
    for (i = 0; i < n_groups; i++)
        if (count[i] > 0) {
            double d = sum[i] / count[i] - mean;

            ssb += count[i] * d * d;
            squares += count[i] * count[i];
            k++;
        }
    for (i = 0; i < n; i++) {
        double d = value[i] - sum[group[i]] / count[group[i]];

        ssw += d * d;
    }
    free(sum);
    free(count);
    out->groups = (size_t)k;
    if (k < 2 || N - k < 1 || ssb + ssw <= 0)
        return 0;
    msb = ssb / (k - 1);
    msw = ssw / (N - k);
    out->n0 = (N - squares / N) / (k - 1);
    out->eta2 = ssb / (ssb + ssw);
    out->omega2 = (ssb - (k - 1) * msw) / (ssb + ssw + msw);
    out->icc = (msb - msw) / (msb + (out->n0 - 1) * msw);
    if (msw <= 0)
        return 0;
    out->f = msb / msw;
    out->p = dist_f_upper(out->f, k - 1, N - k);
    fl = out->f / dist_f_quantile(0.975, k - 1, N - k);
    fu = out->f / dist_f_quantile(0.025, k - 1, N - k);
    out->lo = (fl - 1) / (fl + out->n0 - 1);
    out->hi = (fu - 1) / (fu + out->n0 - 1);
    return 0;
}
