#include "evaluate/dataset.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evaluate/bulk.h"
#include "evaluate/dataset_rows.h"
#include "evaluate/frames.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "lib/video_key.h"

const char *split_name(enum split s)
{
    static const char *const names[] = {".", "train", "val", "test"};

    return names[s];
}

bool split_parse(const char *p, size_t len, enum split *s)
{
    static const struct {
        const char *name;
        enum split split;
    } known[] = {{"-", SPLIT_NONE},    {"train", SPLIT_TRAIN},    {"val", SPLIT_VAL},
                 {"valid", SPLIT_VAL}, {"validation", SPLIT_VAL}, {"dev", SPLIT_VAL},
                 {"test", SPLIT_TEST}};
    size_t i;

    *s = SPLIT_NONE;
    if (!len)
        return true;
    for (i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strlen(known[i].name) == len && !strncasecmp(known[i].name, p, len)) {
            *s = known[i].split;
            return true;
        }
    return false;
}

static bool label_parse(const char *p, size_t len, uint8_t *label)
{
    static const struct {
        const char *name;
        uint8_t label;
    } known[] = {{"real", 0}, {"fake", 1}, {"0", 0}, {"1", 1}, {"0.0", 0}, {"1.0", 1}};
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strlen(known[i].name) == len && !strncasecmp(known[i].name, p, len)) {
            *label = known[i].label;
            return true;
        }
    return false;
}

void dataset_video_key(const struct dataset *d, uint32_t video, struct str *out)
{
    str_clear(out);
    str_add(out, names_text(&d->keys, video));
}

/* ---- videos ----------------------------------------------------------------------------------*/

/* The parts of a video as texts; NULL or empty = not known. */
struct parts {
    const char *at[N_COLUMNS];
    size_t len[N_COLUMNS];
};

static int name_of(struct dataset *d, const char *p, size_t len, uint32_t *number, struct err *err)
{
    *number = NAME_NONE;
    return len ? names_add(&d->names, p, len, number, err) : 0;
}

static int add_key(struct dataset *d, const char *key, size_t len, uint32_t *video, bool *new,
                   struct err *err)
{
    size_t before = d->keys.n;
    int r = names_add(&d->keys, key, len, video, err);

    *new = !r && d->keys.n > before;
    if (!*new)
        return r;
    if (mem_grow(&d->video, &d->video_cap, d->keys.n, sizeof(*d->video)))
        return err_nomem(err);
    d->n_videos = d->keys.n;
    d->video[*video] = (struct video){.dataset = NAME_NONE,
                                      .method = NAME_NONE,
                                      .compression = NAME_NONE,
                                      .face_id = NAME_NONE,
                                      .context_id = NAME_NONE,
                                      .component = NAME_NONE,
                                      .pair = NAME_NONE};
    return 0;
}

/* Splits "dataset/method/compression/name" into the fields of a new video. */
static int take_whole_key(struct dataset *d, struct video *v, const char *key, struct err *err)
{
    struct video_key k;
    int r = video_key_parse(key, &k, NULL);

    if (r)
        return 0; /* a name and nothing more */
    v->name_at = (uint32_t)(strlen(key) - strlen(k.name));
    if (strcmp(k.dataset, "-") && (r = name_of(d, k.dataset, strlen(k.dataset), &v->dataset, err)))
        return r;
    if (strcmp(k.method, "-") && (r = name_of(d, k.method, strlen(k.method), &v->method, err)))
        return r;
    return strcmp(k.compression, "-")
               ? name_of(d, k.compression, strlen(k.compression), &v->compression, err)
               : 0;
}

/* Sets a field that was not known; false if it was known to be something else. */
static int agree(struct dataset *d, uint32_t *field, const struct parts *p, enum score_column c,
                 bool *same, struct err *err)
{
    uint32_t number;
    int r;

    *same = true;
    if (!p->len[c])
        return 0;
    if ((r = name_of(d, p->at[c], p->len[c], &number, err)))
        return r;
    if (*field == NAME_NONE)
        *field = number;
    *same = *field == number;
    return 0;
}

/* Takes label, split and identities into a video. *what is the first field that contradicts what
 * was known, or "label?"-like words for a value that cannot be read; NULL if all is well. */
static int take_fields(struct dataset *d, struct video *v, bool new, const struct parts *p,
                       const char **what, struct err *err)
{
    static const enum score_column ids[] = {COLUMN_FACE_ID, COLUMN_CONTEXT_ID, COLUMN_COMPONENT,
                                            COLUMN_PAIR};
    uint32_t *to[] = {&v->face_id, &v->context_id, &v->component, &v->pair};
    enum split split;
    uint8_t label;
    size_t i;
    bool same;
    int r;

    *what = NULL;
    if (p->len[COLUMN_LABEL]) {
        if (!label_parse(p->at[COLUMN_LABEL], p->len[COLUMN_LABEL], &label)) {
            *what = "label is neither real nor fake";
            return 0;
        }
        if (new)
            v->label = label;
        else if (v->label != label) {
            *what = "label differs from an earlier one of this video";
            return 0;
        }
    } else if (new) {
        *what = "no label";
        return 0;
    }
    if (p->len[COLUMN_SPLIT]) {
        if (!split_parse(p->at[COLUMN_SPLIT], p->len[COLUMN_SPLIT], &split)) {
            *what = "split is none of train, val, test";
            return 0;
        }
        if (v->split == SPLIT_NONE)
            v->split = (uint8_t)split;
        else if (v->split != split) {
            *what = "split differs from an earlier one of this video";
            return 0;
        }
    }
    for (i = 0; i < 4; i++) {
        if ((r = agree(d, to[i], p, ids[i], &same, err)))
            return r;
        if (!same) {
            *what = "an identity differs from an earlier one of this video";
            return 0;
        }
    }
    return 0;
}

/* ---- the manifest ----------------------------------------------------------------------------*/

static int take_row(struct dataset *d, struct frames *f, const int col[N_COLUMNS], int image_col,
                    const struct manifest_row *row, struct err *err)
{
    struct parts p = {0};
    const char *key = row->field[col[COLUMN_VIDEO]], *what;
    uint32_t video;
    bool new;
    int c, r;

    if (!key)
        return err_set(err, ERR_DATA, "'%s' line %zu: no video", f->m.path, row->index + 3);
    for (c = 0; c < N_COLUMNS; c++)
        if (col[c] >= 0 && row->field[col[c]]) {
            p.at[c] = row->field[col[c]];
            p.len[c] = strlen(p.at[c]);
        }
    if ((r = add_key(d, key, strlen(key), &video, &new, err)))
        return r;
    if (new && (r = take_whole_key(d, &d->video[video], key, err)))
        return r;
    if ((r = take_fields(d, &d->video[video], new, &p, &what, err)))
        return r;
    if (what)
        return err_set(err, ERR_DATA, "'%s' line %zu: video '%s': %s", f->m.path, row->index + 3,
                       key, what);
    d->video[video].listed |= manifest_row_ok(row);
    f->video[row->index] = video;
    f->image_at[row->index] = f->images.len;
    if (image_col >= 0 && row->field[image_col])
        str_add(&f->images, row->field[image_col]);
    str_add_c(&f->images, '\0');
    return 0;
}

int dataset_manifest(struct dataset *d, const char *path, struct err *err)
{
    static const enum score_column wanted[] = {COLUMN_LABEL,   COLUMN_VIDEO,      COLUMN_SPLIT,
                                               COLUMN_FACE_ID, COLUMN_CONTEXT_ID, COLUMN_COMPONENT,
                                               COLUMN_PAIR};
    static const char *const needed[] = {"id", "video", "label", NULL};
    struct frames *f = mem_array(1, sizeof(*f));
    struct manifest_row row = {0};
    int col[N_COLUMNS], must[3], r, image_col;
    size_t i;

    if (!f)
        return err_nomem(err);
    d->frames = f;
    if ((r = manifest_open(&f->m, path, NULL, err)) ||
        (r = manifest_columns(&f->m, needed, must, err)))
        return r;
    for (i = 0; i < N_COLUMNS; i++)
        col[i] = -1;
    for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
        col[wanted[i]] = manifest_column(&f->m, score_column_name(wanted[i]));
    image_col = manifest_column(&f->m, "image");
    f->video = mem_array(f->m.n_rows, sizeof(*f->video));
    f->image_at = mem_array(f->m.n_rows, sizeof(*f->image_at));
    d->input_hash = mem_strdup(f->m.hash);
    if (!f->video || !f->image_at || !d->input_hash)
        r = err_nomem(err);
    for (i = 0; !r && i < f->m.n_rows; i++) {
        r = manifest_read(&f->m, i, &row, err);
        if (!r)
            r = take_row(d, f, col, image_col, &row, err);
    }
    manifest_row_release(&row);
    if (!r && str_failed(&f->images))
        r = err_nomem(err);
    return r ? r : frames_index(f, err);
}

long long dataset_row_of_id(const struct dataset *d, const char *id, size_t len, uint32_t *video)
{
    long long row = d->frames ? frames_by_id(d->frames, id, len) : FRAMES_NONE;

    if (row >= 0)
        *video = d->frames->video[row];
    return row;
}

void dataset_release(struct dataset *d)
{
    size_t i;

    names_release(&d->names);
    names_release(&d->keys);
    frames_free(d->frames);
    for (i = 0; i < d->n_models; i++) {
        free(d->model[i].name);
        free(d->model[i].path);
        bulk_free(d->model[i].score);
        bulk_free(d->model[i].video);
        bulk_free(d->model[i].key);
    }
    free(d->model);
    free(d->video);
    free(d->input_hash);
    *d = (struct dataset){0};
}

/* ---- score files -----------------------------------------------------------------------------*/

/* A video as a score file describes it, without dataset_manifest's help. */
int dataset_described_video(struct dataset *d, const struct score_row *row, uint32_t *video,
                            const char **what, struct err *err)
{
    static const enum score_column prefix[] = {COLUMN_DATASET, COLUMN_METHOD, COLUMN_COMPRESSION};
    struct parts p;
    struct str key = STR_INIT;
    const char *name = row->at[COLUMN_VIDEO];
    size_t len = row->len[COLUMN_VIDEO], i;
    bool any = false, new = false;
    int r;

    memcpy(p.at, row->at, sizeof(p.at));
    memcpy(p.len, row->len, sizeof(p.len));
    *what = NULL;
    if (!len) {
        *what = "no video";
        return 0;
    }
    for (i = 0; i < 3; i++)
        any |= p.len[prefix[i]] > 0;
    if (any) {
        for (i = 0; i < 3; i++) {
            if (p.len[prefix[i]])
                str_add_n(&key, p.at[prefix[i]], p.len[prefix[i]]);
            else
                str_add_c(&key, '-');
            str_add_c(&key, '/');
        }
        if (key.s && len > key.len && !memcmp(name, key.s, key.len)) {
            name += key.len; /* the video was a whole key already */
            len -= key.len;
        }
    }
    str_add_n(&key, name, len);
    r = str_failed(&key) ? err_nomem(err) : add_key(d, key.s, key.len, video, &new, err);
    if (!r && new) {
        struct video *v = &d->video[*video];
        uint32_t *to[] = {&v->dataset, &v->method, &v->compression};

        if (!any)
            r = take_whole_key(d, v, key.s, err);
        else
            v->name_at = (uint32_t)(key.len - len);
        if (any)
            for (i = 0; !r && i < 3; i++)
                r = name_of(d, p.at[prefix[i]], p.len[prefix[i]], to[i], err);
    }
    if (!r)
        r = take_fields(d, &d->video[*video], new, &p, what, err);
    str_release(&key);
    return r;
}
