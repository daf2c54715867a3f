/* The data-set card: counts by group and split, what fell out and why. */
#include "reports/card.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/words.h"

static void group_row(struct page *p, const struct card_group *g)
{
    int s;

    str_add(&p->html, "<tr>");
    html_cell(&p->html, g->dataset);
    html_row_name(&p->html, g->method);
    html_cell(&p->html, g->compression);
    html_cell(&p->html, g->fake ? "fake" : "real");
    for (s = 0; s < CARD_SPLITS; s++)
        html_count(&p->html, g->videos[s]);
    html_count(&p->html, g->identities);
    html_count(&p->html, g->components);
    html_count(&p->html, g->faces);
    html_count(&p->html, g->failed);
    str_add(&p->html, "</tr>\n");
}

static void losses(struct page *p, const struct card *c)
{
    static const char *const head[] = {"Table", "Status", "Reason", "#Rows", "First of them", NULL};
    size_t i;

    str_add(&p->html, "<h3>What fell out, and why</h3>\n");
    if (c->n_losses == 0) {
        str_add(&p->html, "<p>Nothing: every row of every table that is there is ok.</p>\n");
        return;
    }
    html_table(&p->html, "Rows that are not ok, by reason");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (i = 0; i < c->n_losses; i++) {
        str_add(&p->html, "<tr>");
        html_row_name(&p->html, c->loss[i].stage);
        html_cell(&p->html, c->loss[i].status);
        html_cell(&p->html, c->loss[i].reason);
        html_count(&p->html, c->loss[i].count);
        html_cell(&p->html, c->loss[i].example);
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
}

static void totals(struct page *p, const struct card *c)
{
    const struct {
        const char *noun;
        long long n;
    } all[] = {{"video", c->videos},
               {"identity", c->identities},
               {"component", c->components},
               {"aligned face", c->faces}};
    char number[WORDS_MAX], noun[WORDS_MAX];
    long long unknown = 0;
    size_t i;

    str_add(&p->html, "<p>");
    for (i = 0; i < sizeof(all) / sizeof(*all); i++)
        str_addf(&p->html, "%s<b>%s</b> %s", i ? ", " : "", words_count(all[i].n, number),
                 words_plural(all[i].n, all[i].noun, noun));
    for (i = 0; i < c->n_groups; i++)
        unknown += c->group[i].unknown;
    if (unknown > 0)
        str_addf(&p->html, "; of %s %s it is not known whose face is seen",
                 words_count(unknown, number), words_plural(unknown, "video", noun));
    str_add(&p->html, ".</p>\n");
    if (c->crossing == 0 && c->components > 0)
        str_add(&p->html, "<p>No component is in more than one of train, val and test.</p>\n");
    if (c->crossing > 0)
        str_addf(&p->html,
                 "<p class=\"warning\">%s %s in more than one of train, val and test, with all "
                 "their %s videos.</p>\n",
                 words_count(c->crossing, number),
                 c->crossing == 1 ? "component is" : "components are",
                 words_count(c->crossing_videos, noun));
}

int section_data(struct page *p, struct err *err)
{
    static const char *const head[] = {
        "Data set",       "Method",       "Compression", "Class",       "#Train",
        "#Val",           "#Test",        "#No split",   "#Identities", "#Components",
        "#Faces aligned", "#Not aligned", NULL};
    const struct card *c = &p->card;
    size_t i;

    if (!p->run.table[RUN_FETCH].there && !p->run.table[RUN_ALIGN].there) {
        page_missing(p, RUN_FETCH);
        page_missing(p, RUN_ALIGN);
        return 0;
    }
    totals(p, c);
    if (!p->run.table[RUN_FETCH].there)
        html_note(&p->html, "note",
                  "There is no fetch.tsv: videos are those that align.tsv names.");
    html_table(&p->html, "Videos by data set, method, compression and split");
    str_add(&p->html, "<caption>Videos by split; identities by the face that is seen.</caption>\n");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (i = 0; i < c->n_groups; i++)
        group_row(p, &c->group[i]);
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
    losses(p, c);
    return str_failed(&p->html) ? err_nomem(err) : 0;
}
