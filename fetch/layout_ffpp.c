/*
 * FaceForensics++ as its download script lays it out (Roessler et al., ICCV 2019; the repository's
 * dataset/README.md):
 *
 *   original_sequences/{youtube,actors}/<compression>/videos/<sequence>.mp4
 *   manipulated_sequences/<Method>/<compression>/videos/<target>_<source>.mp4
 *   manipulated_sequences/<Method>/masks/videos/<target>_<source>.mp4
 *
 * `target` is the sequence that was manipulated, `source` the one whose face or expression was put
 * in. DeepFakeDetection names actors and scenes: <actor>__<scene>, <target>_<source>__<scene>__ID.
 */
#include "fetch/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/ffpp_lists.h"
#include "fetch/scan.h"
#include "lib/fs.h"

#define ORIGINAL "original"          /* method of the pristine YouTube sequences */
#define ACTORS   "actors"            /* method of the pristine DeepFakeDetection videos */
#define DFD      "DeepFakeDetection" /* its fakes */

/* Whose face a method shows: a swap shows the source's, reenactment keeps the target's. A method
 * that is not here is not guessed at. */
enum face_rule { FACE_UNKNOWN, FACE_SOURCE, FACE_TARGET };

static const struct {
    const char *method;
    enum face_rule face;
} methods[] = {
    {"Deepfakes", FACE_SOURCE}, {"FaceSwap", FACE_SOURCE},       {"FaceShifter", FACE_SOURCE},
    {"Face2Face", FACE_TARGET}, {"NeuralTextures", FACE_TARGET}, {DFD, FACE_SOURCE},
};

static enum face_rule face_rule_of(const char *method)
{
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (strcmp(methods[i].method, method) == 0)
            return methods[i].face;
    return FACE_UNKNOWN;
}

struct work {
    const struct source *source;
    struct catalogue *c;
    struct ffpp_lists lists;
    struct str folder, file;
    struct name_list unmasked; /* of the method and compression at hand */
};

/* ---- one video -------------------------------------------------------------------------------*/

/* A sequence of YouTube: its own person, in the split that lists it. */
static int describe_sequence(struct work *w, struct entry *e, struct err *err)
{
    int r = catalogue_person(w->c, "", e->name, &e->context, err);

    e->face = e->target = e->context;
    e->listed = ffpp_split_of(&w->lists, e->name);
    return r;
}

/* <actor>__<scene> */
static int describe_actor(struct work *w, struct entry *e, struct err *err)
{
    const char *end = strstr(e->name, "__");
    const char *actor;
    int r;

    if (!end || end == e->name)
        return catalogue_spoil(w->c, e, err, "the name is not ACTOR__SCENE");
    actor = catalogue_text(w->c, "%.*s", (int)(end - e->name), e->name);
    if (!actor)
        return err_nomem(err);
    r = catalogue_person(w->c, ACTORS, actor, &e->context, err);
    e->face = e->target = e->context;
    return r;
}

static void set_face(struct entry *e, enum face_rule rule)
{
    e->face = rule == FACE_SOURCE ? e->donor : rule == FACE_TARGET ? e->target : NOBODY;
}

/* <target>_<source>: in its target's split, unless its source is in another one. */
static int describe_fake(struct work *w, struct entry *e, struct err *err)
{
    const char *bar = strchr(e->name, '_');
    const char *target, *source;
    enum split of_source;
    int r;

    e->fake = true;
    if (!bar || bar == e->name || !bar[1] || strchr(bar + 1, '_'))
        return catalogue_spoil(w->c, e, err, "the name is not TARGET_SOURCE");
    target = catalogue_text(w->c, "%.*s", (int)(bar - e->name), e->name);
    source = bar + 1;
    e->pair = target ? catalogue_text(w->c, "%s/" ORIGINAL "/%s/%s", w->c->dataset, e->compression,
                                      target)
                     : NULL;
    if (!e->pair)
        return err_nomem(err);
    if ((r = catalogue_person(w->c, "", target, &e->context, err)) ||
        (r = catalogue_person(w->c, "", source, &e->donor, err)))
        return r;
    e->target = e->context;
    set_face(e, face_rule_of(e->method));
    e->listed = ffpp_split_of(&w->lists, target);
    of_source = ffpp_split_of(&w->lists, source);
    if (of_source != SPLIT_NONE && of_source != e->listed)
        e->listed = SPLIT_NONE;
    return 0;
}

/* <target>_<source>__<scene>__<ID> */
static int describe_dfd(struct work *w, struct entry *e, struct err *err)
{
    const char *bar = strchr(e->name, '_'), *scene = strstr(e->name, "__");
    const char *id = scene ? strstr(scene + 2, "__") : NULL, *next;
    const char *target, *source;
    int r;

    e->fake = true;
    while (id && (next = strstr(id + 2, "__")))
        id = next;
    if (!id || bar == e->name || bar + 1 >= scene || id == scene + 2)
        return catalogue_spoil(w->c, e, err, "the name is not TARGET_SOURCE__SCENE__ID");
    target = catalogue_text(w->c, "%.*s", (int)(bar - e->name), e->name);
    source = catalogue_text(w->c, "%.*s", (int)(scene - bar - 1), bar + 1);
    if (!target || !source)
        return err_nomem(err);
    e->pair = catalogue_text(w->c, "%s/" ACTORS "/%s/%s%.*s", w->c->dataset, e->compression, target,
                             (int)(id - scene), scene);
    if (!e->pair)
        return err_nomem(err);
    if ((r = catalogue_person(w->c, ACTORS, target, &e->context, err)) ||
        (r = catalogue_person(w->c, ACTORS, source, &e->donor, err)))
        return r;
    e->target = e->context;
    set_face(e, face_rule_of(DFD));
    return 0;
}

/* ---- folders ---------------------------------------------------------------------------------*/

static int join(struct str *out, struct err *err, const char *a, const char *b, const char *c)
{
    str_clear(out);
    str_addf(out, "%s/%s", a, b);
    if (*c)
        str_addf(out, "/%s", c);
    return str_failed(out) ? err_nomem(err) : 0;
}

static bool below(struct work *w, const char *folder)
{
    fs_join(w->source->root, folder, &w->file);
    return !str_failed(&w->file) && fs_is_folder(w->file.s);
}

/* Where the videos of one compression are, below `base`; "" if there are none. `raw` was once
 * called `c0`, and some copies lack the level videos/. */
static int find_videos(struct work *w, const char *base, const char *compression, struct err *err)
{
    const char *const names[] = {compression, strcmp(compression, "raw") == 0  ? "c0"
                                              : strcmp(compression, "c0") == 0 ? "raw"
                                                                               : NULL};
    size_t i;
    int r;

    for (i = 0; i < 2 && names[i]; i++) {
        if ((r = join(&w->folder, err, base, names[i], "videos")))
            return r;
        if (below(w, w->folder.s))
            return 0;
        if ((r = join(&w->folder, err, base, names[i], "")))
            return r;
        if (below(w, w->folder.s))
            return 0;
    }
    str_clear(&w->folder);
    return 0;
}

static int add_video(struct work *w, const char *base, const char *method, const char *compression,
                     bool fake, const char *name, long long bytes, struct err *err)
{
    struct entry *e;
    int r = join(&w->file, err, w->folder.s, name, "");

    if (!r)
        r = catalogue_add(w->c, method, compression, NULL, w->file.s, bytes, &e, err);
    if (r)
        return r;
    if (!fake)
        return strcmp(method, ACTORS) == 0 ? describe_actor(w, e, err)
                                           : describe_sequence(w, e, err);
    r = strcmp(method, DFD) == 0 ? describe_dfd(w, e, err) : describe_fake(w, e, err);
    if (r)
        return r;
    str_clear(&w->file);
    str_addf(&w->file, "%s/masks/videos/%s.mp4", base, e->name);
    if (!str_failed(&w->file))
        e->mask = catalogue_text(w->c, "%s", w->file.s);
    if (!e->mask)
        return err_nomem(err);
    fs_join(w->source->root, e->mask, &w->file);
    if (str_failed(&w->file))
        return err_nomem(err);
    if (fs_size(w->file.s) <= 0) {
        name_list_add(&w->unmasked, e->name);
        e->mask = NULL;
    }
    return 0;
}

/* All videos of one method, in the wanted compressions. */
static int add_method(struct work *w, const char *base, const char *method, bool fake,
                      struct err *err)
{
    const struct source *s = w->source;
    size_t i, k;
    int r = 0;

    for (i = 0; i < s->n_compressions && !r; i++) {
        const char *compression =
            strcmp(s->compressions[i], "c0") == 0 ? "raw" : s->compressions[i];
        struct scan scan;

        r = find_videos(w, base, compression, err);
        if (!r && !w->folder.len) {
            r = catalogue_note(w->c, err, "'%s' has no %s", base, compression);
            continue;
        }
        if (!r)
            r = scan_videos(s->root, w->folder.s, &scan, err);
        if (r)
            break;
        for (k = 0; k < scan.n && !r; k++)
            r = add_video(w, base, method, compression, fake, scan.names[k], scan.bytes[k], err);
        if (!r && scan.n == 0)
            r = catalogue_note(w->c, err, "'%s' holds no video", w->folder.s);
        /* No mask at all was not asked for; some are a download that is not whole. */
        str_clear(&w->file);
        str_addf(&w->file, "%s %s: without a mask", method, compression);
        if (!r && w->unmasked.n < scan.n)
            r = str_failed(&w->file) ? err_nomem(err)
                                     : layout_note_names(w->c, &w->unmasked, w->file.s, err);
        name_list_release(&w->unmasked);
        scan_release(&scan);
    }
    return r;
}

static int add_part(struct work *w, const char *part, bool fake, struct err *err)
{
    struct str base = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = 0;

    if (below(w, part))
        r = scan_folders(w->source->root, part, &scan, err);
    for (i = 0; i < scan.n && !r; i++) {
        const char *method = scan.names[i];

        if (!fake && strcmp(method, "youtube") == 0)
            method = ORIGINAL;
        if (fake && !source_wants(w->source, method))
            continue;
        r = join(&base, err, part, scan.names[i], "");
        if (!r)
            r = add_method(w, base.s, method, fake, err);
    }
    scan_release(&scan);
    str_release(&base);
    return r;
}

/* A method that was asked for and is not there is a mistake in the settings or a download to do. */
static int check_methods(struct work *w, struct err *err)
{
    const struct source *s = w->source;
    size_t i;
    int r = 0;

    for (i = 0; i < s->n_methods && !r; i++) {
        r = join(&w->folder, err, "manipulated_sequences", s->methods[i], "");
        if (!r && !below(w, w->folder.s))
            r = err_set(err, ERR_NOINPUT, "'%s' is missing, but dataset.methods wants '%s'",
                        w->file.s, s->methods[i]);
    }
    return r;
}

/* ---- the lists and the files compared
 * ----------------------------------------------------------*/

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Notes what the lists promise and one method and compression, videos lo .. hi-1, does not have. */
static int compare_method(struct work *w, const char *method, const char *compression, size_t lo,
                          size_t hi, struct err *err)
{
    struct name_list missing = {0}, extra = {0};
    const char **names = NULL;
    size_t i, n = hi - lo;
    bool fake = w->c->videos[lo].fake;
    int r = 0, way;

    names = calloc(n, sizeof(*names));
    if (!names)
        return err_nomem(err);
    for (i = 0; i < n; i++) {
        names[i] = w->c->videos[lo + i].name;
        if (w->c->videos[lo + i].listed == SPLIT_NONE)
            name_list_add(&extra, names[i]);
    }
    qsort(names, n, sizeof(*names), by_text);
    for (i = 0; i < w->lists.n_pairs; i++)
        for (way = 0; way < 2; way++) {
            const char *a = way ? w->lists.pairs[i].b : w->lists.pairs[i].a;
            const char *b = way ? w->lists.pairs[i].a : w->lists.pairs[i].b;
            const char *key;

            str_clear(&w->file);
            str_addf(&w->file, fake ? "%s_%s" : "%s", a, b);
            key = w->file.s;
            if (!str_failed(&w->file) && !bsearch(&key, names, n, sizeof(*names), by_text))
                name_list_add(&missing, key);
        }
    str_clear(&w->folder);
    str_addf(&w->folder, "%s %s: listed, but not there", method, compression);
    r = layout_note_names(w->c, &missing, w->folder.s, err);
    str_clear(&w->folder);
    str_addf(&w->folder, "%s %s: in no split, or from two", method, compression);
    if (!r)
        r = layout_note_names(w->c, &extra, w->folder.s, err);
    name_list_release(&missing);
    name_list_release(&extra);
    free(names);
    return r;
}

static int compare_with_lists(struct work *w, struct err *err)
{
    size_t lo, hi, n = w->c->n;
    int r = 0;

    /* In the order they were added, those of one method and compression stand together. */
    for (lo = 0; lo < n && !r; lo = hi) {
        const struct entry *e = &w->c->videos[lo];

        for (hi = lo; hi < n && strcmp(w->c->videos[hi].method, e->method) == 0 &&
                      strcmp(w->c->videos[hi].compression, e->compression) == 0;)
            hi++;
        if (strcmp(e->method, ACTORS) != 0 && strcmp(e->method, DFD) != 0)
            r = compare_method(w, e->method, e->compression, lo, hi, err);
    }
    return r;
}

/* ---- the layout ------------------------------------------------------------------------------*/

/* Pairs that a list promises are ties even if their fakes are not downloaded yet: components do not
 * change when they are. */
static int tie_pairs(struct work *w, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < w->lists.n_pairs && !r; i++) {
        const struct ffpp_pair *p = &w->lists.pairs[i];
        int a, b;

        if ((r = catalogue_person(w->c, "", p->a, &a, err)) ||
            (r = catalogue_person(w->c, "", p->b, &b, err)))
            break;
        r = catalogue_tie(w->c, a, b, false, "a pair of the split list", err);
    }
    return r;
}

static int read_lists(struct work *w, struct err *err)
{
    const struct source *s = w->source;
    int r = ffpp_lists_read(&w->lists, *s->splits ? s->splits : s->root, w->c, err);

    if (!r && !w->lists.any && *s->splits)
        return err_set(err, ERR_NOINPUT, "'%s' holds none of train.json, val.json, test.json",
                       s->splits);
    if (!r)
        r = tie_pairs(w, err);
    if (r)
        return r;
    if (*s->conversion)
        return ffpp_read_conversion(s->conversion, w->c, err);
    fs_join(s->root, "conversion_dict.json", &w->file);
    if (str_failed(&w->file))
        return err_nomem(err);
    if (fs_exists(w->file.s))
        return ffpp_read_conversion(w->file.s, w->c, err);
    if (w->lists.sequences.n >= 900)
        return catalogue_note(w->c, err,
                              "without conversion_dict.json it is not known which of the sequences "
                              "come from one source video");
    return 0;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct work w = {.source = s, .c = c};
    int r;

    if ((r = read_lists(&w, err)) || (r = check_methods(&w, err)) ||
        (r = add_part(&w, "original_sequences", false, err)) ||
        (r = add_part(&w, "manipulated_sequences", true, err)))
        goto out;
    if (w.lists.any)
        r = compare_with_lists(&w, err);
    else if (c->n)
        r = catalogue_note(c, err, "no train.json, val.json or test.json: no video is in a split");
out:
    ffpp_lists_release(&w.lists);
    str_release(&w.folder);
    str_release(&w.file);
    return r;
}

static bool looks_like(const struct source *s)
{
    struct str path = STR_INIT;
    bool yes;

    fs_join(s->root, "original_sequences", &path);
    yes = !str_failed(&path) && fs_is_folder(path.s);
    fs_join(s->root, "manipulated_sequences", &path);
    yes = yes || (!str_failed(&path) && fs_is_folder(path.s));
    str_release(&path);
    return yes;
}

/* The repository's dataset/README.md. */
static const struct expected expected[] = {
    {ORIGINAL, 1000},
    {"Deepfakes", 1000},
    {"Face2Face", 1000},
    {"FaceSwap", 1000},
    {"NeuralTextures", 1000},
    {"FaceShifter", 1000},
    {ACTORS, 363},
    {DFD, 3068},
    {"", 0},
};

const struct layout layout_ffpp = {
    .name = "ffpp",
    .help = "FaceForensics++ and its DeepFakeDetection, as the download script lays them out",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
