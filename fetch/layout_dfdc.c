/*
 * DFDC (Dolhansky et al., 2020), as its archives unpack: folders with a metadata.json (the train
 * parts, dfdc_train_part_<N>/) or a labels.csv (validation and test), with their videos beside it
 * or in videos/. Such folders are looked for in the root and two levels below.
 *
 *   metadata.json  {"NAME.mp4": {"label": "REAL"|"FAKE", "split": "train", "original": "NAME.mp4"}}
 *   labels.csv     filename,label     0 = real, 1 = fake
 *
 * Neither people nor methods are published. So face_id and context_id are missing, and a component
 * is an original clip with its fakes: less than a person, who is in many clips.
 */
#include "fetch/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/scan.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/mem.h"

#define METADATA    "metadata.json"
#define LABELS      "labels.csv"
#define REAL_METHOD "original"
#define FAKE_METHOD "undisclosed"
#define LEVELS      2 /* below the root */
#define CSV_LIMIT   ((size_t)1 << 28)
#define PART        "dfdc_train_part_" /* and its number, without zeros before it */
#define N_PARTS     50
#define N_VAL       4000 /* videos in the list of the validation set, and of the test set */
#define N_TEST      5000

struct clip {
    const char *name, *original; /* file names; `original` NULL = real, or not told */
    bool fake;
    enum split split;
};

/* One folder: what its list says, and which files are there. */
struct part {
    const char *folder; /* below the root, "" = the root */
    struct clip *clips; /* sorted by name */
    size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct clip *)a)->name, ((const struct clip *)b)->name);
}

static int add_clip(struct part *p, struct catalogue *c, const char *name, bool fake,
                    const char *original, enum split split, struct err *err)
{
    struct clip clip = {.fake = fake, .split = split};

    clip.name = catalogue_text(c, "%s", name);
    clip.original = original ? catalogue_text(c, "%s", original) : NULL;
    if (!clip.name || (original && !clip.original) ||
        mem_grow(&p->clips, &p->cap, p->n + 1, sizeof(*p->clips)))
        return err_nomem(err);
    p->clips[p->n++] = clip;
    return 0;
}

/* ---- the two kinds of list -------------------------------------------------------------------*/

static int read_metadata(struct part *p, const char *path, struct catalogue *c, struct err *err)
{
    struct jsonr *root = NULL;
    size_t i;
    int r = jsonr_load(&root, path, err);

    if (!r && jsonr_kind_of(root) != JSONR_OBJECT)
        r = err_set(err, ERR_DATA, "'%s' is not an object of file names", path);
    for (i = 0; !r && i < jsonr_size(root); i++) {
        const char *name;
        const struct jsonr *clip = jsonr_member(root, i, &name);
        const char *label = jsonr_as_text(jsonr_get(clip, "label"));
        const char *split = jsonr_as_text(jsonr_get(clip, "split"));
        bool fake = label && strcasecmp(label, "FAKE") == 0;

        if (!fake && (!label || strcasecmp(label, "REAL") != 0))
            r = err_set(err, ERR_DATA, "'%s': the label of '%s' is neither REAL nor FAKE", path,
                        name);
        else
            r = add_clip(p, c, name, fake, fake ? jsonr_as_text(jsonr_get(clip, "original")) : NULL,
                         split && strcmp(split, "train") == 0      ? SPLIT_TRAIN
                         : split && strncmp(split, "val", 3) == 0  ? SPLIT_VAL
                         : split && strncmp(split, "test", 4) == 0 ? SPLIT_TEST
                                                                   : SPLIT_NONE,
                         err);
    }
    jsonr_free(root);
    return r;
}

/* The part of DFDC that a folder of labels is, by its name. */
static enum split split_of_folder(const char *path)
{
    struct str folder = STR_INIT;
    const char *base;
    enum split split = SPLIT_NONE;

    fs_folder_of(path, &folder);
    base = str_failed(&folder)      ? ""
           : strrchr(folder.s, '/') ? strrchr(folder.s, '/') + 1
                                    : folder.s;
    if (strncasecmp(base, "val", 3) == 0)
        split = SPLIT_VAL;
    else if (strncasecmp(base, "test", 4) == 0)
        split = SPLIT_TEST;
    str_release(&folder);
    return split;
}

static int read_labels(struct part *p, const char *path, struct catalogue *c, struct err *err)
{
    enum split split = split_of_folder(path);
    size_t size, number = 1, before = p->n, published = split == SPLIT_VAL ? N_VAL : N_TEST;
    char *text, *line, *next;
    int r = fs_read(path, CSV_LIMIT, &text, &size, err);

    if (r)
        return r;
    /* Editors write a byte order mark. */
    for (line = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text; *line && !r;
         line = next, number++) {
        size_t n = strcspn(line, "\r\n");
        char *comma;

        next = line + n;
        next += strspn(next, "\r");
        next += *next == '\n';
        line[n] = '\0';
        comma = strrchr(line, ',');
        if (number == 1 && strcmp(line, "filename,label") == 0)
            continue;
        if (n == 0)
            continue;
        if (!comma || comma == line || (strcmp(comma, ",0") != 0 && strcmp(comma, ",1") != 0)) {
            r = err_set(err, ERR_DATA, "'%s' line %zu: not \"FILE,0\" or \"FILE,1\"", path, number);
            break;
        }
        *comma = '\0';
        r = add_clip(p, c, line, comma[1] == '1', NULL, split, err);
    }
    number = p->n - before;
    if (!r && number != published && 2 * number >= published)
        r = catalogue_note(c, err, "'%s' names %zu videos, the published one %zu", path, number,
                           published);
    free(text);
    return r;
}

/* ---- the videos of one folder ----------------------------------------------------------------*/

static const struct clip *find_clip(const struct part *p, const char *name)
{
    const struct clip key = {.name = name};

    return p->n ? bsearch(&key, p->clips, p->n, sizeof(*p->clips), by_name) : NULL;
}

static int person_of(struct catalogue *c, const char *file, int *person, struct err *err)
{
    const char *dot = strrchr(file, '.');
    const char *stem = catalogue_text(c, "%.*s", (int)(dot ? dot - file : (int)strlen(file)), file);

    return stem ? catalogue_person(c, "clip", stem, person, err) : err_nomem(err);
}

/* *unpaired counts fakes whose original is not in the folder: as in the samples of DFDC that people
 * pass on. They are of use on their own. */
static int describe(struct part *p, struct catalogue *c, struct entry *e, const struct clip *clip,
                    const struct scan *scan, size_t *unpaired, struct err *err)
{
    const char *own = clip && clip->original ? clip->original : e->name;
    const char *dot;
    size_t i;
    int r = person_of(c, own, &e->target, err);

    if (r)
        return r;
    if (!clip) {
        e->unlabelled = true;
        return catalogue_spoil(c, e, err, "no label: '%s' does not list it",
                               *p->folder ? p->folder : "the folder's list");
    }
    e->fake = clip->fake;
    e->listed = clip->split;
    if (!clip->original)
        return 0;
    for (i = 0; i < scan->n && strcmp(scan->names[i], clip->original) != 0;)
        i++;
    if (i == scan->n) {
        ++*unpaired;
        return 0;
    }
    dot = strrchr(clip->original, '.');
    e->pair = catalogue_text(c, "%s/" REAL_METHOD "/-/%.*s", c->dataset,
                             (int)(dot - clip->original), clip->original);
    return e->pair ? 0 : err_nomem(err);
}

static int add_videos(struct part *p, const struct source *s, struct catalogue *c, struct err *err)
{
    struct str folder = STR_INIT, path = STR_INIT;
    struct name_list missing = {0};
    struct scan scan = {0};
    size_t i, lo, hi, unpaired = 0;
    int r = 0;

    str_addf(&folder, "%s%svideos", p->folder, *p->folder ? "/" : "");
    fs_join(s->root, folder.s ? folder.s : "", &path);
    if (!str_failed(&path) && !fs_is_folder(path.s)) {
        str_clear(&folder);
        str_add(&folder, p->folder);
    }
    if (str_failed(&folder) || str_failed(&path))
        r = err_nomem(err);
    if (!r)
        r = scan_videos(s->root, folder.s, &scan, err);
    for (i = 0; i < scan.n && !r; i++) {
        const struct clip *clip = find_clip(p, scan.names[i]);
        struct entry *e;

        str_clear(&path);
        str_addf(&path, "%s%s%s", folder.s, folder.len ? "/" : "", scan.names[i]);
        if (str_failed(&path)) {
            r = err_nomem(err);
            break;
        }
        r = catalogue_add(c, clip && clip->fake ? FAKE_METHOD : REAL_METHOD, "-", NULL, path.s,
                          scan.bytes[i], &e, err);
        if (!r)
            r = describe(p, c, e, clip, &scan, &unpaired, err);
    }
    /* Both are sorted: one walk. */
    for (lo = hi = 0; lo < p->n && !r; lo++) {
        while (hi < scan.n && strcmp(scan.names[hi], p->clips[lo].name) < 0)
            hi++;
        if (hi == scan.n || strcmp(scan.names[hi], p->clips[lo].name) != 0)
            name_list_add(&missing, p->clips[lo].name);
    }
    str_clear(&path);
    str_addf(&path, "'%s': listed, but not there", *p->folder ? p->folder : s->root);
    if (!r)
        r = str_failed(&path) ? err_nomem(err) : layout_note_names(c, &missing, path.s, err);
    if (!r && unpaired)
        r = catalogue_note(c, err,
                           "'%s': %zu fakes whose original is not there are catalogued without it",
                           *p->folder ? p->folder : s->root, unpaired);
    name_list_release(&missing);
    scan_release(&scan);
    str_release(&folder);
    str_release(&path);
    return r;
}

/* ---- the layout ------------------------------------------------------------------------------*/

static int join(const char *a, const char *b, const char *c, struct str *out)
{
    str_clear(out);
    str_addf(out, "%s%s%s%s%s", a, *a && *b ? "/" : "", b, *c ? "/" : "", c);
    return str_failed(out) ? -1 : 0;
}

/* Marks the train part that a folder is, if it is one. */
static void mark_part(const char *folder, bool parts[N_PARTS])
{
    const char *name = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
    char *end;
    long k;

    if (strncmp(name, PART, strlen(PART)) != 0)
        return;
    name += strlen(PART);
    k = strtol(name, &end, 10);
    if (end > name && !*end && k >= 0 && k < N_PARTS)
        parts[k] = true;
}

/* The videos of a folder that has no list: nobody says what they are, as with the 400 test videos
 * of the Kaggle competition. */
static int note_unlisted(const struct source *s, struct catalogue *c, const char *folder,
                         struct err *err)
{
    struct name_list names = {0};
    struct scan scan = {0};
    const char *what = catalogue_text(c, "'%s': left out, in no " METADATA " or " LABELS,
                                      *folder ? folder : s->root);
    size_t i;
    int r = what ? scan_videos(s->root, folder, &scan, err) : err_nomem(err);

    for (i = 0; i < scan.n && !r; i++)
        name_list_add(&names, scan.names[i]);
    if (!r)
        r = layout_note_names(c, &names, what, err);
    name_list_release(&names);
    scan_release(&scan);
    return r;
}

/* Catalogues `folder` if it has a list, and what is below it. `listed`: the folder above has one,
 * and videos/ in it is read already. */
static int visit(const struct source *s, struct catalogue *c, const char *folder, int levels,
                 bool listed, bool parts[N_PARTS], struct err *err)
{
    const char *base = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
    struct part p = {.folder = folder};
    struct str labels = STR_INIT, metadata = STR_INIT, below = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = 0;

    if (join(s->root, folder, LABELS, &labels) || join(s->root, folder, METADATA, &metadata)) {
        r = err_nomem(err);
        goto out;
    }
    if (fs_exists(labels.s))
        r = read_labels(&p, labels.s, c, err);
    else if (fs_exists(metadata.s))
        r = read_metadata(&p, metadata.s, c, err);
    if (!r && p.n) {
        qsort(p.clips, p.n, sizeof(*p.clips), by_name);
        r = add_videos(&p, s, c, err);
        mark_part(folder, parts);
    } else if (!r && !(listed && strcasecmp(base, "videos") == 0)) {
        r = note_unlisted(s, c, folder, err);
    }
    if (!r && levels)
        r = scan_folders(s->root, folder, &scan, err);
    for (i = 0; i < scan.n && !r; i++)
        r = join(folder, scan.names[i], "", &below)
                ? err_nomem(err)
                : visit(s, c, below.s, levels - 1, p.n > 0, parts, err);
out:
    scan_release(&scan);
    free(p.clips);
    str_release(&labels);
    str_release(&metadata);
    str_release(&below);
    return r;
}

/* Who has most of the fifty parts wants all of them. */
static int note_parts(struct catalogue *c, const bool parts[N_PARTS], struct err *err)
{
    struct name_list missing = {0};
    char name[64];
    int k, r = 0;

    for (k = 0; k < N_PARTS; k++) {
        snprintf(name, sizeof(name), PART "%d", k);
        if (!parts[k])
            name_list_add(&missing, name);
    }
    if (missing.n <= N_PARTS / 2)
        r = layout_note_names(c, &missing, "train parts that are not there", err);
    name_list_release(&missing);
    return r;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    bool parts[N_PARTS] = {false};
    int r = visit(s, c, "", LEVELS, false, parts, err);

    if (!r)
        r = note_parts(c, parts, err);
    if (!r && c->n)
        r = catalogue_note(c, err,
                           "DFDC does not publish who is in a clip: a component is an original "
                           "clip and its fakes, and says nothing about people");
    return r;
}

static bool has_list(const char *root, const char *folder, int levels)
{
    struct str path = STR_INIT;
    struct err err = {0};
    struct scan scan = {0};
    bool yes = false;
    size_t i;

    yes = (!join(root, folder, LABELS, &path) && fs_exists(path.s)) ||
          (!join(root, folder, METADATA, &path) && fs_exists(path.s));
    if (!yes && levels && scan_folders(root, folder, &scan, &err) == 0)
        for (i = 0; i < scan.n && !yes; i++)
            yes = !join(folder, scan.names[i], "", &path) && has_list(root, path.s, levels - 1);
    scan_release(&scan);
    str_release(&path);
    return yes;
}

static bool looks_like(const struct source *s)
{
    return has_list(s->root, "", LEVELS);
}

/* All 50 train parts; with validation and test; the Kaggle sample has 77 and 323. */
/* Of the train parts alone, with the validation set, with the test set, and with both. These two
 * alone are compared list by list. */
static const struct expected expected[] = {
    {REAL_METHOD, 19154},  {REAL_METHOD, 21154},  {REAL_METHOD, 21654},
    {REAL_METHOD, 23654},  {FAKE_METHOD, 100000}, {FAKE_METHOD, 102000},
    {FAKE_METHOD, 102500}, {FAKE_METHOD, 104500}, {"", 0},
};

const struct layout layout_dfdc = {
    .name = "dfdc",
    .help = "DFDC: folders with metadata.json or labels.csv",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
