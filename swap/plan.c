#include "swap/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"
#include "lib/rng.h"

const char *const plan_columns[PLAN_N_COLUMNS + 1] = {
    [PLAN_ID] = "id",
    [PLAN_VIDEO] = "video",
    [PLAN_PAIR] = "pair",
    [PLAN_LABEL] = "label",
    [PLAN_SPLIT] = "split",
    [PLAN_FACE_ID] = "face_id",
    [PLAN_CONTEXT_ID] = "context_id",
    [PLAN_COMPONENT] = "component",
    [PLAN_FRAME] = "frame",
    [PLAN_CROP_X] = "crop_x_px",
    [PLAN_CROP_Y] = "crop_y_px",
    [PLAN_CROP_W] = "crop_w_px",
    [PLAN_CROP_H] = "crop_h_px",
    [PLAN_IMAGE] = "image",
    [PLAN_LANDMARKS] = "landmarks",
    [PLAN_LANDMARK_ROW] = "landmark_row",
    [PLAN_STATUS] = "status",
    [PLAN_N_COLUMNS] = NULL,
};

static bool listed(const char *const *splits, const char *split)
{
    if (!split || !strcmp(split, "-"))
        split = "none";
    for (; *splits; splits++) {
        if (!strcmp(*splits, split))
            return true;
    }
    return false;
}

static int by_moment(const void *a, const void *b)
{
    const struct plan_entry *x = a, *y = b;

    if (x->moment != y->moment)
        return x->moment < y->moment ? -1 : 1;
    if (x->pristine != y->pristine)
        return x->pristine ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* "-01" of an id "VIDEO/000012-01": which of several faces of a frame it is; "" if there is one. */
static const char *face_of_frame(const char *id, const char *video)
{
    const char *dash;

    if (!id || strncmp(id, video, strlen(video)) != 0)
        return "";
    dash = strrchr(id + strlen(video), '-');
    return dash ? dash : "";
}

static int read_entry(struct plan_entry *e, struct manifest_row *row, const int *cols,
                      const char *const *splits, struct err *err)
{
    const char *label = row->field[cols[PLAN_LABEL]], *video = row->field[cols[PLAN_VIDEO]];
    const char *group = row->field[cols[PLAN_PAIR]];
    char key[1024];
    long long frame;
    int r;

    if (!video || !label || (strcmp(label, "real") && strcmp(label, "fake")))
        return err_set(err, ERR_DATA, "'%s' line %zu: %s", row->m->path, row->index + 3,
                       video ? "the label is neither real nor fake" : "the video is missing");
    if ((r = manifest_int(row, cols[PLAN_FRAME], &frame, err)))
        return r;
    e->row = (uint32_t)row->index;
    e->pristine = !strcmp(label, "real");
    e->wanted = listed(splits, row->field[cols[PLAN_SPLIT]]);
    if (e->pristine || !group)
        group = video;
    snprintf(key, sizeof key, "%lld%s %s", frame, face_of_frame(row->field[cols[PLAN_ID]], video),
             group);
    e->moment = hash_name(key);
    return 0;
}

static int no_rows(const struct manifest *m, const char *const *splits, size_t ok, struct err *err)
{
    char names[128] = "";
    size_t n = 0;

    for (; *splits && n + 16 < sizeof names; splits++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", *splits);
    if (!ok)
        return err_set(err, ERR_DATA, "no row of '%s' has status ok", m->path);
    return err_set(err, ERR_DATA,
                   "none of the %zu ok rows of '%s' is in split %s (see swap.splits)", ok, m->path,
                   names);
}

int plan_init(struct plan *p, const struct manifest *m, const int *cols, const char *const *splits,
              unsigned genuine, bool real_only, struct err *err)
{
    struct manifest_row row = {0};
    size_t i, moments = 0;
    int r = 0;

    *p = (struct plan){0};
    if (m->n_rows > UINT32_MAX)
        return err_set(err, ERR_DATA, "'%s' has too many rows", m->path);
    p->entry = mem_array(m->n_rows, sizeof *p->entry);
    if (!p->entry)
        return err_nomem(err);
    for (i = 0; i < m->n_rows; i++) {
        if ((r = manifest_read(m, i, &row, err)))
            goto out;
        if (!manifest_row_ok(&row))
            continue;
        if ((r = read_entry(&p->entry[p->entries], &row, cols, splits, err)))
            goto out;
        if (real_only && !p->entry[p->entries].pristine)
            continue;
        p->entries++;
    }
    qsort(p->entry, p->entries, sizeof *p->entry, by_moment);
    for (i = 0; i < p->entries; i++)
        moments += i == 0 || p->entry[i].moment != p->entry[i - 1].moment;
    p->moment = mem_array(moments, sizeof *p->moment);
    if (!p->moment) {
        r = err_nomem(err);
        goto out;
    }
    for (i = 0; i < p->entries; i++) {
        struct plan_moment *now;

        if (i == 0 || p->entry[i].moment != p->entry[i - 1].moment)
            p->moment[p->moments++] = (struct plan_moment){.key = p->entry[i].moment, .first = i};
        now = &p->moment[p->moments - 1];
        now->n++;
        if (p->entry[i].wanted)
            now->samples += p->entry[i].pristine ? genuine + real_only : 1;
    }
    /* Moments that give nothing are dropped. */
    for (moments = 0, i = 0; i < p->moments; i++) {
        if (!p->moment[i].samples)
            continue;
        p->samples += p->moment[i].samples;
        p->moment[moments++] = p->moment[i];
    }
    p->moments = moments;
    if (!p->samples)
        r = no_rows(m, splits, p->entries, err);
out:
    manifest_row_release(&row);
    if (r)
        plan_release(p);
    return r;
}

void plan_release(struct plan *p)
{
    free(p->entry);
    free(p->moment);
    *p = (struct plan){0};
}

struct place {
    uint64_t at;
    size_t moment;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->moment < y->moment ? -1 : x->moment > y->moment;
}

int plan_order(const struct plan *p, uint64_t seed, uint32_t epoch, size_t **order, struct err *err)
{
    struct place *place = mem_array(p->moments, sizeof *place);
    size_t i;

    *order = mem_array(p->moments, sizeof **order);
    if (!place || !*order) {
        free(place);
        free(*order);
        *order = NULL;
        return err_nomem(err);
    }
    for (i = 0; i < p->moments; i++) {
        char key[24];
        struct rng rng;

        snprintf(key, sizeof key, "%016llx", (unsigned long long)p->moment[i].key);
        rng_init(&rng, seed, epoch, key, "order");
        place[i].at = (uint64_t)rng_u32(&rng) << 32;
        place[i].at |= rng_u32(&rng);
        place[i].moment = i;
    }
    qsort(place, p->moments, sizeof *place, by_place);
    for (i = 0; i < p->moments; i++)
        (*order)[i] = place[i].moment;
    free(place);
    return 0;
}

int plan_cut(const struct plan *p, const size_t *order, uint32_t epoch, unsigned shard_samples,
             struct plan_tar **tars, size_t *n, size_t *cap, struct err *err)
{
    unsigned long long held = 0;
    size_t i, first = 0;

    for (i = 0; i < p->moments; i++) {
        held += p->moment[order[i]].samples;
        if (held < shard_samples && i + 1 < p->moments)
            continue;
        if (mem_grow(tars, cap, *n + 1, sizeof **tars))
            return err_nomem(err);
        (*tars)[(*n)++] = (struct plan_tar){epoch, first, i + 1 - first};
        first = i + 1;
        held = 0;
    }
    return 0;
}
