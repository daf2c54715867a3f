#include "align/bench_set.h"

#include <stdlib.h>
#include <string.h>

#include "align/family.h"
#include "lib/mem.h"
#include "lib/video_key.h"

static const char *const kind_folder[] = {"frames", "landmarks", "masks"};
static const char *const kind_suffix[] = {"png", "npy", "png"};

/* ---- texts -----------------------------------------------------------------------------------*/

/* A name without what the loader trips over: the word "frames", separators. Owned by the set; NULL
 * without memory. */
static char *clean(struct bench_set *s, const char *text)
{
    char *copy = mem_strdup(text), *p;

    if (!copy || mem_grow(&s->names, &s->names_cap, s->n_names + 1, sizeof(*s->names))) {
        free(copy);
        return NULL;
    }
    s->names[s->n_names++] = copy;
    for (p = copy; *p; p++)
        if (*p == '/' || *p == '\\')
            *p = '-';
    while ((p = strstr(copy, "frames")))
        *p = 'F';
    return copy;
}

static char *keep(struct bench_set *s, struct str *text)
{
    char *copy = str_failed(text) ? NULL : mem_strdup(text->s);

    str_release(text);
    if (!copy || mem_grow(&s->names, &s->names_cap, s->n_names + 1, sizeof(*s->names))) {
        free(copy);
        return NULL;
    }
    return s->names[s->n_names++] = copy;
}

/* The folder of a method: its pattern filled in. */
static char *fill_folder(struct bench_set *s, const char *pattern, const char *compression,
                         const char *split)
{
    struct str out = STR_INIT;

    while (*pattern) {
        if (strncmp(pattern, "{compression}", 13) == 0) {
            str_add(&out, compression);
            pattern += 13;
        } else if (strncmp(pattern, "{split}", 7) == 0) {
            str_add(&out, split);
            pattern += 7;
        } else {
            str_add_c(&out, *pattern++);
        }
    }
    return keep(s, &out);
}

/* ---- which faces of a video ------------------------------------------------------------------*/

static long long track_of(const struct manifest_row *row, const int *c)
{
    long long track;

    return manifest_int(row, c[EXPORT_TRACK], &track, NULL) ? 0 : track;
}

/* How many faces a track of the video at hand has. */
struct seen {
    long long track;
    size_t n;
};

static size_t *seen_of(struct bench_set *s, long long track)
{
    size_t i;

    for (i = 0; i < s->n_seen; i++)
        if (s->seen[i].track == track)
            return &s->seen[i].n;
    if (mem_grow(&s->seen, &s->seen_cap, i + 1, sizeof(*s->seen)))
        return NULL;
    s->seen[s->n_seen++] = (struct seen){track, 0};
    return &s->seen[i].n;
}

static int count_tracks(struct bench_set *s, struct manifest_row *row, size_t lo, size_t hi,
                        size_t *n, struct err *err)
{
    size_t i;
    int r = 0;

    *n = s->n_seen = 0;
    for (i = lo; i < hi && !r; i++) {
        size_t *seen;

        r = manifest_read(s->in->manifest, i, row, err);
        if (r || !manifest_row_ok(row))
            continue;
        seen = seen_of(s, track_of(row, s->in->column));
        if (!seen)
            return err_nomem(err);
        ++*seen;
        ++*n;
    }
    return r;
}

/* One face a frame of the rows [lo, hi): that of whoever is seen most in the video; of equals, the
 * first. (After a cut people have new tracks, so frames without the most seen are no reason to
 * drop.) At most s->limit of them. */
static int choose_rows(struct bench_set *s, struct manifest_row *row, size_t lo, size_t hi,
                       struct bench_video *v, struct err *err)
{
    const int *c = s->in->column;
    size_t i, n, best = 0;
    int r = count_tracks(s, row, lo, hi, &n, err);

    if (!r && !(v->faces = mem_array(n, sizeof(*v->faces))))
        r = err_nomem(err);
    for (i = lo; i < hi && !r && n; i++) {
        struct bench_face f = {.row = i};
        size_t seen;

        r = manifest_read(s->in->manifest, i, row, err);
        if (r || !manifest_row_ok(row))
            continue;
        r = manifest_int(row, c[EXPORT_FRAME], &f.frame, err);
        f.mask = row->field[c[EXPORT_MASK]] != NULL;
        seen = *seen_of(s, track_of(row, c));
        if (v->n && v->faces[v->n - 1].frame == f.frame) {
            s->other_tracks++;
            if (seen <= best)
                continue;
            v->n--;
        }
        best = seen;
        v->faces[v->n++] = f;
    }
    if (s->limit && v->n > s->limit) {
        /* Evenly spaced as the papers do it: trunc of linspace. */
        for (i = 0; i < s->limit; i++)
            v->faces[i] = v->faces[s->limit == 1 ? 0 : i * (v->n - 1) / (s->limit - 1)];
        v->n = s->limit;
        s->thinned++;
    }
    for (i = 0; i < v->n; i++)
        v->masks |= v->faces[i].mask;
    return r;
}

/* ---- one data set ----------------------------------------------------------------------------*/

/* Rows of one data set, [lo, hi): its methods. */
static int list_methods(struct bench_set *s, struct manifest_row *row, size_t lo, size_t hi,
                        const char ***methods, size_t *n, struct err *err)
{
    size_t i, k, cap = 0;
    int r = 0;

    for (i = lo; i < hi && !r; i++) {
        struct video_key key;

        r = manifest_read(s->in->manifest, i, row, err);
        if (!r)
            r = video_key_parse(row->field[s->in->column[EXPORT_VIDEO]], &key, err);
        for (k = 0; !r && k < *n && strcmp((*methods)[k], key.method) != 0;)
            k++;
        if (r || k < *n)
            continue;
        if (mem_grow(methods, &cap, *n + 1, sizeof(**methods)) ||
            !((*methods)[k] = clean(s, key.method)))
            return err_nomem(err);
        ++*n;
    }
    return r;
}

const char *const bench_splits[3] = {"train", "val", "test"};

static int name_video(struct bench_set *s, const struct family *f, const struct video_key *key,
                      struct bench_video *v, struct err *err)
{
    bool none = strcmp(key->compression, "-") == 0;
    struct str folder = STR_INIT;
    int r = 0;

    v->known = family_method(f, key->method);
    v->dataset = clean(s, f ? f->dataset : key->dataset);
    v->compression = clean(s, none && f && f->compression ? "raw" : key->compression);
    v->name = clean(s, key->name);
    if (!v->dataset || !v->compression || !v->name)
        return err_nomem(err);
    if (v->known) {
        v->label = clean(s, v->known->label);
        v->group = v->known->group;
        v->folder = fill_folder(s, v->known->folder, v->compression, bench_splits[v->split]);
    } else {
        /* Not one that DeepfakeBench knows: its own name, in a file of its own. */
        str_addf(&folder, "%s%s-real", f ? "" : v->dataset, f ? f->dataset : "");
        v->label = v->fake ? clean(s, key->method) : folder.s ? clean(s, folder.s) : NULL;
        str_clear(&folder);
        str_add(&folder, v->fake || f ? key->method : v->dataset);
        v->own_file = str_failed(&folder) ? NULL : clean(s, f ? folder.s : v->dataset);
        str_clear(&folder);
        str_addf(&folder, f && f->compression ? "manipulated_sequences/%s/%s" : "%s/%s",
                 key->method, v->compression);
        if (none && !(f && f->compression))
            str_cut(&folder, strlen(key->method));
        v->folder = str_failed(&folder) ? NULL : mem_strdup(folder.s);
        if (v->folder) {
            char *p, *plain = v->folder;

            v->folder = NULL;
            for (p = plain; (p = strstr(p, "frames"));)
                *p = 'F';
            str_clear(&folder);
            str_add(&folder, plain);
            free(plain);
            v->folder = keep(s, &folder);
        }
    }
    str_release(&folder);
    if (!v->label || !v->folder || (!v->known && !v->own_file))
        r = err_nomem(err);
    return r;
}

static int add_video(struct bench_set *s, struct manifest_row *row, const struct family *f,
                     size_t lo, size_t hi, struct err *err)
{
    const int *c = s->in->column;
    struct bench_video v = {.split = 2};
    const char *split, *label;
    struct str id = STR_INIT;
    struct video_key key;
    int r = choose_rows(s, row, lo, hi, &v, err);

    if (!r && v.n)
        r = manifest_read(s->in->manifest, v.faces[0].row, row, err);
    if (!r && v.n)
        r = video_key_parse(row->field[c[EXPORT_VIDEO]], &key, err);
    if (r || v.n == 0) {
        free(v.faces);
        return r;
    }
    split = row->field[c[EXPORT_SPLIT]];
    label = row->field[c[EXPORT_LABEL]];
    v.fake = label && strcmp(label, "fake") == 0;
    if (split && strcmp(split, "train") == 0)
        v.split = 0;
    else if (split && strcmp(split, "val") == 0)
        v.split = 1;
    else
        s->unsplit += !split || strcmp(split, "test") != 0;
    r = name_video(s, f, &key, &v, err);
    if (!r && mem_grow(&s->videos, &s->cap, s->n + 1, sizeof(*s->videos)))
        r = err_nomem(err);
    str_add(&id, row->field[c[EXPORT_VIDEO]]);
    if (!r && !(v.key = keep(s, &id)))
        r = err_nomem(err);
    str_release(&id);
    if (r)
        free(v.faces);
    else
        s->videos[s->n++] = v;
    return r;
}

/* Rows [lo, hi) are of one data set. */
static int add_dataset(struct bench_set *s, struct manifest_row *row, const char *dataset,
                       size_t lo, size_t hi, struct err *err)
{
    const int *c = s->in->column;
    const char **methods = NULL;
    const struct family *f;
    size_t i, k, n = 0;
    int r = list_methods(s, row, lo, hi, &methods, &n, err);

    f = r ? NULL : family_find(s->in->conf, dataset, methods, n);
    free(methods);
    for (i = lo; i < hi && !r; i = k) {
        char *video;

        r = manifest_read(s->in->manifest, i, row, err);
        video = r ? NULL : mem_strdup(row->field[c[EXPORT_VIDEO]]);
        if (!r && !video)
            r = err_nomem(err);
        for (k = i + 1; k < hi && !r; k++) {
            r = manifest_read(s->in->manifest, k, row, err);
            if (!r && strcmp(row->field[c[EXPORT_VIDEO]], video) != 0)
                break;
        }
        free(video);
        if (!r)
            r = add_video(s, row, f, i, k, err);
    }
    return r;
}

static int by_place(const void *a, const void *b)
{
    const struct bench_video *x = a, *y = b;
    int d = strcmp(x->dataset, y->dataset);

    d = d ? d : strcmp(x->folder, y->folder);
    return d ? d : strcmp(x->name, y->name);
}

/* ---- which dataset_json files ----------------------------------------------------------------*/

static int by_file(const void *a, const void *b)
{
    const struct bench_entry *x = a, *y = b;
    int d = strcmp(x->file, y->file);

    d = d ? d : strcmp(x->video->label, y->video->label);
    d = d ? d : x->video->split - y->video->split;
    d = d ? d : strcmp(x->video->compression, y->video->compression);
    return d ? d : strcmp(x->video->name, y->video->name);
}

static int add_entry(struct bench_set *s, const char *file, const struct bench_video *v,
                     struct err *err)
{
    if (mem_grow(&s->entries, &s->entries_cap, s->n_entries + 1, sizeof(*s->entries)))
        return err_nomem(err);
    s->entries[s->n_entries++] = (struct bench_entry){file, v};
    return 0;
}

/* The file of a fake that DeepfakeBench does not know has no level of compressions in its loader,
 * so each compression gets a file of its own where there is more than one. */
static const char *own_file(struct bench_set *s, const struct bench_video *v)
{
    struct str name = STR_INIT;
    size_t i;

    for (i = 0; i < s->n; i++)
        if (strcmp(s->videos[i].dataset, v->dataset) == 0 &&
            strcmp(s->videos[i].compression, v->compression) != 0)
            break;
    if (i == s->n)
        return v->own_file;
    str_addf(&name, "%s_%s", v->own_file, v->compression);
    return keep(s, &name);
}

static int list_entries(struct bench_set *s, struct err *err)
{
    size_t i, k, fakes;
    int r = 0, f;

    for (i = 0; i < s->n && !r; i++)
        if (!s->videos[i].known && !(s->videos[i].own_file = own_file(s, &s->videos[i])))
            return err_nomem(err);
    /* Fakes go where they belong. */
    for (i = 0; i < s->n && !r; i++) {
        const struct bench_video *v = &s->videos[i];

        if (!v->known)
            r = add_entry(s, v->own_file, v, err);
        for (f = 0; v->known && v->fake && v->known->files[f] && !r; f++)
            r = add_entry(s, v->known->files[f], v, err);
    }
    /* Real videos go into every file that has a fake of their group, or into their own. */
    fakes = s->n_entries;
    if (fakes)
        qsort(s->entries, fakes, sizeof(*s->entries), by_file);
    for (i = 0; i < s->n && !r; i++) {
        const struct bench_video *v = &s->videos[i];
        const char *last = NULL;
        bool any = false;

        if (!v->known || v->fake)
            continue;
        for (k = 0; k < fakes && !r; k++) {
            const struct bench_entry *e = &s->entries[k];
            bool fits = e->video->fake && strcmp(e->video->dataset, v->dataset) == 0 &&
                        (e->video->known
                             ? e->video->group == v->group
                             : strcmp(e->video->compression, v->compression) == 0 && v->group == 0);

            if (!fits || (last && strcmp(last, e->file) == 0))
                continue;
            last = e->file;
            any = true;
            r = add_entry(s, last, v, err);
        }
        if (!any && !r)
            r = add_entry(s, v->known->files[0], v, err);
    }
    if (s->n_entries)
        qsort(s->entries, s->n_entries, sizeof(*s->entries), by_file);
    return r;
}

/* ---- all of it -------------------------------------------------------------------------------*/

static int check_places(const struct bench_set *s, struct err *err)
{
    size_t i;

    for (i = 1; i < s->n; i++)
        if (by_place(&s->videos[i - 1], &s->videos[i]) == 0)
            return err_set(err, ERR_DATA,
                           "two videos would be '%s/%s/frames/%s': export them in two runs",
                           s->videos[i].dataset, s->videos[i].folder, s->videos[i].name);
    for (i = 1; i < s->n_entries; i++)
        if (by_file(&s->entries[i - 1], &s->entries[i]) == 0)
            return err_set(err, ERR_DATA, "two videos of '%s' are named '%s' in %s.json",
                           s->entries[i].video->label, s->entries[i].video->name,
                           s->entries[i].file);
    return 0;
}

int bench_set_make(struct bench_set *s, const struct export_input *in, size_t limit,
                   struct err *err)
{
    struct manifest_row row = {0};
    struct video_key key;
    char dataset[VIDEO_KEY_PART] = "";
    size_t i, lo = 0;
    int r = 0;

    *s = (struct bench_set){.in = in, .limit = limit};
    for (i = 0; i <= in->manifest->n_rows && !r; i++) {
        if (i < in->manifest->n_rows) {
            r = manifest_read(in->manifest, i, &row, err);
            if (!r && !row.field[in->column[EXPORT_VIDEO]])
                r = err_set(err, ERR_DATA, "'%s': row '%s' names no video", in->manifest->path,
                            row.field[in->column[EXPORT_ID]]);
            if (!r)
                r = video_key_parse(row.field[in->column[EXPORT_VIDEO]], &key, err);
            if (r || strcmp(key.dataset, dataset) == 0)
                continue;
        }
        if (i > lo)
            r = add_dataset(s, &row, dataset, lo, i, err);
        lo = i;
        memcpy(dataset, key.dataset, sizeof(dataset));
    }
    manifest_row_release(&row);
    if (!r && s->n)
        qsort(s->videos, s->n, sizeof(*s->videos), by_place);
    if (!r)
        r = list_entries(s, err);
    return r ? r : check_places(s, err);
}

void bench_set_release(struct bench_set *s)
{
    size_t i;

    for (i = 0; i < s->n_names; i++)
        free(s->names[i]);
    for (i = 0; i < s->n; i++)
        free(s->videos[i].faces);
    free(s->seen);
    free(s->names);
    free(s->videos);
    free(s->entries);
}

void bench_path(const struct bench_video *v, size_t i, enum bench_kind kind, char separator,
                struct str *out)
{
    size_t k;

    str_clear(out);
    str_addf(out, "%s/%s/%s/%s/%03lld.%s", v->dataset, v->folder, kind_folder[kind], v->name,
             v->faces[i].frame, kind_suffix[kind]);
    for (k = 0; separator != '/' && k < out->len; k++)
        if (out->s[k] == '/')
            out->s[k] = separator;
}
