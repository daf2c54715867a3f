/* SPLIT/LABEL/NAME.png with a metadata.csv and a metadata.jsonl in each SPLIT, as the loader
 * `imagefolder` of Hugging Face datasets and torchvision's ImageFolder read them. */
#include "align/export.h"

#include <errno.h>
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
    struct str csv, jsonl;
};

struct state {
    struct part *parts;
    size_t n, cap;
    struct str flat, member, from, to;
};

static struct part *part_of(struct state *s, const char *split)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        if (strcmp(s->parts[i].split, split) == 0)
            return &s->parts[i];
    if (mem_grow(&s->parts, &s->cap, s->n + 1, sizeof(*s->parts)))
        return NULL;
    s->parts[s->n] = (struct part){.split = strdup(split)};
    if (!s->parts[s->n].split)
        return NULL;
    str_add(&s->parts[s->n].csv, "file_name,label,id,video,dataset,method,compression,face_id,"
                                 "context_id,component,frame\n");
    return &s->parts[s->n++];
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

static void add_metadata(struct part *p, const char *member, const char *const *f, const int *c,
                         const struct video_key *k)
{
    static const char *const names[] = {"file_name",  "label",     "id",          "video",
                                        "dataset",    "method",    "compression", "face_id",
                                        "context_id", "component", "frame"};
    const char *const values[] = {member,
                                  f[c[EXPORT_LABEL]],
                                  f[c[EXPORT_ID]],
                                  f[c[EXPORT_VIDEO]],
                                  k->dataset,
                                  k->method,
                                  k->compression,
                                  f[c[EXPORT_FACE_ID]],
                                  f[c[EXPORT_CONTEXT_ID]],
                                  f[c[EXPORT_COMPONENT]],
                                  f[c[EXPORT_FRAME]]};
    size_t i, n = sizeof(values) / sizeof(*values);
    struct jsonw w;

    jsonw_begin(&w, &p->jsonl, 0);
    jsonw_object(&w, NULL);
    for (i = 0; i < n; i++) {
        add_csv(&p->csv, values[i], i + 1 < n ? ',' : '\n');
        if (i + 1 < n)
            jsonw_text(&w, names[i], values[i]);
        else
            jsonw_int(&w, names[i], values[i] ? strtoll(values[i], NULL, 10) : -1);
    }
    jsonw_object_end(&w);
    str_add_c(&p->jsonl, '\n');
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
        add_metadata(p, s->member.s, f, c, &key);
    return r;
}

static int write_metadata(struct state *s, const struct export_input *in, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < s->n && !r; i++) {
        struct part *p = &s->parts[i];

        str_clear(&s->to);
        str_addf(&s->to, "%s/%s/metadata.csv", in->target, p->split);
        if (str_failed(&p->csv) || str_failed(&p->jsonl) || str_failed(&s->to))
            return err_nomem(err);
        r = atomic_write(s->to.s, p->csv.s, p->csv.len, err);
        str_clear(&s->to);
        str_addf(&s->to, "%s/%s/metadata.jsonl", in->target, p->split);
        if (!r)
            r = str_failed(&s->to) ? err_nomem(err)
                                   : atomic_write(s->to.s, p->jsonl.s, p->jsonl.len, err);
    }
    return r;
}

static int write(const struct export_input *in, struct err *err)
{
    struct manifest_row row = {0};
    struct state s = {0};
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
        str_release(&s.parts[i].csv);
        str_release(&s.parts[i].jsonl);
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
