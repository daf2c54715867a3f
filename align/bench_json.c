#include <string.h>

#include "align/bench_set.h"
#include "align/family.h"
#include "lib/atomic_file.h"
#include "lib/json.h"

/* One dataset_json file: entries [lo, hi). */
struct file {
    const struct bench_set *set;
    size_t lo, hi;
    const char *prefix, *kind;
    char separator;
    struct jsonw w;
    struct str path;
};

static void write_video(struct file *f, const struct bench_video *v)
{
    struct str *path = &f->path, whole = STR_INIT;
    int kind;
    size_t i;

    jsonw_object(&f->w, v->name);
    jsonw_text(&f->w, "label", v->label);
    for (kind = BENCH_FRAME; kind <= BENCH_MASK; kind++) {
        if (kind == BENCH_LANDMARKS || (kind == BENCH_MASK && !v->masks))
            continue;
        jsonw_array(&f->w, kind == BENCH_FRAME ? "frames" : "masks");
        for (i = 0; i < v->n; i++) {
            if (kind == BENCH_MASK && !v->faces[i].mask)
                continue;
            bench_path(v, i, kind, f->separator, path);
            str_clear(&whole);
            str_add(&whole, f->prefix);
            str_add(&whole, path->s);
            jsonw_text(&f->w, NULL, whole.s);
            f->w.out->oom |= str_failed(&whole);
        }
        jsonw_array_end(&f->w);
    }
    if (f->kind)
        jsonw_text(&f->w, "landmark_kind", f->kind);
    jsonw_object_end(&f->w);
    str_release(&whole);
}

/* Is this the first entry of the file with its compression? */
static bool new_compression(const struct file *f, size_t i)
{
    const struct bench_entry *e = f->set->entries;
    size_t k;

    for (k = f->lo; k < i; k++)
        if (strcmp(e[k].video->compression, e[i].video->compression) == 0)
            return false;
    return true;
}

/* The videos of a label and split, from *at on, of one compression or of all. */
static void write_videos(struct file *f, const char *label, int split, const char *compression,
                         size_t *at)
{
    const struct bench_entry *e = f->set->entries;

    for (; *at < f->hi && strcmp(e[*at].video->label, label) == 0 && e[*at].video->split == split &&
           (!compression || strcmp(e[*at].video->compression, compression) == 0);
         ++*at)
        write_video(f, e[*at].video);
}

/* Compressions come in the order of their names, as entries do. */
static void write_split(struct file *f, const char *label, int split, size_t *at)
{
    const struct bench_entry *e = f->set->entries;
    const char *last = NULL, *next;
    size_t i;

    jsonw_object(&f->w, bench_splits[split]);
    if (!family_file_has_compression(e[f->lo].file)) {
        write_videos(f, label, split, NULL, at);
        jsonw_object_end(&f->w);
        return;
    }
    for (;;) {
        for (i = f->lo, next = NULL; i < f->hi; i++) {
            const char *c = e[i].video->compression;

            if (new_compression(f, i) && (!last || strcmp(c, last) > 0) &&
                (!next || strcmp(c, next) < 0))
                next = c;
        }
        if (!next)
            break;
        jsonw_object(&f->w, next);
        write_videos(f, label, split, next, at);
        jsonw_object_end(&f->w);
        last = next;
    }
    jsonw_object_end(&f->w);
}

static int write_file(struct file *f, const char *folder, const char *suffix, struct err *err)
{
    const struct bench_entry *e = f->set->entries;
    struct str json = STR_INIT, path = STR_INIT;
    size_t at = f->lo;
    int r;

    jsonw_begin(&f->w, &json, 1);
    jsonw_object(&f->w, NULL);
    jsonw_object(&f->w, e[f->lo].file);
    while (at < f->hi) {
        const char *label = e[at].video->label;
        int split;

        jsonw_object(&f->w, label);
        for (split = 0; split < 3; split++)
            write_split(f, label, split, &at);
        jsonw_object_end(&f->w);
    }
    jsonw_object_end(&f->w);
    jsonw_object_end(&f->w);
    str_add_c(&json, '\n');
    str_addf(&path, "%s/preprocessing/dataset_json/%s%s.json", folder, e[f->lo].file, suffix);
    r = str_failed(&json) || str_failed(&path) ? err_nomem(err)
                                               : atomic_write(path.s, json.s, json.len, err);
    str_release(&json);
    str_release(&path);
    return r;
}

int bench_json(const struct bench_set *s, const char *folder, const char *prefix, char separator,
               const char *landmark_kind, struct err *err)
{
    struct file f = {.set = s, .prefix = prefix, .kind = landmark_kind, .separator = separator};
    int r = 0;

    for (; f.lo < s->n_entries && !r; f.lo = f.hi) {
        bool c40 = false;

        for (f.hi = f.lo;
             f.hi < s->n_entries && strcmp(s->entries[f.hi].file, s->entries[f.lo].file) == 0;
             f.hi++)
            c40 |= strcmp(s->entries[f.hi].video->compression, "c40") == 0;
        r = write_file(&f, folder, "", err);
        /* The loader reads NAME_c40.json for its data sets "NAME_c40"; the key inside is NAME. */
        if (!r && c40 && family_file_has_compression(s->entries[f.lo].file))
            r = write_file(&f, folder, "_c40", err);
    }
    str_release(&f.path);
    return r;
}
