/*
 * Celeb-DF v1 and v2 (Li et al., CVPR 2020):
 *
 *   Celeb-real/id<A>_<n>.mp4             person A
 *   YouTube-real/<n>.mp4                 unknown people
 *   Celeb-synthesis/id<A>_id<B>_<n>.mp4  Celeb-real/id<A>_<n> with the face of B
 *   List_of_testing_videos.txt           lines "LABEL FOLDER/FILE.mp4" where 1 is REAL and 0 FAKE
 *
 * with or without a level videos/ in each folder. What the list does not name is for training. The
 * author in issue 6 of the repository: the first id is the original, the second the swapped one.
 */
#include "fetch/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/celeb_list.h"
#include "fetch/scan.h"
#include "lib/fs.h"

#define CELEB_REAL   "Celeb-real"
#define YOUTUBE_REAL "YouTube-real"
#define SYNTHESIS    "Celeb-synthesis"

/* ---- names -----------------------------------------------------------------------------------*/

static int describe_celeb(struct catalogue *c, struct entry *e, struct err *err)
{
    size_t n = celeb_id_at(e->name);
    int r;

    if (!n || e->name[n] != '_' || !e->name[n + 1])
        return catalogue_spoil(c, e, err, "the name is not idA_NUMBER");
    r = celeb_person_at(c, e->name, n, &e->context, err);
    e->face = e->target = e->context;
    return r;
}

/* Nobody says who is in these, so each is a person of its own. */
static int describe_youtube(struct catalogue *c, struct entry *e, struct err *err)
{
    int r = catalogue_person(c, "youtube", e->name, &e->context, err);

    e->face = e->target = e->context;
    return r;
}

static int describe_synthesis(struct catalogue *c, struct entry *e, struct err *err)
{
    size_t a = celeb_id_at(e->name), b = a && e->name[a] == '_' ? celeb_id_at(e->name + a + 1) : 0;
    const char *number = b ? e->name + a + 1 + b : NULL;
    int r;

    e->fake = true;
    if (!number || number[0] != '_' || !number[1])
        return catalogue_spoil(c, e, err, "the name is not idA_idB_NUMBER");
    if ((r = celeb_person_at(c, e->name, a, &e->context, err)) ||
        (r = celeb_person_at(c, e->name + a + 1, b, &e->donor, err)))
        return r;
    e->target = e->context;
    e->face = e->donor;
    e->pair = catalogue_text(c, "%s/" CELEB_REAL "/-/%.*s%s", c->dataset, (int)a, e->name, number);
    return e->pair ? 0 : err_nomem(err);
}

static const struct folder {
    const char *method;
    int (*describe)(struct catalogue *c, struct entry *e, struct err *err);
} folders[] = {
    {CELEB_REAL, describe_celeb},
    {YOUTUBE_REAL, describe_youtube},
    {SYNTHESIS, describe_synthesis},
};

/* ---- the layout ------------------------------------------------------------------------------*/

static int add_folder(const struct source *s, struct catalogue *c, const struct folder *f,
                      const char *name, struct celeb_list *l, struct err *err)
{
    struct str folder = STR_INIT, file = STR_INIT;
    struct scan scan = {0};
    size_t i;
    int r = 0;

    str_addf(&folder, "%s/videos", name);
    fs_join(s->root, folder.s ? folder.s : "", &file);
    if (str_failed(&folder) || str_failed(&file)) {
        r = err_nomem(err);
        goto out;
    }
    if (!fs_is_folder(file.s)) {
        str_clear(&folder);
        str_add(&folder, name);
    }
    r = scan_videos(s->root, folder.s, &scan, err);
    for (i = 0; i < scan.n && !r; i++) {
        struct entry *e;

        str_clear(&file);
        str_addf(&file, "%s/%s", folder.s, scan.names[i]);
        if (str_failed(&file)) {
            r = err_nomem(err);
            break;
        }
        if ((r = catalogue_add(c, f->method, "-", NULL, file.s, scan.bytes[i], &e, err)) ||
            (r = f->describe(c, e, err)))
            break;
        r = celeb_list_look_up(l, c, e, file.s, err);
    }
out:
    scan_release(&scan);
    str_release(&folder);
    str_release(&file);
    return r;
}

/* The name of a folder of the root, whatever its case ("Youtube-real" is about); NULL if none. */
static const char *find_folder(const struct scan *top, const char *method)
{
    size_t i;

    for (i = 0; i < top->n; i++)
        if (strcasecmp(top->names[i], method) == 0)
            return top->names[i];
    return NULL;
}

static int fill(const struct source *s, struct catalogue *c, struct err *err)
{
    struct celeb_list l = {0};
    struct scan top = {0};
    size_t i;
    int r;

    r = celeb_list_read(&l, s, c, err);
    if (!r)
        r = scan_folders(s->root, "", &top, err);
    for (i = 0; i < sizeof(folders) / sizeof(*folders) && !r; i++) {
        const char *name = find_folder(&top, folders[i].method);

        if (name && (folders[i].describe != describe_synthesis || source_wants(s, SYNTHESIS)))
            r = add_folder(s, c, &folders[i], name, &l, err);
        else if (!name)
            r = catalogue_note(c, err, "no folder %s", folders[i].method);
    }
    if (!r)
        r = celeb_list_note_unseen(&l, c, err);
    celeb_list_release(&l);
    scan_release(&top);
    return r;
}

static bool looks_like(const struct source *s)
{
    struct err err = {0};
    struct scan top;
    bool yes;

    if (scan_folders(s->root, "", &top, &err))
        return false;
    yes = find_folder(&top, CELEB_REAL) || find_folder(&top, SYNTHESIS);
    scan_release(&top);
    return yes;
}

/* v2, then v1. */
static const struct expected expected[] = {
    {CELEB_REAL, 590},   {YOUTUBE_REAL, 300}, {SYNTHESIS, 5639}, {CELEB_REAL, 158},
    {YOUTUBE_REAL, 250}, {SYNTHESIS, 795},    {"", 0},
};

const struct layout layout_celeb_df = {
    .name = "celeb-df",
    .help = "Celeb-DF v1 or v2, with List_of_testing_videos.txt",
    .looks_like = looks_like,
    .fill = fill,
    .expected = expected,
};
