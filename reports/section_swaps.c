/* Contact sheet of training samples with their boxes drawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/mem.h"
#include "reports/html.h"
#include "reports/intern.h"
#include "reports/page.h"
#include "reports/tar_member.h"
#include "reports/thumbnail.h"
#include "reports/words.h"

/* Samples of one label, mode, blend and method. */
struct kind {
    size_t *row; /* of swap.tsv */
    size_t n, cap;
};

struct sheet {
    const struct run_table *swap;
    struct intern names;
    struct kind *kind;
    size_t cap;
    size_t *order; /* kinds by name */
    struct manifest_row row;
    struct tar_reader tar;
    struct str shard; /* what `tar` reads */
};

static int gather(struct sheet *s, struct err *err)
{
    struct str name = STR_INIT;
    size_t i;
    int r = 0;

    for (i = 0; !r && i < s->swap->m.n_rows; i++) {
        size_t before = s->names.n;
        long long k;

        r = manifest_read(&s->swap->m, i, &s->row, err);
        if (r || !manifest_row_ok(&s->row) || !run_cell(&s->row, "shard"))
            continue;
        str_clear(&name);
        str_addf(&name, "%s\t%s\t%s\t%s",
                 run_cell(&s->row, "label") ? run_cell(&s->row, "label") : "?",
                 run_cell(&s->row, "method") ? run_cell(&s->row, "method") : "?",
                 run_cell(&s->row, "mode") ? run_cell(&s->row, "mode") : "-",
                 run_cell(&s->row, "blend") ? run_cell(&s->row, "blend") : "-");
        k = str_failed(&name) ? err_nomem(err) : intern_add(&s->names, name.s, err);
        if (k < 0) {
            r = (int)k;
            break;
        }
        if (mem_grow(&s->kind, &s->cap, s->names.n, sizeof(*s->kind))) {
            r = err_nomem(err);
            break;
        }
        if (before < s->names.n)
            s->kind[k] = (struct kind){0};
        if (mem_grow(&s->kind[k].row, &s->kind[k].cap, s->kind[k].n + 1, sizeof(size_t)))
            r = err_nomem(err);
        else
            s->kind[k].row[s->kind[k].n++] = i;
    }
    str_release(&name);
    return r;
}

static int by_name(const void *a, const void *b, void *names)
{
    char *const *name = names;

    return strcmp(name[*(const size_t *)a], name[*(const size_t *)b]);
}

static int sort_kinds(struct sheet *s, struct err *err)
{
    size_t k;

    s->order = mem_array(s->names.n + 1, sizeof(*s->order));
    if (!s->order)
        return err_nomem(err);
    for (k = 0; k < s->names.n; k++)
        s->order[k] = k;
    qsort_r(s->order, s->names.n, sizeof(*s->order), by_name, s->names.names);
    return 0;
}

/* Loads the sample of the current row; its shard stays open for the next one. */
static int load(struct sheet *s, struct err *err)
{
    const char *shard = run_cell(&s->row, "shard");
    double offset = run_number(&s->row, "offset");
    struct str path = STR_INIT, key = STR_INIT;
    int r = 0;

    fs_join(s->swap->folder, shard, &path);
    if (str_failed(&path))
        r = err_nomem(err);
    if (!r && (!s->tar.fp || !s->shard.s || strcmp(s->shard.s, path.s) != 0)) {
        tar_close(&s->tar);
        str_clear(&s->shard);
        r = tar_open(&s->tar, path.s, err);
        if (!r)
            str_add(&s->shard, path.s);
    }
    if (!r && !isnan(offset)) {
        r = tar_sample_at(&s->tar, (long long)offset, err);
    } else if (!r) {
        tar_key_of_id(s->row.field[0], &key);
        r = str_failed(&key) ? err_nomem(err) : tar_sample_named(&s->tar, key.s, err);
    }
    str_release(&path);
    str_release(&key);
    return r;
}

/* The box over the picture, in the picture's own pixels. */
static void put_box(struct page *p, struct sheet *s, const struct image *picture)
{
    double x0 = run_number(&s->row, "box_x0_px"), y0 = run_number(&s->row, "box_y0_px");
    double x1 = run_number(&s->row, "box_x1_px"), y1 = run_number(&s->row, "box_y1_px");

    if (isnan(x0) || isnan(y0) || isnan(x1) || isnan(y1))
        return;
    str_addf(&p->html,
             "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
             "<rect class=\"halo\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>"
             "<rect class=\"box\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/></svg>",
             picture->width, picture->height, x0, y0, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
}

static void describe(struct sheet *s, struct str *out)
{
    const char *mode = run_cell(&s->row, "mode"), *blend = run_cell(&s->row, "blend");
    const char *label = run_cell(&s->row, "label");
    double h = run_number(&s->row, "window_h_px"), w = run_number(&s->row, "window_w_px");

    str_clear(out);
    words_clean(out, label ? label : "?");
    if (mode) {
        str_add(out, ", ");
        words_of_key(out, mode);
    }
    if (blend && strcmp(blend, "-") != 0 && strcmp(blend, "none") != 0) {
        str_add(out, ", ");
        words_of_key(out, blend);
    }
    if (!isnan(h) && !isnan(w))
        str_addf(out, ", window %g \xc3\x97 %g px", w, h);
}

static int put_sample(struct page *p, struct sheet *s, struct thumbnail *t, size_t row,
                      struct err *err)
{
    struct str words = STR_INIT, alt = STR_INIT, picture = STR_INIT;
    struct err problem = {0};
    int r = manifest_read(&s->swap->m, row, &s->row, err);

    if (r)
        return r;
    describe(s, &words);
    str_addf(&alt, "training sample %s: %s", s->row.field[0], words.s ? words.s : "");
    str_add(&p->html, "<figure class=\"sample\"><div class=\"picture\">");
    r = load(s, &problem);
    if (!r)
        r = thumbnail_bytes(t, s->tar.bytes, s->tar.size, s->tar.name, alt.s ? alt.s : "", &picture,
                            &problem);
    if (r == 0) {
        str_add(&p->html, picture.s ? picture.s : "");
        put_box(p, s, &t->full);
    } else {
        page_gap(p, run_cell(&s->row, "shard"), &problem);
    }
    str_add(&p->html, "</div><figcaption title=\"");
    html_text(&p->html, s->row.field[0]);
    str_add(&p->html, "\">");
    html_text(&p->html, words.s);
    str_add(&p->html, "</figcaption></figure>\n");
    r = str_failed(&words) || str_failed(&alt) || str_failed(&picture) ? err_nomem(err) : 0;
    str_release(&words);
    str_release(&alt);
    str_release(&picture);
    return r;
}

/* The kinds by name; each gives its share, and a kind with few leaves the rest to the others. */
static int put_samples(struct page *p, struct sheet *s, struct thumbnail *t, struct err *err)
{
    size_t left = (size_t)p->settings->sheet_swaps, at, k, i, share;
    size_t *take = mem_array(s->names.n + 1, sizeof(*take));
    bool progress = true;
    int r = 0;

    if (!take)
        return err_nomem(err);
    while (left > 0 && progress)
        for (at = 0, progress = false; at < s->names.n && left > 0; at++) {
            k = s->order[at];
            if (take[k] == s->kind[k].n)
                continue;
            take[k]++;
            left--;
            progress = true;
        }
    for (at = 0; !r && at < s->names.n; at++) {
        k = s->order[at];
        share = take[k];
        for (i = 0; !r && i < share; i++)
            r = put_sample(p, s, t, s->kind[k].row[(2 * i + 1) * s->kind[k].n / (2 * share)], err);
    }
    free(take);
    return r;
}

/* How many samples of each kind there are. */
static void put_counts(struct page *p, const struct sheet *s)
{
    static const char *const head[] = {"label", "method", "mode", "blend", "#samples", NULL};
    size_t at;

    html_table(&p->html, "Training samples by kind");
    html_head(&p->html, head);
    str_add(&p->html, "<tbody>");
    for (at = 0; at < s->names.n; at++) {
        const char *part = s->names.names[s->order[at]];
        struct str one = STR_INIT;

        str_add(&p->html, "<tr>");
        for (;;) {
            size_t n = strcspn(part, "\t");

            str_clear(&one);
            str_add_n(&one, part, n);
            html_cell(&p->html, one.s);
            if (!part[n])
                break;
            part += n + 1;
        }
        str_release(&one);
        html_count(&p->html, (long long)s->kind[s->order[at]].n);
        str_add(&p->html, "</tr>\n");
    }
    str_add(&p->html, "</tbody>");
    html_table_end(&p->html);
}

int section_swaps(struct page *p, struct err *err)
{
    struct sheet s = {.swap = &p->run.table[RUN_SWAP]};
    struct thumbnail t = {0};
    size_t k;
    int r;

    if (!s.swap->there) {
        page_missing(p, RUN_SWAP);
        return 0;
    }
    r = thumbnail_new(&t, p->settings->sample_px, p->settings->jpeg_quality, err);
    if (!r)
        r = gather(&s, err);
    if (!r)
        r = sort_kinds(&s, err);
    if (!r && s.names.n == 0) {
        html_note(&p->html, "missing", "swap.tsv holds no sample.");
    } else if (!r) {
        str_add(&p->html, "<p>Training samples from the tar shards. The rectangle is the box that "
                          "the sample is labelled with, drawn at the place its row states; samples "
                          "without one have none. Samples of each kind are spread evenly over the "
                          "table.</p>\n");
        put_counts(p, &s);
        str_add(&p->html, "<div class=\"samples\">\n");
        r = put_samples(p, &s, &t, err);
        str_add(&p->html, "</div>\n");
    }
    for (k = 0; k < s.names.n; k++)
        free(s.kind[k].row);
    free(s.kind);
    free(s.order);
    intern_release(&s.names);
    manifest_row_release(&s.row);
    tar_close(&s.tar);
    str_release(&s.shard);
    thumbnail_release(&t);
    return r;
}
