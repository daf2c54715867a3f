/*
 * The DFDC preview set (Dolhansky et al., 2019), as its archive unpacks: a dataset.json
 *
 *   {"method_A/PATH.mp4": {"label": "fake", "set": "train", "target_id": 1, "swapped_id": 2}, ...}
 *
 * whose keys are paths below the root; some copies have a level videos/ below the first folder.
 * `target_id` is whose video it is, `swapped_id` whose face was put in. Which clip a fake was made
 * from is not told, so fakes have no pair.
 */
#include "fetch/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/symbols.h"
#include "fetch/walk.h"
#include "lib/fs.h"
#include "lib/json.h"

#define LIST        "dataset.json"
#define REAL_METHOD "original"
#define PUBLISHED   5250 /* videos: 1131 real, 4119 fake */

/* "1260311" or 1260311; NULL if neither. */
static const char *id_text(struct catalogue *c, const struct jsonr *n)
{
    long long value;

    if (jsonr_as_text(n))
        return *jsonr_as_text(n) ? catalogue_text(c, "%s", jsonr_as_text(n)) : NULL;
    return jsonr_as_int(n, &value) ? catalogue_text(c, "%lld", value) : NULL;
}

/* Finds the file of a key: as it is, or with videos/ after the first folder. */
static const char *find_file(const struct source *s, struct catalogue *c, const char *key,
                             long long *bytes)
{
    const char *slash = strchr(key, '/'), *file = NULL;
    struct str path = STR_INIT;

    fs_join(s->root, key, &path);
    *bytes = str_failed(&path) ? -1 : fs_size(path.s);
    if (*bytes < 0 && slash) {
        file = catalogue_text(c, "%.*s/videos/%s", (int)(slash - key), key, slash + 1);
        if (file)
            fs_join(s->root, file, &path);
        *bytes = !file || str_failed(&path) ? -1 : fs_size(path.s);
    } else {
        file = catalogue_text(c, "%s", key);
    }
    str_release(&path);
    return file;
}

/* The folder after the first one, which in original_videos is the person. */
static const char *second_folder(struct catalogue *c, const char *key)
{
    const char *a = strchr(key, '/'), *b = a ? strchr(a + 1, '/') : NULL;

    return b ? catalogue_text(c, "%.*s", (int)(b - a - 1), a + 1) : NULL;
}

/* What of the list is not there, and what is there and not in the list. */
struct check {
    struct symbols files; /* that are listed and there */
    struct name_list missing, extra;
};

static int add_clip(const struct source *s, struct catalogue *c, const char *key,
                    const struct jsonr *clip, struct check *check, struct err *err)
{
    const char *label = jsonr_as_text(jsonr_get(clip, "label"));
    const char *set = jsonr_as_text(jsonr_get(clip, "set"));
    const char *target = id_text(c, jsonr_get(clip, "target_id"));
    const char *swapped = id_text(c, jsonr_get(clip, "swapped_id"));
    bool fake = label && strcasecmp(label, "fake") == 0;
    const char *file, *method;
    struct entry *e;
    long long bytes;
    int r;

    if (!fs_is_safe_name(key))
        return err_set(err, ERR_DATA, "'" LIST "': '%s' is no path below the root", key);
    if (!fake && (!label || strcasecmp(label, "real") != 0))
        return err_set(err, ERR_DATA, "'" LIST "': the label of '%s' is neither real nor fake",
                       key);
    method = fake ? catalogue_text(c, "%.*s", (int)strcspn(key, "/"), key) : REAL_METHOD;
    file = find_file(s, c, key, &bytes);
    if (!file || !method)
        return err_nomem(err);
    if (bytes >= 0 && symbols_add(&check->files, file) < 0)
        return err_nomem(err);
    if (fake && !source_wants(s, method))
        return 0;
    if (bytes < 0) {
        name_list_add(&check->missing, key);
        return 0;
    }
    r = catalogue_add(c, method, "-", NULL, file, bytes, &e, err);
    if (r)
        return r;
    e->fake = fake;
    e->listed = set && strcmp(set, "train") == 0  ? SPLIT_TRAIN
                : set && strcmp(set, "test") == 0 ? SPLIT_TEST
                                                  : SPLIT_NONE;
    if (!target && !fake)
        target = second_folder(c, key);
    if (target)
        r = catalogue_person(c, "", target, &e->context, err);
    if (!r && fake && swapped)
        r = catalogue_person(c, "", swapped, &e->donor, err);
    e->face = fake ? e->donor : e->context;
    e->target = e->context != NOBODY ? e->context : e->donor;
    if (!r && e->target == NOBODY)
        r = catalogue_person(c, "clip", e->name, &e->target, err);
    return r;
}

static int visit(void *ctx, const struct walk_video *v, struct err *err)
{
    struct check *check = ctx;

    (void)err;
    if (symbols_find(&check->files, v->path) < 0)
        name_list_add(&check->extra, v->path);
    return 0;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct check check = {0};
    struct jsonr *root = NULL;
    struct str path = STR_INIT;
    size_t i;
    int r;

    fs_join(s->root, LIST, &path);
    r = str_failed(&path) ? err_nomem(err) : jsonr_load(&root, path.s, err);
    if (!r && jsonr_kind_of(root) != JSONR_OBJECT)
        r = err_set(err, ERR_DATA, "'%s' is not an object of paths", path.s);
    for (i = 0; !r && i < jsonr_size(root); i++) {
        const char *key;
        const struct jsonr *clip = jsonr_member(root, i, &key);

        r = add_clip(s, c, key, clip, &check, err);
    }
    if (!r && 2 * i >= PUBLISHED && i != PUBLISHED)
        r = catalogue_note(c, err, "'%s' names %zu videos, the published one %d", path.s, i,
                           PUBLISHED);
    if (!r)
        r = layout_note_names(c, &check.missing, "in " LIST ", but not there", err);
    if (!r)
        r = walk_videos(s->root, "", 4, visit, &check, err);
    if (!r)
        r = layout_note_names(c, &check.extra, "not in " LIST, err);
    name_list_release(&check.missing);
    name_list_release(&check.extra);
    symbols_release(&check.files);
    jsonr_free(root);
    str_release(&path);
    return r;
}

static bool looks_like(const struct source *s)
{
    struct str path = STR_INIT;
    bool yes;

    fs_join(s->root, LIST, &path);
    yes = !str_failed(&path) && fs_exists(path.s);
    str_release(&path);
    return yes;
}

static const struct expected expected[] = {{REAL_METHOD, 1131}, {"", 0}};

const struct layout layout_dfdc_preview = {
    .name = "dfdc-preview",
    .help = "the DFDC preview set, with dataset.json",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
