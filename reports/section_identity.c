/* What the detector knows of who is in the picture; and models against each other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/html.h"
#include "reports/page.h"
#include "reports/words.h"

static void number_cell(struct page *p, double value, bool probability)
{
    char text[WORDS_MAX];

    if (isnan(value))
        str_add(&p->html, "<td class=\"n\">-</td>");
    else
        str_addf(&p->html, "<td class=\"n\">%s</td>",
                 probability ? (value < 0.001 ? "&lt; 0.001" : words_p(value, text))
                             : words_real(value, text));
}

static void count_cell(struct page *p, double n)
{
    if (isnan(n))
        str_add(&p->html, "<td class=\"n\">-</td>");
    else
        html_count(&p->html, (long long)n);
}

/* lp-evaluate's names in words; others are shown as they are, without underscores. */
static const struct probe_words {
    const char *name, *words;
} probe_table_words[] = {
    {"auc_within", "AUC within identities"},
    {"auc_between", "AUC between identities"},
    {"auc_gap", "Within minus between"},
    {"pair_2afc", "Fake against real of the same identity"},
    {"auc_identity_explained", "AUC that identity alone explains"},
    {"detection_given_identity", "Detection given identity"},
    {"auc_identity_memory", "AUC of a memory of identities"},
    {"icc", "Variance share of identity, ICC(1)"},
    {"donor_carry_over", "Carry-over from the face donor"},
    {"context_carry_over", "Carry-over from the target video"},
    {"donor_variance", "Variance share of the face donor"},
    {"target_variance", "Variance share of the target video"},
    {"mutual_information", "Information of scores on identity"},
    {"worst_identity_accuracy", "Accuracy on the worst identity"},
    {"false_alarm_spread", "Spread of false alarms over identities"},
    {"auc_seen_minus_unseen", "AUC on seen minus unseen people"},
    {"linear_probe_accuracy", "Linear identity probe, accuracy"},
    {"linear_probe_control", "Linear probe on dealt identities"},
    {"linear_probe_selectivity", "Linear probe, selectivity"},
    {"identity_information", "Identity information in features"},
    {"retrieval_rank1", "Retrieval of the identity, rank 1"},
    {"verification_auc", "Verification of the identity, AUC"},
    {"erasure_auc_change", "AUC change when identity is erased"},
};

static void probe_name(struct str *out, const char *name)
{
    size_t i;

    for (i = 0; name && i < sizeof(probe_table_words) / sizeof(*probe_table_words); i++)
        if (strcmp(probe_table_words[i].name, name) == 0) {
            str_add(out, probe_table_words[i].words);
            return;
        }
    words_of_key(out, name ? name : "?");
}

static void probe_row(struct page *p, const struct manifest_row *row)
{
    const char *about = run_cell(row, "about");
    struct measure m = measure_make(run_number(row, "value"), run_number(row, "lo"),
                                    run_number(row, "hi"), run_cell(row, "undefined"));
    struct str name = STR_INIT;

    str_add(&p->html, "<tr>");
    probe_name(&name, run_cell(row, "probe"));
    str_add(&p->html, "<th scope=\"row\">");
    html_text(&p->html, name.s);
    if (about) {
        str_add(&p->html, "<small>");
        html_text(&p->html, about);
        str_add(&p->html, "</small>");
    }
    str_add(&p->html, "</th>");
    html_cell(&p->html, run_cell(row, "identity"));
    html_cell(&p->html, run_cell(row, "label"));
    measure_cell(&p->html, &m, NULL);
    number_cell(p, run_number(row, "chance"), false);
    number_cell(p, run_number(row, "p"), true);
    count_cell(p, run_number(row, "n"));
    html_cell(&p->html, run_cell(row, "unit"));
    count_cell(p, run_number(row, "identities"));
    str_add(&p->html, "</tr>\n");
    str_release(&name);
}

static int probe_table(struct page *p, struct err *err)
{
    static const char *const head[] = {"Probe", "Identity of", "Class", "Value [95 %]", "#No leak",
                                       "#p",    "#n",          "of",    "#Identities",  NULL};
    const struct manifest *m = &p->run.table[RUN_PROBES].m;
    struct manifest_row row = {0};
    struct str model = STR_INIT;
    size_t i;
    int r = 0;

    for (i = 0; !r && i < m->n_rows; i++) {
        const char *name;

        r = manifest_read(m, i, &row, err);
        if (r)
            break;
        name = run_cell(&row, "model");
        if (i == 0 || strcmp(model.s, name ? name : "") != 0) {
            if (i > 0) {
                str_add(&p->html, "</tbody>");
                html_table_end(&p->html);
            }
            str_clear(&model);
            str_add(&model, name ? name : "");
            if (str_failed(&model)) {
                r = err_nomem(err);
                break;
            }
            str_add(&p->html, "<h3>Probes: ");
            html_text(&p->html, model.s);
            str_add(&p->html, "</h3>\n");
            html_table(&p->html, "Identity probes");
            html_head(&p->html, head);
            str_add(&p->html, "<tbody>");
        }
        probe_row(p, &row);
    }
    if (m->n_rows > 0) {
        str_add(&p->html, "</tbody>");
        html_table_end(&p->html);
        str_add(&p->html, "<p class=\"small\">\xe2\x80\x9cNo leak\xe2\x80\x9d is the value that "
                          "scores or features without any trace of identity would give.</p>\n");
    } else {
        html_note(&p->html, "missing", "probes.tsv holds no probe.");
    }
    manifest_row_release(&row);
    str_release(&model);
    return r;
}

int section_identity(struct page *p, struct err *err)
{
    char name[64];
    size_t i;
    int r = 0;

    str_add(&p->html, "<p>A detector that is trained only on real and fake may learn who is in the "
                      "picture and lean on it (implicit identity leakage, Dong et al., CVPR 2023). "
                      "It then does well on people it has seen and badly on others. The probes ask "
                      "its scores, and its features where given, what they tell about "
                      "identity.</p>\n");
    for (i = 0; i < p->models.n; i++) {
        const struct jsonr *node = p->models.model[i].node;
        const char *protocol = jsonr_as_text(jsonr_get(jsonr_get(node, "identity"), "protocol"));

        if (!protocol)
            continue;
        str_add(&p->html, "<p class=\"small\"><strong>Protocol, ");
        html_text(&p->html, p->models.model[i].name);
        str_add(&p->html, ":</strong> ");
        html_text(&p->html, protocol);
        str_add(&p->html, "</p>\n");
    }
    if (p->figures.n) {
        str_add(&p->html, "<div class=\"figures\">\n");
        for (i = 0; i < FIGURE_MODELS; i++) {
            snprintf(name, sizeof(name), "identity-%zu", i + 1);
            page_figure(p, name);
        }
        str_add(&p->html, "</div>\n");
    }
    if (!p->run.table[RUN_PROBES].there)
        page_missing(p, RUN_PROBES);
    else
        r = probe_table(p, err);
    if (!r && str_failed(&p->html))
        r = err_nomem(err);
    return r;
}

/* ---- models against each other ---------------------------------------------------------------*/

static void pair_row(struct page *p, const struct manifest_row *row)
{
    struct measure m = measure_make(run_number(row, "difference"), run_number(row, "lo"),
                                    run_number(row, "hi"), run_cell(row, "undefined"));
    str_add(&p->html, "<tr>");
    html_row_name(&p->html, run_cell(row, "a"));
    html_cell(&p->html, run_cell(row, "b"));
    html_cell(&p->html, run_cell(row, "level"));
    number_cell(p, run_number(row, "auc_a"), false);
    number_cell(p, run_number(row, "auc_b"), false);
    measure_cell(&p->html, &m, NULL);
    number_cell(p, run_number(row, "p"), true);
    number_cell(p, run_number(row, "p_holm"), true);
    number_cell(p, run_number(row, "p_exchange"), true);
    number_cell(p, run_number(row, "detectable_80"), false);
    count_cell(p, run_number(row, "n"));
    count_cell(p, run_number(row, "clusters"));
    str_add(&p->html, "</tr>\n");
}

int section_pairs(struct page *p, struct err *err)
{
    static const char *const head[] = {
        "A",  "B",        "Level",        "#AUC A",         "#AUC B", "A \xe2\x88\x92 B [95 %]",
        "#p", "#p, Holm", "#p, exchange", "#Found in 80 %", "#n",     "#clusters",
        NULL};
    const struct run_table *t = &p->run.table[RUN_PAIRS];
    struct manifest_row row = {0};
    size_t i;
    int r = 0;

    if (p->models.n < 2) {
        html_note(&p->html, "note",
                  p->models.n ? "One detector was judged. Give lp-evaluate two or more score files "
                                "to compare them on the same frames."
                              : "No detector was judged.");
        return 0;
    }
    if (!t->there) {
        page_missing(p, RUN_PAIRS);
        return 0;
    }
    str_add(&p->html, "<p>Two detectors on the same videos, so the difference is paired: what is "
                      "hard for both does not count.</p>\n<div class=\"figures\">\n");
    page_figure(p, "pairs");
    str_add(&p->html, "</div>\n");
    html_table(&p->html, "Paired comparisons");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (i = 0; !r && i < t->m.n_rows; i++) {
        r = manifest_read(&t->m, i, &row, err);
        if (!r)
            pair_row(p, &row);
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
    str_add(&p->html, "<p class=\"small\">p: of no difference, clustered by component. Holm's "
                      "correction is over all pairs of a level. Exchange: by swapping the "
                      "models' ranks within whole clusters. Found in 80 %: the difference that a "
                      "test of this size would find in 80 of 100 cases; smaller ones that are not "
                      "found mean little.</p>\n");
    manifest_row_release(&row);
    return r ? r : str_failed(&p->html) ? err_nomem(err) : 0;
}
