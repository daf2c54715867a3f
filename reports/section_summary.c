/* The top of the page: what was judged, how well, what identity has to do with it, what to mind. */
#include <string.h>

#include "reports/html.h"
#include "reports/page.h"
#include "reports/words.h"

#define FEW_CLUSTERS                                                                               \
    30 /* below, resampling clusters undercovers (Cameron, Gelbach, Miller 2008)                   \
        */

/* Appends "12 videos" with a comma before it where needed, if n is known. */
static void amount(struct str *out, long long n, const char *noun)
{
    char number[WORDS_MAX], plural[WORDS_MAX];

    if (n < 0)
        return;
    str_addf(out, "%s<b>%s</b> %s", out->len ? ", " : "", words_count(n, number),
             words_plural(n, noun, plural));
}

static void opening(struct page *p)
{
    struct str s = STR_INIT;
    const struct model *m = p->models.n ? &p->models.model[0] : NULL;
    const char *split;

    if (m) {
        amount(&s, m->n.frames, "frame");
        amount(&s, m->n.videos, "video");
        amount(&s, m->n.components, "component");
        amount(&s, m->n.identities, "identity");
        str_addf(&p->html, "<p class=\"lead\">Judged: %zu %s", p->models.n,
                 p->models.n == 1 ? "detector" : "detectors");
        if (s.len)
            str_addf(&p->html, " on %s", s.s);
        split = jsonr_as_text(jsonr_get(p->run.metrics, "split"));
        if (split) {
            str_add(&p->html, " (split: ");
            html_text(&p->html, split);
            str_add(&p->html, ")");
        }
        str_add(&p->html, ". A component holds all videos that are tied together by a face, a "
                          "background or shared footage; it is what the intervals count.</p>\n");
    }
    str_release(&s);
    if (p->card.videos == 0)
        return;
    amount(&s, p->card.videos, "video");
    amount(&s, p->card.identities, "identity");
    amount(&s, p->card.components, "component");
    amount(&s, p->card.faces, "aligned face");
    str_addf(&p->html, "<p>The data set: %s. <a href=\"#data\">Card</a></p>\n", s.s ? s.s : "");
    str_release(&s);
}

static void tile(struct page *p, const char *name, const struct measure *m)
{
    struct str text = STR_INIT;
    char a[WORDS_MAX], b[WORDS_MAX];

    str_add(&p->html, "<div class=\"tile\"><dt>");
    html_text(&p->html, name);
    str_add(&p->html, "</dt>");
    if (m->there && m->defined) {
        str_addf(&p->html, "<dd><b>%s</b>", words_real(m->value, a));
        if (m->interval)
            str_addf(&p->html, " <span class=\"ci\">[%s, %s]</span>", words_real(m->lo, a),
                     words_real(m->hi, b));
        str_add(&p->html, "</dd>");
    } else {
        measure_text(&text, m);
        str_add(&p->html, "<dd class=\"undefined\">");
        html_text(&p->html, text.s);
        str_add(&p->html, "</dd>");
    }
    str_add(&p->html, "</div>");
    str_release(&text);
}

static void headline(struct page *p, const struct model *m)
{
    struct measure video = model_measure(m, LEVEL_VIDEO, "auc");
    struct measure eer = model_measure(m, LEVEL_VIDEO, "eer");
    struct measure frame = model_measure(m, LEVEL_FRAME, "auc");
    const char *verdict = jsonr_as_text(jsonr_get(jsonr_get(m->node, "identity"), "verdict"));

    str_add(&p->html, "<div class=\"headline\"><h3>");
    html_text(&p->html, m->name);
    str_add(&p->html, "</h3><dl>");
    tile(p, "Video AUC", &video);
    tile(p, "Video equal error rate", &eer);
    tile(p, "Frame AUC", &frame);
    str_add(&p->html, "</dl>");
    if (video.method && video.interval) {
        str_add(&p->html, "<p class=\"small\">In brackets: 95 % interval of the video AUC, ");
        html_text(&p->html, video.method);
        str_add(&p->html, ".</p>");
    }
    if (verdict) {
        str_add(&p->html, "<p><strong>Identity:</strong> ");
        html_text(&p->html, verdict);
        str_add(&p->html, " <a href=\"#identity\">Probes</a></p>");
    }
    str_add(&p->html, "</div>\n");
}

static bool has_problem(const struct jsonr *problems, const char *kind)
{
    size_t i;

    for (i = 0; i < jsonr_size(problems); i++) {
        const char *have = jsonr_as_text(jsonr_get(jsonr_at(problems, i), "kind"));

        if (have && strcmp(have, kind) == 0)
            return true;
    }
    return false;
}

/* A list opened by its first entry. */
static void entry(struct page *p, bool *open, const char *text)
{
    if (!*open)
        str_add(&p->html, "<div class=\"warning\"><h3>Mind this</h3><ul>");
    *open = true;
    str_add(&p->html, "<li>");
    html_text(&p->html, text);
    str_add(&p->html, "</li>\n");
}

/* Numbers of the headline that have no value, once a reason. */
static void undefined_entries(struct page *p, bool *open)
{
    static const char *const metrics[] = {"auc", "eer"};
    struct str text = STR_INIT;
    size_t i, k;
    int level;

    for (i = 0; i < p->models.n; i++)
        for (level = 0; level < N_LEVELS; level++)
            for (k = 0; k < sizeof(metrics) / sizeof(*metrics); k++) {
                const struct model *m = &p->models.model[i];
                struct measure one = model_measure(m, (enum model_level)level, metrics[k]);

                if (!one.there || one.defined)
                    continue;
                str_clear(&text);
                str_addf(&text, "%s: %s %s is undefined: %s.", m->name, level_names[level],
                         metric_label(metrics[k]), one.undefined);
                entry(p, open, text.s);
            }
    str_release(&text);
}

static void warnings(struct page *p)
{
    const struct jsonr *problems = jsonr_get(p->run.metrics, "problems");
    struct str text = STR_INIT;
    bool open = false;
    char n[WORDS_MAX], k[WORDS_MAX], noun[WORDS_MAX];
    size_t i;

    if (p->card.crossing > 0) {
        str_addf(&text,
                 "Leaking split: %s %s with %s videos %s seen in more than one of train, val and "
                 "test. A detector may know these people already; its numbers are not those of "
                 "unseen identities.",
                 words_count(p->card.crossing, n),
                 words_plural(p->card.crossing, "component", noun),
                 words_count(p->card.crossing_videos, k), p->card.crossing == 1 ? "is" : "are");
        entry(p, &open, text.s);
    }
    if (p->models.n && p->models.model[0].n.components >= 0 &&
        p->models.model[0].n.components < FEW_CLUSTERS && !has_problem(problems, "few-clusters")) {
        str_clear(&text);
        str_addf(&text,
                 "Few components: %lld. With fewer than %d, clustered intervals are themselves "
                 "uncertain, and usually too narrow.",
                 p->models.model[0].n.components, FEW_CLUSTERS);
        entry(p, &open, text.s);
    }
    undefined_entries(p, &open);
    for (i = 0; i < jsonr_size(problems); i++) {
        const struct jsonr *one = jsonr_at(problems, i);
        const char *words = jsonr_as_text(jsonr_get(one, "text"));

        if (!words)
            words = jsonr_as_text(one);
        if (words)
            entry(p, &open, words);
    }
    if (open)
        str_add(&p->html, "</ul></div>\n");
    str_release(&text);
}

int section_summary(struct page *p, struct err *err)
{
    size_t i;

    opening(p);
    if (!p->run.metrics)
        page_missing(p, RUN_TABLES);
    for (i = 0; i < p->models.n; i++)
        headline(p, &p->models.model[i]);
    warnings(p);
    return str_failed(&p->html) ? err_nomem(err) : 0;
}
