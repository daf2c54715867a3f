/* What made this page: tools, settings and inputs by hash. No clock, host or absolute path. */
#include <string.h>

#include "lib/tool.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/words.h"

/* The tool= of a manifest's first line. The text is parsed here because lib keeps only hashes. */
static void version_of(const struct manifest *m, struct str *out)
{
    static const char key[] = "\ttool=";
    const char *end = strchr(m->text, '\n');
    const char *at = strstr(m->text, key);

    str_clear(out);
    if (end && at && at < end) {
        at += sizeof(key) - 1;
        str_add_n(out, at, strcspn(at, "\t\r\n"));
    }
}

static void hash_cell(struct str *out, const char *hash)
{
    str_add(out, "<td><code title=\"");
    html_text(out, hash);
    str_add(out, "\">");
    html_textf(out, "%.12s", hash ? hash : "-");
    str_add(out, "</code></td>");
}

int section_provenance(struct page *p, struct err *err)
{
    static const char *const head[] = {
        "File", "Made by", "#Rows", "Settings", "Made from (input)", "This file", NULL};
    struct str version = STR_INIT;
    int id;

    str_add(&p->html, "<p>First digits of SHA-256; the whole is in each cell\xe2\x80\x99s title. A "
                      "file\xe2\x80\x99s \xe2\x80\x9cmade from\xe2\x80\x9d is the \xe2\x80\x9cthis "
                      "file\xe2\x80\x9d of the stage before it.</p>\n");
    html_table(&p->html, "Inputs of this page");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (id = 0; id < RUN_TABLES; id++) {
        const struct run_table *t = &p->run.table[id];

        if (!t->there)
            continue;
        version_of(&t->m, &version);
        str_add(&p->html, "<tr>");
        html_row_name(&p->html, run_table_file((enum run_table_id)id));
        str_add(&p->html, "<td>");
        html_textf(&p->html, "%s %s", run_table_tool((enum run_table_id)id),
                   version.s ? version.s : "");
        str_add(&p->html, "</td>");
        html_count(&p->html, (long long)t->m.n_rows);
        hash_cell(&p->html, t->m.settings_hash);
        hash_cell(&p->html, t->m.input_hash);
        hash_cell(&p->html, t->m.hash);
        str_add(&p->html, "</tr>\n");
    }
    if (p->run.metrics) {
        const char *tool = jsonr_as_text(jsonr_get(p->run.metrics, "tool"));

        str_add(&p->html, "<tr>");
        html_row_name(&p->html, RUN_METRICS_FILE);
        html_cell(&p->html, tool ? tool : "lp-evaluate");
        str_add(&p->html, "<td class=\"n\">-</td><td>-</td><td>-</td>");
        hash_cell(&p->html, p->run.metrics_hash);
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
    str_add(&p->html, "<p>This page: lp-report " TOOL_VERSION ", settings <code title=\"");
    html_text(&p->html, p->settings->settings_hash);
    str_add(&p->html, "\">");
    html_textf(&p->html, "%.12s", p->settings->settings_hash);
    str_add(&p->html, "</code>");
    if (p->gnuplot[0]) {
        str_add(&p->html, "; figures: ");
        html_text(&p->html, p->gnuplot);
    }
    str_add(&p->html,
            ". Each figure lies in <code>figures/</code> beside this page as SVG and PDF, "
            "with the gnuplot script and the data that drew it.</p>\n");
    str_release(&version);
    return str_failed(&p->html) ? err_nomem(err) : 0;
}
