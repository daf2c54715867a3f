#include "fetch/ffpp_lists.h"

#include <stdlib.h>
#include <string.h>

#include "fetch/scan.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/mem.h"

/* The files in dataset/splits of the FaceForensics repository, read in 2026. */
static const char *const published[N_SPLITS] = {
    [SPLIT_TRAIN] = "e59386911255e6fb0a79a7808ec2210536b8c0474268342694c4bca766d1b347",
    [SPLIT_VAL] = "b48cc511f66938e05356aaa9c67e150b1e3638c355db3d745225b0022884b36e",
    [SPLIT_TEST] = "886f5a0da623c25820692e0d8dc33d197ddb1db527a7f1cfcb9bcbca60fe4f40",
};

static int add_sequence(struct ffpp_lists *l, const char *name, enum split split, const char *path,
                        struct name_list *twice, struct err *err)
{
    int known = symbols_find(&l->sequences, name);
    int k = known >= 0 ? known : symbols_add(&l->sequences, name);

    if (k < 0 || mem_grow(&l->splits, &l->splits_cap, (size_t)k + 1, sizeof(*l->splits)))
        return err_nomem(err);
    if (known < 0) {
        l->splits[k] = split;
        return 0;
    }
    if (l->splits[k] != split)
        return err_set(err, ERR_DATA, "'%s' lists sequence '%s', which the %s list has too", path,
                       name, split_names[l->splits[k]]);
    name_list_add(twice, name);
    return 0;
}

static int read_list(struct ffpp_lists *l, const char *path, enum split split, struct catalogue *c,
                     struct err *err)
{
    struct name_list twice = {0};
    struct jsonr *root = NULL;
    size_t i;
    int r = jsonr_load(&root, path, err);

    if (!r && jsonr_kind_of(root) != JSONR_ARRAY)
        r = err_set(err, ERR_DATA, "'%s' is not an array of pairs", path);
    for (i = 0; !r && i < jsonr_size(root); i++) {
        const struct jsonr *pair = jsonr_at(root, i);
        const char *a = jsonr_as_text(jsonr_at(pair, 0)), *b = jsonr_as_text(jsonr_at(pair, 1));

        if (jsonr_size(pair) != 2 || !a || !b) {
            r = err_set(err, ERR_DATA, "'%s': entry %zu is not a pair of names", path, i + 1);
            break;
        }
        if (mem_grow(&l->pairs, &l->cap, l->n_pairs + 1, sizeof(*l->pairs)) ||
            !(a = catalogue_text(c, "%s", a)) || !(b = catalogue_text(c, "%s", b))) {
            r = err_nomem(err);
            break;
        }
        l->pairs[l->n_pairs++] = (struct ffpp_pair){a, b, split};
        r = add_sequence(l, a, split, path, &twice, err);
        if (!r)
            r = add_sequence(l, b, split, path, &twice, err);
    }
    if (!r && twice.n)
        r = catalogue_note(c, err, "'%s' has sequences in more than one pair: %s", path,
                           name_list_text(&twice));
    name_list_release(&twice);
    jsonr_free(root);
    return r;
}

int ffpp_lists_read(struct ffpp_lists *l, const char *folder, struct catalogue *c, struct err *err)
{
    struct str name = STR_INIT, path = STR_INIT;
    int split, same = 0, r = 0;
    char hex[HASH_HEX];

    for (split = SPLIT_TRAIN; split < N_SPLITS && !r; split++) {
        str_clear(&name);
        str_addf(&name, "%s.json", split_names[split]);
        if (!str_failed(&name))
            fs_join(folder, name.s, &path);
        if (str_failed(&name) || str_failed(&path)) {
            r = err_nomem(err);
        } else if (fs_exists(path.s)) {
            l->any = true;
            r = read_list(l, path.s, (enum split)split, c, err);
            if (!r)
                r = hash_file(path.s, hex, err);
            if (!r && strcmp(hex, published[split]) == 0)
                same++;
        }
    }
    /* 1000 sequences and not the published bytes: an edited or reformatted copy. */
    if (!r && l->sequences.n >= 900 && same < 3)
        r = catalogue_note(c, err,
                           "%d of the three split lists in '%s' differ in their bytes from the "
                           "published ones",
                           3 - same, folder);
    str_release(&name);
    str_release(&path);
    return r;
}

enum split ffpp_split_of(const struct ffpp_lists *l, const char *sequence)
{
    int k = symbols_find(&l->sequences, sequence);

    return k < 0 ? SPLIT_NONE : l->splits[k];
}

int ffpp_read_conversion(const char *path, struct catalogue *c, struct err *err)
{
    struct symbols sources = {0};
    struct jsonr *root = NULL;
    int *first = NULL; /* by source: the sequence that came from it last, as a person */
    size_t i, cap = 0;
    int r = jsonr_load(&root, path, err);

    if (!r && jsonr_kind_of(root) != JSONR_OBJECT)
        r = err_set(err, ERR_DATA, "'%s' is not an object of sequence names", path);
    for (i = 0; !r && i < jsonr_size(root); i++) {
        const char *sequence, *value = jsonr_as_text(jsonr_member(root, i, &sequence));
        /* Source ids may begin with '-' and hold anything but a blank. */
        const char *blank = value ? strrchr(value, ' ') : NULL;
        int person, source, known;
        char *id;

        if (!blank || blank == value) {
            r = err_set(err, ERR_DATA, "'%s': '%s' is not \"SOURCE INDEX\"", path, sequence);
            break;
        }
        id = strndup(value, (size_t)(blank - value));
        known = id ? symbols_find(&sources, id) : -1;
        source = id ? symbols_add(&sources, id) : -1;
        if (source < 0 || mem_grow(&first, &cap, (size_t)source + 1, sizeof(*first)))
            r = err_nomem(err);
        else
            r = catalogue_person(c, "", sequence, &person, err);
        if (!r && known >= 0) {
            const char *why = catalogue_text(c, "both from source video %s", id);

            r = why ? catalogue_tie(c, first[source], person, true, why, err) : err_nomem(err);
        }
        if (!r)
            first[source] = person;
        free(id);
    }
    free(first);
    symbols_release(&sources);
    jsonr_free(root);
    return r;
}

void ffpp_lists_release(struct ffpp_lists *l)
{
    symbols_release(&l->sequences);
    free(l->splits);
    free(l->pairs);
    *l = (struct ffpp_lists){0};
}
