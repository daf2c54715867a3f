#include "fetch/layout.h"

#include <string.h>

#include "lib/fs.h"
#include "lib/mem.h"

const struct layout *const layouts[] = {
    &layout_table,    &layout_deeper_forensics, &layout_ffpp, &layout_celeb_df_pp,
    &layout_celeb_df, &layout_dfdc_preview,     &layout_dfdc, &layout_fakeavceleb,
    &layout_uadfv,    &layout_wilddeepfake,     &layout_df40, NULL,
};

const struct layout *layout_find(const char *name)
{
    int i;

    for (i = 0; layouts[i]; i++)
        if (strcmp(layouts[i]->name, name) == 0)
            return layouts[i];
    return NULL;
}

int layout_guess(const struct source *s, const struct layout **l, struct err *err)
{
    int i;

    for (i = 0; layouts[i]; i++)
        if (layouts[i]->looks_like(s)) {
            *l = layouts[i];
            return 0;
        }
    return err_set(err, ERR_DATA,
                   "'%s' looks like no data set known: it has none of original_sequences (FF++), "
                   "Celeb-real or Celeb-synthesis (Celeb-DF), metadata.json or dfdc_train_part_* "
                   "(DFDC), dataset.json (DFDC preview), manipulated_videos (DeeperForensics), "
                   "FakeVideo-RealAudio (FakeAVCeleb), fake/NNNN_fake.mp4 (UADFV), "
                   "real_train (WildDeepfake), DF40 or <method>/ff (DF40), and "
                   "dataset.table is not set",
                   s->root);
}

bool source_wants(const struct source *s, const char *method)
{
    size_t i;

    for (i = 0; i < s->n_methods; i++)
        if (strcmp(s->methods[i], method) == 0)
            return true;
    return s->n_methods == 0;
}

int layout_note_names(struct catalogue *c, struct name_list *names, const char *what,
                      struct err *err)
{
    char *name, *rest = NULL;
    int r = 0;

    if (names->n)
        r = catalogue_note(c, err, "%s: %zu: %s", what, names->n, name_list_text(names));
    if (!r && str_failed(&names->all))
        r = err_nomem(err);
    for (name = r || !names->n ? NULL : strtok_r(names->all.s, "\n", &rest); name;
         name = strtok_r(NULL, "\n", &rest))
        catalogue_differs(c, what, name);
    name_list_release(names);
    return r;
}

/* Compares n videos of a method ("" = of all) with what is published of it, often of several
 * releases. Meant is the smallest that is not smaller, or else the largest; who has less than half
 * of it wants no more. */
static int compare_count(const struct layout *l, struct catalogue *c, const char *method,
                         const char *compression, size_t n, struct err *err)
{
    const struct expected *x, *meant = NULL;

    for (x = l->expected; x->n; x++) {
        if (strcmp(x->method, method) != 0)
            continue;
        if (!meant || (meant->n < n ? x->n > meant->n : x->n >= n && x->n < meant->n))
            meant = x;
    }
    if (!meant || meant->n == n || 2 * n < meant->n)
        return 0;
    return catalogue_note(c, err, "%s%s%s: %zu videos, but %zu are published",
                          *method ? method : l->name, *method ? " " : "", compression, n, meant->n);
}

int layout_compare(const struct layout *l, struct catalogue *c, struct err *err)
{
    size_t i, lo;
    int r = 0;

    if (!l->expected)
        return 0;
    /* Videos of one method and compression stand together, as ids begin with them. */
    for (lo = 0; lo < c->n && !r; lo = i) {
        const struct entry *e = &c->videos[lo];

        for (i = lo; i < c->n && strcmp(c->videos[i].method, e->method) == 0 &&
                     strcmp(c->videos[i].compression, e->compression) == 0;)
            i++;
        r = compare_count(l, c, e->method, e->compression, i - lo, err);
    }
    return r ? r : compare_count(l, c, "", "", c->n, err);
}
