#include "swap/produce.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/npy.h"
#include "lib/video_key.h"
#include "swap/targets.h"

int producer_init(struct producer *p, struct err *err)
{
    int r;

    swap_scratch_init(&p->scratch, cpu_mask());
    anchors_make(p->anchors);
    if ((r = media_codec_new(&p->codec, err)))
        return r;
    p->augment.codec = p->codec;
    return 0;
}

void producer_release(struct producer *p)
{
    swap_scratch_release(&p->scratch);
    swap_sample_release(&p->sample);
    augment_scratch_release(&p->augment);
    media_codec_free(p->codec);
    manifest_row_release(&p->row);
    manifest_row_release(&p->partner_row);
    manifest_row_release(&p->donor_row);
    image_release(&p->self);
    image_release(&p->pristine);
    image_release(&p->donor);
    image_release(&p->target);
    free(p->consistency);
    str_release(&p->path);
    str_release(&p->json);
    str_release(&p->pair);
    *p = (struct producer){0};
}

void product_release(struct product *p)
{
    str_release(&p->key);
    str_release(&p->members);
    str_release(&p->id);
    str_release(&p->row);
    str_release(&p->reason);
}

void product_list_release(struct product_list *l)
{
    size_t i;

    for (i = 0; i < l->capacity; i++)
        product_release(&l->product[i]);
    free(l->product);
    *l = (struct product_list){0};
}

void product_key(const char *id, struct str *out)
{
    str_clear(out);
    for (; *id; id++) {
        unsigned char c = (unsigned char)*id;

        if (c == '/')
            str_add_c(out, '+');
        else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_')
            str_add_c(out, (char)c);
        else
            str_addf(out, "=%02X", c);
    }
}

/* The next free product of the list, emptied. NULL when out of memory. */
static struct product *next_product(struct product_list *l)
{
    struct product *p;
    size_t had = l->capacity;

    if (mem_grow(&l->product, &l->capacity, l->n + 1, sizeof *l->product))
        return NULL;
    if (l->capacity > had)
        memset(l->product + had, 0, (l->capacity - had) * sizeof *l->product);
    p = &l->product[l->n++];
    str_clear(&p->key);
    str_clear(&p->members);
    str_clear(&p->id);
    str_clear(&p->row);
    str_clear(&p->reason);
    p->n_members = 0;
    p->status = PRODUCT_OK;
    return p;
}

static const char *field(const struct manifest_row *row, const int *cols, enum plan_column c)
{
    return row->field[cols[c]];
}

/* Reads the crop of a row; its size must be what the row says. */
static int read_crop(struct producer *p, const struct produce_context *c,
                     const struct manifest_row *row, struct image *image, struct swap_crop *crop,
                     struct err *err)
{
    long long x, y, w, h;
    const char *name = field(row, c->cols, PLAN_IMAGE);
    int r;

    if ((r = manifest_int(row, c->cols[PLAN_CROP_X], &x, err)) ||
        (r = manifest_int(row, c->cols[PLAN_CROP_Y], &y, err)) ||
        (r = manifest_int(row, c->cols[PLAN_CROP_W], &w, err)) ||
        (r = manifest_int(row, c->cols[PLAN_CROP_H], &h, err)))
        return r;
    if (!name)
        return err_set(err, ERR_DATA, "the row names no image");
    fs_join(c->folder, name, &p->path);
    if (str_failed(&p->path))
        return err_nomem(err);
    if ((r = media_read_picture(p->codec, p->path.s, image, err)))
        return r;
    if (image->channels != 3)
        return err_set(err, ERR_DATA, "'%s' has %d channels, not 3", name, image->channels);
    if (image->width != w || image->height != h)
        return err_set(err, ERR_DATA, "'%s' has %dx%d pixels, its row says %lldx%lld", name,
                       image->width, image->height, w, h);
    *crop = (struct swap_crop){image, (double)x, (double)y};
    return 0;
}

static int read_landmarks(struct producer *p, const struct produce_context *c,
                          const struct manifest_row *row, struct landmarks *l, struct err *err)
{
    const char *name = field(row, c->cols, PLAN_LANDMARKS);
    struct npy a = {0};
    long long at;
    int r;

    if (!name)
        return err_set(err, ERR_DATA, "the row names no landmarks");
    if ((r = manifest_int(row, c->cols[PLAN_LANDMARK_ROW], &at, err)))
        return r;
    fs_join(c->folder, name, &p->path);
    if (str_failed(&p->path))
        return err_nomem(err);
    if (!(r = npy_read(p->path.s, &a, err)))
        r = landmarks_from_npy(&a, name, at < 0 ? (size_t)-1 : (size_t)at, l, err);
    npy_release(&a);
    return r;
}

/* Whose row a role stands for. */
static const struct manifest_row *role_row(const struct producer *p, enum swap_role role)
{
    const struct manifest_row *const rows[] = {
        [SWAP_SELF] = &p->row, [SWAP_PRISTINE] = &p->partner_row, [SWAP_DONOR] = &p->donor_row};

    return role == SWAP_NONE ? NULL : rows[role];
}

/* The face that is seen: that of what was pasted over the face, else that of the background. */
static const struct manifest_row *face_row(const struct producer *p)
{
    const struct swap_sample *s = &p->sample;

    return role_row(p, s->mode == SWAP_GLOBAL ? s->foreground : s->background);
}

static void add_member(struct product *out, const char *suffix, const void *bytes, size_t size)
{
    str_add_n(&out->members, bytes, size);
    out->member[out->n_members].suffix = suffix;
    out->member[out->n_members++].size = size;
}

static void json_ids(struct jsonw *w, const struct producer *p, const struct produce_context *c)
{
    const struct manifest_row *face = face_row(p), *ground = role_row(p, p->sample.background);
    const struct manifest_row *over = role_row(p, p->sample.foreground);
    struct video_key key;

    jsonw_text(w, "face_id", field(face, c->cols, PLAN_FACE_ID));
    jsonw_text(w, "context_id", field(ground, c->cols, PLAN_CONTEXT_ID));
    jsonw_text(w, "component", field(&p->row, c->cols, PLAN_COMPONENT));
    jsonw_text(w, "video", field(&p->row, c->cols, PLAN_VIDEO));
    jsonw_text(w, "manipulation",
               video_key_parse(field(&p->row, c->cols, PLAN_VIDEO), &key, NULL) ? NULL
                                                                                : key.method);
    jsonw_int(w, "frame", strtoll(field(&p->row, c->cols, PLAN_FRAME), NULL, 10));
    jsonw_text(w, "background", field(ground, c->cols, PLAN_ID));
    jsonw_text(w, "foreground", over ? field(over, c->cols, PLAN_ID) : NULL);
}

static void json_augmented(struct jsonw *w, const struct producer *p,
                           const struct produce_context *c)
{
    int i;

    jsonw_array(w, "augmented");
    for (i = 0; i < c->set->augment.n; i++) {
        if (p->augmented & 1u << i)
            jsonw_text(w, NULL, c->set->augment.step[i]->name);
    }
    jsonw_array_end(w);
}

/* What a training loop wants to know about the picture beside it. */
static void write_json(struct producer *p, const struct produce_context *c, const char *id,
                       uint32_t epoch, bool is_fake)
{
    const struct swap_sample *s = &p->sample;
    struct jsonw w;
    int i;

    str_clear(&p->json);
    jsonw_begin(&w, &p->json, 0);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", id);
    jsonw_text(&w, "label", is_fake ? "fake" : "real");
    jsonw_int(&w, "target", is_fake);
    jsonw_array(&w, "boxes");
    if (s->has_box) {
        jsonw_array(&w, NULL);
        jsonw_int(&w, NULL, s->box.x0);
        jsonw_int(&w, NULL, s->box.y0);
        jsonw_int(&w, NULL, s->box.x1);
        jsonw_int(&w, NULL, s->box.y1);
        jsonw_array_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_text(&w, "method", c->set->method->name);
    jsonw_text(&w, "mode", swap_mode_name(s->mode));
    jsonw_text(&w, "blend", swap_blend_name(s->blend));
    jsonw_array(&w, "window_px");
    if (s->mode == SWAP_PARTIAL) {
        jsonw_int(&w, NULL, s->window.h);
        jsonw_int(&w, NULL, s->window.w);
    }
    jsonw_array_end(&w);
    jsonw_text(&w, "hull", hull_name(s->hull));
    jsonw_real(&w, "elastic_rms_px", s->elastic_rms_px);
    jsonw_bool(&w, "mirrored", s->mirrored);
    jsonw_bool(&w, "halved", s->halved);
    if (c->set->augment.n)
        json_augmented(&w, p, c);
    json_ids(&w, p, c);
    jsonw_int(&w, "epoch", epoch);
    jsonw_int(&w, "seed", (long long)c->set->swap.seed);
    jsonw_array(&w, "frame_to_sample");
    for (i = 0; i < 9; i++)
        jsonw_real(&w, NULL, s->frame_to_sample.m[i]);
    jsonw_array_end(&w);
    jsonw_object_end(&w);
    str_add_c(&p->json, '\n');
}

/* The manifest row after id, shard and offset. */
static void write_row(const struct producer *p, const struct produce_context *c, bool is_fake,
                      struct str *row)
{
    const struct swap_sample *s = &p->sample;
    const struct manifest_row *face = face_row(p), *ground = role_row(p, s->background);
    const struct manifest_row *over = role_row(p, s->foreground);

    row_text(row, is_fake ? "fake" : "real");
    row_text(row, c->set->method->name);
    if (s->mode == SWAP_PARTIAL) {
        row_int(row, s->window.h);
        row_int(row, s->window.w);
    } else {
        row_text(row, NULL);
        row_text(row, NULL);
    }
    row_text(row, swap_blend_name(s->blend));
    row_text(row, swap_mode_name(s->mode));
    row_text(row, field(ground, c->cols, PLAN_ID));
    row_text(row, over ? field(over, c->cols, PLAN_ID) : NULL);
    row_int(row, (long long)c->set->swap.seed);
    if (s->has_box) {
        row_int(row, s->box.x0);
        row_int(row, s->box.y0);
        row_int(row, s->box.x1);
        row_int(row, s->box.y1);
    } else {
        int i;

        for (i = 0; i < 4; i++)
            row_text(row, NULL);
    }
    row_text(row, field(face, c->cols, PLAN_FACE_ID));
    row_text(row, field(ground, c->cols, PLAN_CONTEXT_ID));
    row_text(row, "ok");
    row_text(row, s->fallback);
    row_end(row);
}

/* The row of a sample that could not be made. */
static void write_bad_row(const struct producer *p, const struct produce_context *c, bool is_fake,
                          const char *status, const char *reason, struct str *row)
{
    int i;

    row_text(row, is_fake ? "fake" : "real");
    row_text(row, c->set->method->name);
    for (i = 0; i < 6; i++)
        row_text(row, NULL);
    row_int(row, (long long)c->set->swap.seed);
    for (i = 0; i < 4; i++)
        row_text(row, NULL);
    row_text(row, field(&p->row, c->cols, PLAN_FACE_ID));
    row_text(row, field(&p->row, c->cols, PLAN_CONTEXT_ID));
    row_text(row, status);
    row_text(row, reason);
    row_end(row);
}

static int add_consistency(struct producer *p, int grid, struct product *out, struct err *err)
{
    const size_t cells = (size_t)grid * (size_t)grid, shape[2] = {cells, cells};
    char *npy;
    size_t size;
    int r;

    if (!p->consistency && !(p->consistency = mem_array(cells * cells, sizeof *p->consistency)))
        return err_nomem(err);
    target_consistency(&p->sample.mask, grid, p->consistency);
    if ((r = npy_encode(NPY_F32, 2, shape, p->consistency, &npy, &size, err)))
        return r;
    add_member(out, ".consistency.npy", npy, size);
    free(npy);
    return 0;
}

static int encode(struct producer *p, const struct produce_context *c, uint32_t epoch, bool is_fake,
                  struct product *out, struct err *err)
{
    const struct swap_run_settings *set = c->set;
    const uint8_t *bytes;
    size_t size;
    int r;

    if ((r = media_encode_picture(p->codec, &p->sample.image, set->image, set->quality, &bytes,
                                  &size, err)))
        return r;
    add_member(out, set->image == MEDIA_PNG ? ".png" : ".jpg", bytes, size);
    write_json(p, c, out->id.s, epoch, is_fake);
    add_member(out, ".json", p->json.s, p->json.len);
    if (set->mask) {
        if ((r = media_encode_picture(p->codec, &p->sample.mask, MEDIA_PNG, 1, &bytes, &size, err)))
            return r;
        add_member(out, ".mask.png", bytes, size);
    }
    if (set->xray) {
        if ((r = target_xray(&p->sample, &p->target, err)) ||
            (r = media_encode_picture(p->codec, &p->target, MEDIA_PNG, 1, &bytes, &size, err)))
            return r;
        add_member(out, ".xray.png", bytes, size);
    }
    if (set->consistency && (r = add_consistency(p, set->consistency_grid, out, err)))
        return r;
    if (set->anchors) {
        const size_t shape[2] = {ANCHORS, ANCHOR_VALUES};
        float target[ANCHORS][ANCHOR_VALUES];
        struct rect box[2] = {{0, 0, SAMPLE_PX, SAMPLE_PX}, p->sample.box};
        char *npy;

        /* As in the paper: every fake carries the whole picture, a swap also its own box. */
        anchors_match(p->anchors, box,
                      !is_fake                         ? 0
                      : p->sample.mode == SWAP_PARTIAL ? 2
                                                       : 1,
                      target);
        if ((r = npy_encode(NPY_F32, 2, shape, target, &npy, &size, err)))
            return r;
        add_member(out, ".anchors.npy", npy, size);
        free(npy);
    }
    write_row(p, c, is_fake, &out->row);
    if (str_failed(&out->members) || str_failed(&out->row) || str_failed(&p->json))
        return err_nomem(err);
    return 0;
}

/* Is this an error of one item, or one that must stop the run? */
static bool of_item(int code)
{
    return code == ERR_DATA || code == ERR_NOINPUT || code == -ENOENT || code == -EACCES;
}

static int set_bad(struct producer *p, const struct produce_context *c, bool is_fake,
                   enum product_status status, const char *reason, struct product *out,
                   struct err *err)
{
    out->status = status;
    str_clear(&out->row);
    str_clear(&out->members);
    out->n_members = 0;
    write_bad_row(p, c, is_fake, status == PRODUCT_SKIP ? "skip" : "fail", reason, &out->row);
    str_addf(&out->reason, "%s: %s", out->id.s, reason);
    err_clear(err);
    return str_failed(&out->row) || str_failed(&out->reason) ? err_nomem(err) : 0;
}

/* State of a moment: the pristine crop is read at most once. */
struct moment {
    const struct plan_entry *pristine; /* or NULL */
    bool read;
    char bad[sizeof((struct err *)0)->text]; /* why the pristine crop cannot be read; "" = it can */
    struct swap_crop crop;
};

static int read_pristine(struct producer *p, const struct produce_context *c, struct moment *m,
                         struct err *err)
{
    int r;

    if (m->read)
        return 0;
    m->read = true;
    r = read_crop(p, c, &p->partner_row, &p->pristine, &m->crop, err);
    if (r && !of_item(r))
        return r;
    snprintf(m->bad, sizeof m->bad, "%s", r ? err->text : "");
    if (r)
        err_clear(err);
    return 0;
}

static int gather_donor(struct producer *p, const struct produce_context *c, uint32_t epoch,
                        struct swap_input *in, enum product_status *status, struct err *err)
{
    const struct swap_settings *set = &c->set->swap;
    long long row = donor_find(c->donors, &p->row, c->cols, &in->landmarks, set->scale,
                               c->set->donors, set->seed, epoch, in->id);
    int r;

    if (row < 0) {
        const char *split = field(&p->row, c->cols, PLAN_SPLIT);

        *status = PRODUCT_SKIP;
        return err_set(err, ERR_DATA, "no frame of another person in split '%s'",
                       split ? split : ".");
    }
    if ((r = manifest_read(c->manifest, (size_t)row, &p->donor_row, err)) ||
        (r = read_crop(p, c, &p->donor_row, &p->donor, &in->donor, err)))
        return r;
    return read_landmarks(p, c, &p->donor_row, &in->donor_landmarks, err);
}

/* Fills what the method needs. Returns 0, or a code with *status saying what kind of row it is. */
static int gather(struct producer *p, const struct produce_context *c, const struct plan_entry *e,
                  struct moment *m, struct swap_input *in, enum product_status *status,
                  struct err *err)
{
    int r;

    *status = PRODUCT_FAIL;
    if (!e->pristine && !m->pristine) {
        const char *pair = field(&p->row, c->cols, PLAN_PAIR);

        *status = PRODUCT_SKIP;
        return err_set(err, ERR_DATA, "no ok row for frame %s of the pristine video '%s'",
                       field(&p->row, c->cols, PLAN_FRAME), pair ? pair : ".");
    }
    if (m->pristine && (r = read_pristine(p, c, m, err)))
        return r;
    if (m->pristine && m->bad[0])
        return err_set(err, ERR_DATA, "%s", m->bad);
    if (!e->pristine) {
        in->pristine = m->crop;
        if ((r = read_crop(p, c, &p->row, &p->self, &in->self, err)))
            return r;
    } else {
        in->self = m->crop;
    }
    if ((r = read_landmarks(p, c, &p->row, &in->landmarks, err)))
        return r;
    if (c->donors && in->is_fake && (r = gather_donor(p, c, in->epoch, in, status, err)))
        return r;
    *status = PRODUCT_SKIP;
    return 0;
}

static int produce_one(struct producer *p, const struct produce_context *c,
                       const struct plan_entry *e, struct moment *m, uint32_t epoch, unsigned copy,
                       struct product *out, struct err *err)
{
    struct swap_input in = {0};
    enum product_status status;
    int r;

    in.is_fake = !e->pristine || copy >= c->set->genuine;
    str_addf(&out->id, "%s/e%u", field(&p->row, c->cols, PLAN_ID), epoch);
    str_clear(&p->pair);
    if (in.is_fake && e->pristine) {
        str_add(&p->pair, out->id.s); /* the id of the first genuine sample */
        str_add_c(&out->id, 's');
        in.pair = c->set->apart ? NULL : p->pair.s;
    } else if (copy) {
        str_addf(&out->id, "r%u", copy);
    }
    if (str_failed(&out->id) || str_failed(&p->pair))
        return err_nomem(err);
    product_key(out->id.s, &out->key);
    if (str_failed(&out->key))
        return err_nomem(err);
    in.id = out->id.s;
    in.epoch = epoch;
    if ((r = gather(p, c, e, m, &in, &status, err)) ||
        (r = c->set->method->make(&c->set->swap, &in, &p->scratch, &p->sample, err))) {
        if (!of_item(r))
            return r;
        return set_bad(p, c, in.is_fake, status, err->text, out, err);
    }
    if ((r = augment(&c->set->augment, c->set->swap.seed, epoch, swap_key(&in), &p->augment,
                     &p->sample.image, &p->augmented, err)))
        return r;
    return encode(p, c, epoch, in.is_fake, out, err);
}

int produce_moment(struct producer *p, const struct produce_context *c,
                   const struct plan_moment *moment, uint32_t epoch, struct product_list *out,
                   struct err *err)
{
    const struct plan_entry *e = c->plan->entry + moment->first;
    struct moment m = {0};
    uint32_t i;
    unsigned k;
    int r;

    out->n = 0;
    if (e[0].pristine) {
        m.pristine = &e[0];
        if ((r = manifest_read(c->manifest, e[0].row, &p->partner_row, err)))
            return r;
    }
    for (i = 0; i < moment->n; i++) {
        if (!e[i].wanted)
            continue;
        if ((r = manifest_read(c->manifest, e[i].row, &p->row, err)))
            return r;
        for (k = 0; k < (e[i].pristine ? c->set->genuine + c->set->method->real_only : 1); k++) {
            struct product *product = next_product(out);

            if (!product)
                return err_nomem(err);
            if ((r = produce_one(p, c, &e[i], &m, epoch, k, product, err)))
                return r;
        }
    }
    return 0;
}
