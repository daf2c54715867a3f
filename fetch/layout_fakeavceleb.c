/*
 * FakeAVCeleb v1.2 (Khalid et al., NeurIPS 2021 data sets):
 *
 *   {RealVideo,FakeVideo}-{RealAudio,FakeAudio}/<race>/<gender>/<id>/<file>.mp4
 *   meta_data.csv   source,target1,target2,method,category,type,race,gender,...
 *
 * The label is that of the picture: FakeVideo is fake, RealVideo real, whatever the sound. Lip
 * synchronisation keeps the face of <id>. Where faces are swapped, it is not documented which of
 * the people in a row gave the face and which the video: face_id and context_id are missing then,
 * and all of them are tied. No split is published.
 */
#include "fetch/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/csv_table.h"
#include "fetch/walk.h"
#include "lib/fs.h"
#include "lib/mem.h"

#define LIST "meta_data.csv"

static const struct category {
    const char *folder;
    bool fake;
} categories[] = {
    {"RealVideo-RealAudio", false},
    {"RealVideo-FakeAudio", false},
    {"FakeVideo-RealAudio", true},
    {"FakeVideo-FakeAudio", true},
};
#define N_CATEGORIES (sizeof(categories) / sizeof(*categories))

/* What meta_data.csv says of a video. */
struct about {
    const char *method, *target[2]; /* targets NULL where there is none; of the catalogue */
    bool seen;
};

struct work {
    const struct source *s;
    struct catalogue *c;
    const struct category *category;
    struct symbols keys; /* TYPE/ID/FILE */
    struct about *about; /* by key */
    size_t about_cap;
    bool there;
    struct name_list unlisted;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_video_name(const char *text)
{
    return scan_is_video(base_name(text));
}

/* The column that holds the file is called `path` or `filename`, and in some copies the next one
 * holds its folder: the first field that ends like a video is it. */
static const char *file_of(const struct csv_table *t)
{
    int i;

    for (i = 0; i < t->n_fields; i++)
        if (is_video_name(t->field[i]))
            return base_name(t->field[i]);
    return NULL;
}

static const char *known(const char *text)
{
    return *text && strcmp(text, "-") != 0 && strcasecmp(text, "nan") != 0 ? text : NULL;
}

static int add_row(struct work *w, const struct csv_table *t, const int column[5], struct err *err)
{
    const char *file = file_of(t), *key, *type = t->field[column[4]];
    struct about about = {0};
    int i, k;

    if (!file || !known(t->field[column[0]]) || !known(type))
        return err_set(err, ERR_DATA, "'%s' line %zu: no file, source or type", t->path, t->line);
    key = catalogue_text(w->c, "%s/%s/%s", type, t->field[column[0]], file);
    about.method = catalogue_text(w->c, "%s", t->field[column[3]]);
    if (!key || !about.method)
        return err_nomem(err);
    for (i = 0; i < 2; i++)
        if (known(t->field[column[1 + i]]) &&
            !(about.target[i] = catalogue_text(w->c, "%s", t->field[column[1 + i]])))
            return err_nomem(err);
    k = symbols_add(&w->keys, key);
    if (k < 0 || mem_grow(&w->about, &w->about_cap, (size_t)k + 1, sizeof(*w->about)))
        return err_nomem(err);
    w->about[k] = about;
    return 0;
}

static int read_list(struct work *w, const char *path, struct err *err)
{
    static const char *const names[] = {"source", "target1", "target2", "method", "type"};
    struct csv_table t;
    int column[5], i, r = csv_open(&t, path, err);

    if (r)
        return r;
    w->there = true;
    for (i = 0; i < 5 && !r; i++) {
        column[i] = csv_column(&t, names[i]);
        if (column[i] < 0)
            r = err_set(err, ERR_DATA, "'%s': no column '%s'", path, names[i]);
    }
    while (!r && (r = csv_next(&t, err)) == 1)
        r = add_row(w, &t, column, err);
    csv_release(&t);
    return r;
}

/* Swaps tie everybody who is named; the rest shows the one whose folder it is. */
static int describe(struct work *w, struct entry *e, const struct about *a, int person,
                    struct err *err)
{
    bool swap = e->fake && (!a || strstr(a->method, "faceswap") || strstr(a->method, "fsgan"));
    int i, other[2] = {NOBODY, NOBODY}, r;

    e->target = person;
    if (!swap)
        e->face = e->context = person;
    for (i = 0; a && i < 2; i++)
        if (a->target[i] && (r = catalogue_person(w->c, "", a->target[i], &other[i], err)))
            return r;
    e->donor = other[0] != NOBODY ? other[0] : other[1];
    if (other[0] == NOBODY || other[1] == NOBODY || other[0] == other[1])
        return 0;
    return catalogue_tie(w->c, person, other[1], false, "a fake of three people", err);
}

static int visit(void *ctx, const struct walk_video *v, struct err *err)
{
    struct work *w = ctx;
    const struct about *a = NULL;
    const char *id, *key, *name, *method;
    struct entry *e;
    int k, person, r;

    if (v->depth < 3)
        return catalogue_note(w->c, err, "'%s' is not in <race>/<gender>/<id>", v->path);
    id = v->folder[2];
    key = catalogue_text(w->c, "%s/%s/%s", w->category->folder, id, v->name);
    name = catalogue_text(w->c, "%s_%.*s", id, (int)(strrchr(v->name, '.') - v->name), v->name);
    if (!key || !name)
        return err_nomem(err);
    k = symbols_find(&w->keys, key);
    if (k >= 0) {
        a = &w->about[k];
        w->about[k].seen = true;
    } else if (w->there) {
        name_list_add(&w->unlisted, key);
    }
    method = a && *a->method ? a->method : w->category->folder;
    if (w->category->fake && !source_wants(w->s, method))
        return 0;
    r = catalogue_add(w->c, method, "-", name, v->path, v->bytes, &e, err);
    if (!r)
        r = catalogue_person(w->c, "", id, &person, err);
    if (r)
        return r;
    e->fake = w->category->fake;
    return describe(w, e, a, person, err);
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct work w = {.s = s, .c = c};
    struct name_list missing = {0};
    struct str path = STR_INIT;
    size_t i;
    int k, r;

    fs_join(s->root, LIST, &path);
    if (str_failed(&path))
        r = err_nomem(err);
    else if (fs_exists(path.s))
        r = read_list(&w, path.s, err);
    else
        r = catalogue_note(c, err,
                           "no " LIST ": methods and the people in a swap are not known, "
                           "so components are too small");
    for (i = 0; i < N_CATEGORIES && !r; i++) {
        w.category = &categories[i];
        if (!walk_has(s->root, categories[i].folder))
            r = catalogue_note(c, err, "no folder %s", categories[i].folder);
        else
            r = walk_videos(s->root, categories[i].folder, 3, visit, &w, err);
    }
    for (k = 0; k < w.keys.n && !r; k++)
        if (!w.about[k].seen)
            name_list_add(&missing, w.keys.names[k]);
    if (!r)
        r = layout_note_names(c, &missing, "in " LIST ", but not there", err);
    if (!r)
        r = layout_note_names(c, &w.unlisted, "not in " LIST, err);
    name_list_release(&missing);
    name_list_release(&w.unlisted);
    symbols_release(&w.keys);
    free(w.about);
    str_release(&path);
    return r;
}

static bool looks_like(const struct source *s)
{
    size_t i, n = 0;

    for (i = 0; i < N_CATEGORIES; i++)
        n += walk_has(s->root, categories[i].folder);
    return n > 0;
}

static const struct expected expected[] = {{"real", 500}, {"", 0}};

const struct layout layout_fakeavceleb = {
    .name = "fakeavceleb",
    .help = "FakeAVCeleb v1.2, with meta_data.csv",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
