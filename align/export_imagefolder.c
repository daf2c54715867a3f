/*
 * SPLIT/LABEL/NAME.png with a metadata.jsonl (or .csv) in each SPLIT, as the loader `imagefolder`
 * of Hugging Face datasets and torchvision's ImageFolder read them. Never both: the loader refuses
 * a folder with two kinds. Nor is a value null: it takes each column's type from each split, and
 * refuses splits that differ; what is missing is an empty text.
 */
#include "align/export.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/video_key.h"

/* What is written beside the pictures of one split. */
struct part {
    char *split;
    struct str lines;
};

static const char *const names[] = {
    "file_name", "label",      "id",        "video",         "dataset", "method", "compression",
    "face_id",   "context_id", "component", "landmark_kind", "variant", "track",  "frame"};
#define N_NAMES (sizeof(names) / sizeof(*names))
#define TEXTS   (N_NAMES - 2) /* the others are numbers */

struct state {
    struct part *parts;
    size_t n, cap;
    bool csv;
    struct str flat, member, from, to;
};

static struct part *part_of(struct state *s, const char *split)
{
    struct part *p;
    size_t i;

    for (i = 0; i < s->n; i++)
        if (strcmp(s->parts[i].split, split) == 0)
            return &s->parts[i];
    if (mem_grow(&s->parts, &s->cap, s->n + 1, sizeof(*s->parts)))
        return NULL;
    p = &s->parts[s->n];
    *p = (struct part){.split = mem_strdup(split)};
    if (!p->split)
        return NULL;
    s->n++;
    for (i = 0; s->csv && i < N_NAMES; i++)
        str_addf(&p->lines, "%s%c", names[i], i + 1 < N_NAMES ? ',' : '\n');
    return p;
}

/* RFC 4180: quoted where it must be. */
static void add_csv(struct str *out, const char *value, char end)
{
    value = value ? value : "";
    if (strpbrk(value, ",\"\n\r")) {
        str_add_c(out, '"');
        for (; *value; value++)
            str_add(out, *value == '"' ? "\"\"" : (char[]){*value, '\0'});
        str_add_c(out, '"');
    } else {
        str_add(out, value);
    }
    str_add_c(out, end);
}

static void add_metadata(bool csv, struct part *p, const char *member, const char *const *f,
                         const int *c, const struct video_key *k)
{
    const char *const values[N_NAMES] = {member,
                                         f[c[EXPORT_LABEL]],
                                         f[c[EXPORT_ID]],
                                         f[c[EXPORT_VIDEO]],
                                         k->dataset,
                                         k->method,
                                         k->compression,
                                         f[c[EXPORT_FACE_ID]],
                                         f[c[EXPORT_CONTEXT_ID]],
                                         f[c[EXPORT_COMPONENT]],
                                         f[c[EXPORT_LANDMARK_KIND]],
                                         f[c[EXPORT_VARIANT]],
                                         f[c[EXPORT_TRACK]],
                                         f[c[EXPORT_FRAME]]};
    struct jsonw w;
    size_t i;

    if (csv) {
        for (i = 0; i < N_NAMES; i++)
            add_csv(&p->lines, i < TEXTS || values[i] ? values[i] : "-1",
                    i + 1 < N_NAMES ? ',' : '\n');
        return;
    }
    jsonw_begin(&w, &p->lines, 0);
    jsonw_object(&w, NULL);
    for (i = 0; i < TEXTS; i++)
        jsonw_text(&w, names[i], values[i] ? values[i] : "");
    for (; i < N_NAMES; i++)
        jsonw_int(&w, names[i], values[i] ? strtoll(values[i], NULL, 10) : -1);
    jsonw_object_end(&w);
    str_add_c(&p->lines, '\n');
}

static int place_row(struct state *s, const struct export_input *in, const struct manifest_row *row,
                     struct err *err)
{
    const char *const *f = row->field;
    const int *c = in->column;
    const char *split = export_split(f[c[EXPORT_SPLIT]]), *image = f[c[EXPORT_IMAGE]], *dot;
    struct video_key key;
    struct part *p;
    int r;

    if (!image || !f[c[EXPORT_VIDEO]] || !f[c[EXPORT_LABEL]])
        return err_set(err, ERR_DATA, "'%s': row '%s' is ok but names no image, video or label",
                       in->manifest->path, f[c[EXPORT_ID]]);
    r = video_key_parse(f[c[EXPORT_VIDEO]], &key, err);
    if (r)
        return r;
    p = part_of(s, split);
    dot = strrchr(image, '.');
    export_flat_name(f[c[EXPORT_ID]], &s->flat);
    str_clear(&s->member);
    str_addf(&s->member, "%s/%s%s", f[c[EXPORT_LABEL]], s->flat.s, dot ? dot : "");
    fs_join(in->folder, image, &s->from);
    str_clear(&s->to);
    str_addf(&s->to, "%s/%s/%s", in->target, split, s->member.s);
    if (!p || str_failed(&s->member) || str_failed(&s->from) || str_failed(&s->to))
        return err_nomem(err);
    r = export_place(s->from.s, s->to.s, err);
    if (!r)
        add_metadata(s->csv, p, s->member.s, f, c, &key);
    return r;
}

static int write_metadata(struct state *s, const struct export_input *in, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < s->n && !r; i++) {
        struct part *p = &s->parts[i];

        str_clear(&s->to);
        str_addf(&s->to, "%s/%s/metadata.%s", in->target, p->split, s->csv ? "csv" : "jsonl");
        r = str_failed(&p->lines) || str_failed(&s->to)
                ? err_nomem(err)
                : atomic_write(s->to.s, p->lines.s, p->lines.len, err);
    }
    return r;
}

static int write(const struct export_input *in, struct err *err)
{
    struct manifest_row row = {0};
    struct state s = {.csv = conf_enum(in->conf, "align.metadata") == 1};
    size_t i;
    int r = 0;

    for (i = 0; i < in->manifest->n_rows && !r; i++) {
        r = manifest_read(in->manifest, i, &row, err);
        if (!r && manifest_row_ok(&row))
            r = place_row(&s, in, &row, err);
    }
    if (!r)
        r = write_metadata(&s, in, err);
    for (i = 0; i < s.n; i++) {
        free(s.parts[i].split);
        str_release(&s.parts[i].lines);
    }
    free(s.parts);
    str_release(&s.flat);
    str_release(&s.member);
    str_release(&s.from);
    str_release(&s.to);
    manifest_row_release(&row);
    return r;
}

const struct export export_imagefolder = {
    .name = "imagefolder",
    .help = "SPLIT/LABEL/NAME.png with metadata, for Hugging Face datasets and torchvision",
    .write = write,
};
