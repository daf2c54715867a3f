#include "reports/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/video_key.h"

/* Which splits a component is seen in. */
struct component {
    unsigned splits; /* a bit a split */
    long long videos;
};

struct counting {
    struct card *card;
    struct intern videos, groups, components;
    struct component *component; /* by number in `components` */
    size_t cap_components;
    struct str scratch;
};

static const char *const split_names[CARD_SPLITS] = {
    [CARD_TRAIN] = "train", [CARD_VAL] = "val", [CARD_TEST] = "test", [CARD_OTHER] = "-"};

static enum card_split split_of(const char *text)
{
    int s;

    for (s = 0; text && s < CARD_OTHER; s++)
        if (strcmp(text, split_names[s]) == 0)
            return (enum card_split)s;
    return CARD_OTHER;
}

/* 1 the first time that these three words are seen together, 0 later; negative on error. */
static int first_time(struct counting *k, const char *kind, const char *group, const char *value,
                      struct err *err)
{
    size_t before = k->card->counted.n;
    long long i;

    str_clear(&k->scratch);
    str_addf(&k->scratch, "%s\t%s\t%s", kind, group, value);
    if (str_failed(&k->scratch))
        return err_nomem(err);
    i = intern_add(&k->card->counted, k->scratch.s, err);
    return i < 0 ? (int)i : k->card->counted.n > before;
}

static const char *keep(struct card *c, const char *text, struct err *err)
{
    long long i = intern_add(&c->texts, text, err);

    return i < 0 ? NULL : c->texts.names[i];
}

/* The group of a video key, made when new; *name = its name in k->groups. */
static int group_of(struct counting *k, const struct video_key *key, bool fake,
                    struct card_group **group, const char **name, struct err *err)
{
    struct card *c = k->card;
    struct card_group *g;
    long long i;

    str_clear(&k->scratch);
    str_addf(&k->scratch, "%d/%s/%s/%s", fake, key->dataset, key->method, key->compression);
    if (str_failed(&k->scratch))
        return err_nomem(err);
    i = intern_add(&k->groups, k->scratch.s, err);
    if (i < 0)
        return (int)i;
    if ((size_t)i == c->n_groups) {
        if (mem_grow(&c->group, &c->cap_groups, c->n_groups + 1, sizeof(*c->group)))
            return err_nomem(err);
        g = &c->group[c->n_groups];
        *g = (struct card_group){.fake = fake};
        g->dataset = keep(c, key->dataset, err);
        g->method = keep(c, key->method, err);
        g->compression = keep(c, key->compression, err);
        if (!g->dataset || !g->method || !g->compression)
            return err_nomem(err);
        c->n_groups++;
    }
    *group = &c->group[i];
    *name = k->groups.names[i];
    return 0;
}

/* Adds 1 to `one` (and `all`) if `value` is new there. */
static int count_distinct(struct counting *k, const char *kind, const char *group,
                          const char *value, long long *one, long long *all, struct err *err)
{
    int r = first_time(k, kind, group, value, err);

    if (r < 0)
        return r;
    *one += r;
    if (!all)
        return 0;
    r = first_time(k, kind, "", value, err);
    if (r < 0)
        return r;
    *all += r;
    return 0;
}

static int count_component(struct counting *k, const char *name, enum card_split split,
                           struct err *err)
{
    size_t before = k->components.n;
    long long i = intern_add(&k->components, name, err);

    if (i < 0)
        return (int)i;
    if (mem_grow(&k->component, &k->cap_components, k->components.n, sizeof(*k->component)))
        return err_nomem(err);
    if (k->components.n > before)
        k->component[i] = (struct component){0};
    if (split != CARD_OTHER)
        k->component[i].splits |= 1U << split;
    k->component[i].videos++;
    return 0;
}

static int count_video(struct counting *k, const struct manifest_row *row, const char *video,
                       struct err *err)
{
    const char *label = run_cell(row, "label"), *face = run_cell(row, "face_id");
    const char *context = run_cell(row, "context_id"), *component = run_cell(row, "component");
    enum card_split split = split_of(run_cell(row, "split"));
    struct card *c = k->card;
    struct card_group *g;
    struct video_key key;
    const char *name;
    int r = video_key_parse(video, &key, err);

    if (!r)
        r = group_of(k, &key, label && strcmp(label, "fake") == 0, &g, &name, err);
    if (r)
        return r;
    g->videos[split]++;
    c->videos++;
    g->unknown += !face;
    if (face)
        r = count_distinct(k, "face", name, face, &g->identities, &c->identities, err);
    if (!r && context)
        r = count_distinct(k, "context", name, context, &g->contexts, NULL, err);
    if (!r && component)
        r = count_distinct(k, "component", name, component, &g->components, &c->components, err);
    if (!r && component)
        r = count_component(k, component, split, err);
    return r;
}

void card_reason_kind(const char *reason, struct str *out)
{
    const char *s;

    for (s = reason; *s; s++) {
        if (*s == '\'' && strchr(s + 1, '\'')) {
            str_add(out, "'\xe2\x80\xa6'");
            s = strchr(s + 1, '\'');
        } else if (*s >= '0' && *s <= '9') {
            str_add_c(out, 'N');
            while ((s[1] >= '0' && s[1] <= '9') || (s[1] == '.' && s[2] >= '0' && s[2] <= '9'))
                s++;
        } else {
            str_add_c(out, *s);
        }
    }
}

static int count_loss(struct card *c, const char *stage, const struct manifest_row *row,
                      struct err *err)
{
    const char *status = run_cell(row, "status"), *reason = run_cell(row, "reason");
    struct str kind = STR_INIT;
    const char *text;
    size_t i;

    card_reason_kind(reason ? reason : "no reason is given", &kind);
    text = str_failed(&kind) ? NULL : keep(c, kind.s ? kind.s : "", err);
    str_release(&kind);
    status = keep(c, status ? status : "?", err);
    if (!text || !status)
        return err_nomem(err);
    for (i = 0; i < c->n_losses; i++)
        if (c->loss[i].stage == stage && c->loss[i].status == status && c->loss[i].reason == text) {
            c->loss[i].count++;
            return 0;
        }
    if (mem_grow(&c->loss, &c->cap_losses, c->n_losses + 1, sizeof(*c->loss)))
        return err_nomem(err);
    c->loss[i] = (struct card_loss){stage, status, text, keep(c, row->field[0], err), 1};
    if (!c->loss[i].example)
        return err_nomem(err);
    c->n_losses++;
    return 0;
}

/* Counts a face of align.tsv; its video too, when no fetch.tsv tells of videos. */
static int count_face(struct counting *k, const struct manifest_row *row, bool videos_too,
                      struct err *err)
{
    const char *video = run_cell(row, "video"), *label = run_cell(row, "label"), *name;
    size_t before = k->videos.n;
    struct card_group *g;
    struct video_key key;
    long long i;
    int r;

    if (!video)
        return 0;
    i = intern_add(&k->videos, video, err);
    if (i < 0)
        return (int)i;
    if (videos_too && k->videos.n > before && (r = count_video(k, row, video, err)))
        return r;
    r = video_key_parse(video, &key, err);
    if (!r)
        r = group_of(k, &key, label && strcmp(label, "fake") == 0, &g, &name, err);
    if (r)
        return r;
    if (manifest_row_ok(row)) {
        g->faces++;
        k->card->faces++;
    } else {
        g->failed++;
    }
    return 0;
}

static int count_table(struct counting *k, const struct run_folder *run, enum run_table_id id,
                       struct err *err)
{
    const struct manifest *m = &run->table[id].m;
    struct manifest_row row = {0};
    size_t i;
    int r = 0;

    for (i = 0; !r && i < m->n_rows; i++) {
        r = manifest_read(m, i, &row, err);
        if (!r && !manifest_row_ok(&row))
            r = count_loss(k->card, run_table_file(id), &row, err);
        if (!r && id == RUN_FETCH && manifest_row_ok(&row))
            r = count_video(k, &row, row.field[0], err);
        if (!r && id == RUN_ALIGN)
            r = count_face(k, &row, !run->table[RUN_FETCH].there, err);
    }
    manifest_row_release(&row);
    return r;
}

static int by_group(const void *a, const void *b)
{
    const struct card_group *x = a, *y = b;
    int r = strcmp(x->dataset, y->dataset);

    if (!r)
        r = x->fake - y->fake;
    if (!r)
        r = strcmp(x->method, y->method);
    return r ? r : strcmp(x->compression, y->compression);
}

static int by_loss(const void *a, const void *b)
{
    static const enum run_table_id order[] = {RUN_FETCH, RUN_EXTRACT, RUN_ALIGN, RUN_SWAP};
    const struct card_loss *x = a, *y = b;
    size_t i;

    if (x->stage != y->stage)
        for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
            if (x->stage == run_table_file(order[i]))
                return -1;
            if (y->stage == run_table_file(order[i]))
                return 1;
        }
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->reason, y->reason);
}

int card_make(struct card *c, const struct run_folder *run, struct err *err)
{
    static const enum run_table_id order[] = {RUN_FETCH, RUN_EXTRACT, RUN_ALIGN, RUN_SWAP};
    struct counting k = {.card = c};
    size_t i;
    int r = 0;

    *c = (struct card){0};
    for (i = 0; !r && i < sizeof(order) / sizeof(*order); i++)
        if (run->table[order[i]].there)
            r = count_table(&k, run, order[i], err);
    for (i = 0; i < k.components.n; i++)
        if (k.component[i].splits & (k.component[i].splits - 1)) {
            c->crossing++;
            c->crossing_videos += k.component[i].videos;
        }
    if (!r && c->n_groups)
        qsort(c->group, c->n_groups, sizeof(*c->group), by_group);
    if (!r && c->n_losses)
        qsort(c->loss, c->n_losses, sizeof(*c->loss), by_loss);
    intern_release(&k.videos);
    intern_release(&k.groups);
    intern_release(&k.components);
    free(k.component);
    str_release(&k.scratch);
    if (r)
        card_release(c);
    return r;
}

void card_release(struct card *c)
{
    free(c->group);
    free(c->loss);
    intern_release(&c->texts);
    intern_release(&c->counted);
    *c = (struct card){0};
}
