#include "evaluate/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* Significant at 5 % by the limits or, if there are none, by p. */
static bool off_chance(const struct probe *p, int *sign)
{
    if (!p || isnan(p->value) || isnan(p->chance))
        return false;
    *sign = p->value > p->chance ? 1 : -1;
    if (!isnan(p->p))
        return p->p < 0.05;
    return !isnan(p->lo) && (p->lo > p->chance || p->hi < p->chance);
}

static void clause(struct str *s, const char *words)
{
    str_addf(s, "%s%s", s->len ? "; " : "", words);
}

static bool defined(const struct probe *p)
{
    return p && !isnan(p->value);
}

/* The first answer of a name that is defined, under any map. */
static const struct probe *answer(const struct probes *t, const char *name, const char *label)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        if (!strcmp(t->p[i].name, name) && (!label || !strcmp(t->p[i].label, label)) &&
            defined(&t->p[i]))
            return &t->p[i];
    return NULL;
}

void verdict_write(struct model_result *m, const struct result *r, const char *split)
{
    const struct probes *t = &m->probes;
    const struct probe *gap = answer(t, "auc_gap", NULL), *icc = answer(t, "icc", "real");
    const struct probe *donor = answer(t, "donor_carry_over", NULL);
    const struct probe *linear = answer(t, "linear_probe_selectivity", NULL);
    const struct probe *knn = answer(t, "retrieval_rank1", NULL);
    const struct probe *swaps = answer(t, "donor_variance", NULL);
    const struct probe *erased = answer(t, "erasure_auc_change", NULL);
    const struct probe *part = answer(t, "score_identity_auc", NULL);
    struct str s = STR_INIT;
    char text[200];
    int sign;

    snprintf(m->protocol, sizeof(m->protocol),
             "video scores (mean of frames), split %s; identity by context (whose video it is) and "
             "by face (whose face is seen); limits from %zu draws of %zu clusters by %s; features "
             "split by %s",
             r->split, r->replicates, m->video.clusters, cluster_name(r->clusters.by), split);
    if (off_chance(gap, &sign)) {
        snprintf(text, sizeof(text),
                 sign > 0 ? "identity acts as noise: fakes and reals of one person are told apart "
                            "better (by %.3f AUC) than those of different people"
                          : "identity acts as evidence: fakes and reals of different people are "
                            "told apart better (by %.3f AUC) than those of one person",
                 fabs(gap->value));
        clause(&s, text);
    }
    if (off_chance(icc, &sign) && sign > 0) {
        snprintf(text, sizeof(text), "%.0f %% of the spread of real videos' scores is identity",
                 100 * icc->value);
        clause(&s, text);
    }
    if (off_chance(donor, &sign)) {
        snprintf(text, sizeof(text), "the donor's face carries its score into a swap (slope %.2f)",
                 donor->value);
        clause(&s, text);
    }
    if (off_chance(swaps, &sign) && sign > 0) {
        snprintf(text, sizeof(text),
                 "%.0f %% of the spread of swaps' scores is whose face came over, whatever video "
                 "it went into",
                 100 * swaps->value);
        clause(&s, text);
    }
    if (off_chance(linear, &sign) && sign > 0) {
        snprintf(text, sizeof(text),
                 "a linear probe reads the identity from the features (selectivity %.3f)",
                 linear->value);
        clause(&s, text);
    }
    if (off_chance(knn, &sign) && sign > 0) {
        snprintf(text, sizeof(text),
                 "the nearest neighbour in feature space is of the same person in %.0f %% of "
                 "frames (chance %.0f %%)",
                 100 * knn->value, 100 * knn->chance);
        clause(&s, text);
    }
    if (off_chance(erased, &sign)) {
        snprintf(text, sizeof(text),
                 "erasing identity from the features changes real/fake AUC by %+.3f (%+.3f when "
                 "shuffled identities go)",
                 erased->value, erased->chance);
        clause(&s, text);
    }
    if (off_chance(part, &sign) && sign > 0) {
        snprintf(text, sizeof(text),
                 "the identity directions of the last layer alone detect with AUC %.3f (random "
                 "ones %.3f)",
                 part->value, part->chance);
        clause(&s, text);
    }
    if (!s.len) {
        if (gap || icc || donor || linear || knn)
            clause(&s,
                   "no identity leakage shown at the 5 % level by the probes that could be run");
        else
            clause(&s, "undecided: too few identities with enough videos for any probe");
    }
    if (m->video.clusters < 30)
        clause(&s, "fewer than 30 clusters: a small effect would go unseen");
    snprintf(m->verdict, sizeof(m->verdict), "%s", s.s ? s.s : "");
    str_release(&s);
}
