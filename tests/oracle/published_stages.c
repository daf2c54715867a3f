/*
 * Writes inputs, draws and results of mfs-published for tests/oracle/published.py:
 *
 *     published_stages FOLDER CASES
 *
 * FOLDER/case-N.json says what was drawn, the .npy files beside it hold the pictures, the noise and
 * what came out, stage by stage and as a whole sample.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/json.h"
#include "lib/npy.h"
#include "swap/draws.h"
#include "swap/published.h"
#include "swap/published_augment.h"
#include "swap/published_clone.h"
#include "swap/published_mask.h"
#include "swap/published_patch.h"
#include "swap/published_pose.h"
#include "tests/unit/swap_fixture.h"

static struct err err;

static void check(int r)
{
    if (!r)
        return;
    fprintf(stderr, "published_stages: %s\n", err.text);
    exit(1);
}

static void save(const char *folder, int n, const char *what, enum npy_type type, int dims,
                 size_t h, size_t w, size_t c, const void *data)
{
    const size_t shape[3] = {h, w, c};
    char path[512];

    snprintf(path, sizeof path, "%s/case-%d.%s.npy", folder, n, what);
    check(npy_write(path, type, dims, shape, data, &err));
}

static void save_image(const char *folder, int n, const char *what, const struct image *img)
{
    size_t row = (size_t)img->width * (size_t)img->channels;
    uint8_t *all = malloc(row * (size_t)img->height);
    int y;

    if (!all)
        exit(1);
    for (y = 0; y < img->height; y++)
        memcpy(all + (size_t)y * row, image_row(img, y), row);
    save(folder, n, what, NPY_U8, img->channels == 3 ? 3 : 2, (size_t)img->height,
         (size_t)img->width, 3, all);
    free(all);
}

static void numbers(struct jsonw *w, const char *name, const double *v, int n)
{
    int i;

    jsonw_array(w, name);
    for (i = 0; i < n; i++)
        jsonw_real(w, NULL, v[i]);
    jsonw_array_end(w);
}

static void rectangle(struct jsonw *w, const char *name, struct rect r)
{
    jsonw_array(w, name);
    jsonw_int(w, NULL, r.x0);
    jsonw_int(w, NULL, r.y0);
    jsonw_int(w, NULL, r.x1);
    jsonw_int(w, NULL, r.y1);
    jsonw_array_end(w);
}

/* The streams of mfs-published (published.c, draw() and swap()). */
static void draws(struct jsonw *w, const char *folder, int n, const struct swap_settings *set,
                  const char *id, int width, int height, struct swap_draws *d, double *alpha)
{
    static const int window[4][2] = {{40, 80}, {80, 120}, {120, 160}, {224, 224}};
    size_t count = 2 * (size_t)width * (size_t)height, i;
    double *noise = malloc(count * sizeof *noise);
    struct rng rng;
    int k;

    if (!noise)
        exit(1);
    swap_draw(set, 0, id, d);
    rng_init(&rng, set->seed, 0, id, "published");
    *alpha = 300 + (double)rng_below(&rng, 201);
    k = (int)rng_below(&rng, 4);
    rng_init(&rng, set->seed, 0, id, "pose");
    (void)rng_uniform(&rng);
    d->jitter.scale = set->scale + set->scale_sd * rng_normal(&rng);
    d->jitter.mirror = false;
    rng_init(&rng, set->seed, 0, id, "published-elastic");
    for (i = 0; i < count; i++)
        noise[i] = 2 * rng_uniform(&rng) - 1;
    save(folder, n, "noise", NPY_F64, 3, 2, (size_t)height, (size_t)width, noise);
    free(noise);
    jsonw_text(w, "mode", swap_mode_name(d->mode));
    jsonw_bool(w, "fake_below", d->background == SWAP_SELF);
    jsonw_bool(w, "poisson", d->blend == SWAP_POISSON);
    jsonw_bool(w, "elastic", d->elastic);
    jsonw_bool(w, "halve", d->halve);
    jsonw_real(w, "alpha", *alpha);
    jsonw_int(w, "window_h", window[k][0]);
    jsonw_int(w, "window_w", window[k][1]);
    numbers(w, "jitter",
            (double[]){d->jitter.scale, d->jitter.dx_px, d->jitter.dy_px, d->jitter.rotate_deg,
                       d->jitter.stretch_x, d->jitter.stretch_y},
            6);
}

/* Stages by themselves, on the pictures at full size. */
static void stages(struct jsonw *w, const char *folder, int n, const struct image *fake,
                   const struct image *real, const struct landmarks *l, const struct swap_draws *d,
                   double alpha)
{
    int width = fake->width, height = fake->height;
    struct image mask = IMAGE_INIT, soft = IMAGE_INIT, out = IMAGE_INIT, half = IMAGE_INIT;
    struct plane plane = {0}, blurred = {0};
    struct published_patch patch = {0};
    struct published_clone clone = {0};
    struct published_elastic elastic = {0};
    struct point hull[LANDMARKS_MAX];
    struct elastic_noise noise;
    struct npy file = {0};
    struct rect area, to = {0, 0, 0, 0};
    struct mat3 m;
    char path[512];
    int x, y, points, r;

    check(image_shape(&mask, width, height, 1, &err));
    image_fill(&mask, 0);
    area = published_hull(&mask, l, hull, &points);
    save_image(folder, n, "hull", &mask);
    check(cv_blur_bytes(&soft, &mask, (struct rect){0, 0, width, height}, &err));
    save_image(folder, n, "blur_mask", &soft);
    check(plane_shape(&plane, width, height, &err));
    for (y = 0; y < height; y++) {
        for (x = 0; x < width; x++)
            plane_row(&plane, y)[x] = image_row(&mask, y)[x];
    }
    check(cv_blur_plane(&blurred, &plane, (struct rect){0, 0, width, height}, &err));
    save(folder, n, "blur64", NPY_F64, 2, (size_t)height, (size_t)width, 1, blurred.v);

    check(published_dssim(&patch, fake, real, &err));
    save(folder, n, "dssim", NPY_F64, 3, (size_t)height, (size_t)width, 3, patch.map);
    rectangle(w, "search",
              published_search(patch.map, width, height, 60, 40, width / 5, height / 5));

    /* Moved a little, as the published centre is. */
    r = published_clone(&clone, &out, real, fake, &mask, (area.x0 + area.x1) / 2 + n % 7,
                        (area.y0 + area.y1) / 2 - n % 5, &to, &err);
    check(r < 0 ? r : 0);
    jsonw_bool(w, "cloned", r == 0);
    jsonw_int(w, "clone_x", (area.x0 + area.x1) / 2 + n % 7);
    jsonw_int(w, "clone_y", (area.y0 + area.y1) / 2 - n % 5);
    if (!r)
        save_image(folder, n, "clone", &out);

    snprintf(path, sizeof path, "%s/case-%d.noise.npy", folder, n);
    check(npy_read(path, &file, &err));
    noise.dx = file.data;
    noise.dy = noise.dx + (ptrdiff_t)width * height;
    check(
        published_elastic(&elastic, &mask, &area, alpha, 0.08 * height, &noise, NULL, NULL, &err));
    save_image(folder, n, "elastic", &mask);
    npy_release(&file);

    check(image_shape(&half, width / 2, height / 2, 3, &err));
    check(cv_resize_linear(&half, fake, &err));
    save_image(folder, n, "half", &half);
    check(published_pose(l, &d->jitter, &m, &err));
    numbers(w, "pose", m.m, 9);
    check(image_shape(&out, SAMPLE_PX, SAMPLE_PX, 3, &err));
    check(cv_warp_perspective(&out, fake, &m, &err));
    save_image(folder, n, "warp", &out);

    published_patch_release(&patch);
    published_clone_release(&clone);
    published_elastic_release(&elastic);
    plane_release(&plane);
    plane_release(&blurred);
    image_release(&mask);
    image_release(&soft);
    image_release(&out);
    image_release(&half);
}

/* The steps of the noise chain with what they drew. */
static void chain(struct jsonw *w, const char *folder, int n, const struct image *picture,
                  const char *id)
{
    const char *paper[] = {"paper"};
    struct augment_chain all;
    struct augment_scratch s = {0};
    struct image img = IMAGE_INIT;
    struct rng rng;
    double v[4];
    int i;

    check(augment_chain_read(&all, paper, 1, &err));
    published_augment_chain(&all, 0);
    for (i = 0; i < all.n; i++) {
        const char *name = all.step[i]->name;
        char file[32];

        if (!strcmp(name, "jpeg") || !strcmp(name, "noise") || !strcmp(name, "quantise"))
            continue;
        check(image_copy(&img, picture, &err));
        (void)augment_drawn(all.step[i], 1, 0, id, &rng);
        check(all.step[i]->apply(&s, &img, &rng, &err));
        snprintf(file, sizeof file, "%s", name);
        save_image(folder, n, file, &img);
        (void)augment_drawn(all.step[i], 1, 0, id, &rng);
        if (!strcmp(name, "hsv")) {
            augment_draw_hsv(&rng, &v[0], &v[1]);
            numbers(w, name, v, 2);
        } else if (!strcmp(name, "gamma")) {
            v[0] = 0.6 + 0.8 * rng_uniform(&rng);
            numbers(w, name, v, 1);
        } else if (!strcmp(name, "motion")) {
            v[0] = rng_below(&rng, 360);
            v[1] = 1 + rng_below(&rng, 10);
            numbers(w, name, v, 2);
        } else if (!strcmp(name, "blur")) {
            v[0] = rng_below(&rng, 3);
            numbers(w, name, v, 1);
        } else if (!strcmp(name, "tone")) {
            for (int c = 0; c < 3; c++)
                v[c] = 60 + 195 * rng_uniform(&rng);
            v[3] = 0.3 * rng_uniform(&rng);
            numbers(w, name, v, 4);
        }
    }
    augment_scratch_release(&s);
    image_release(&img);
}

int main(int argc, char **argv)
{
    struct swap_settings set = fixture_settings();
    struct swap_scratch scratch = {0};
    struct swap_sample sample = {0};
    struct image fake = IMAGE_INIT, real = IMAGE_INIT;
    int n, i, x, y, cases = argc == 3 ? atoi(argv[2]) : 0;

    if (cases < 1) {
        fprintf(stderr, "Usage: published_stages FOLDER CASES\n");
        return 64;
    }
    set.border = SWAP_BLACK;
    swap_scratch_init(&scratch, cpu_flags());
    for (n = 0; n < cases; n++) {
        int width = 240 + 7 * (n % 13), height = 230 + 11 * (n % 11);
        struct swap_input in = {.is_fake = true};
        struct swap_draws d;
        struct jsonw w;
        struct str json = {0};
        double alpha, flat[2 * LANDMARKS_MAX];
        char id[24], path[512];

        snprintf(id, sizeof id, "%d", n);
        snprintf(path, sizeof path, "r%d", n);
        fixture_texture(&real, width, height, path);
        snprintf(path, sizeof path, "f%d", n);
        fixture_texture(&fake, width, height, path);
        for (y = 0; y < height; y++) { /* a fake is mostly its original */
            for (x = 0; x < 3 * width; x++)
                image_row(&fake, y)[x] =
                    (uint8_t)((image_row(&fake, y)[x] + 2 * image_row(&real, y)[x]) / 3);
        }
        in.id = id;
        in.self = (struct swap_crop){&fake, 0, 0};
        in.pristine = (struct swap_crop){&real, 0, 0};
        in.landmarks =
            fixture_face(width * 0.5 + n % 17 - 8, height * 0.45 + n % 9 + (n % 6 == 5 ? 60 : 0),
                         90 + 3 * (n % 10));
        for (i = 0; i < in.landmarks.n; i++) {
            in.landmarks.p[i].x = floor(in.landmarks.p[i].x + 0.5);
            in.landmarks.p[i].y = floor(in.landmarks.p[i].y + 0.5);
            flat[2 * i] = in.landmarks.p[i].x;
            flat[2 * i + 1] = in.landmarks.p[i].y;
        }
        save_image(argv[1], n, "fake", &fake);
        save_image(argv[1], n, "real", &real);
        jsonw_begin(&w, &json, 0);
        jsonw_object(&w, NULL);
        numbers(&w, "landmarks", flat, 2 * in.landmarks.n);
        draws(&w, argv[1], n, &set, id, width, height, &d, &alpha);
        stages(&w, argv[1], n, &fake, &real, &in.landmarks, &d, alpha);
        chain(&w, argv[1], n, &fake, id);
        if (swap_published.make(&set, &in, &scratch, &sample, &err)) {
            jsonw_text(&w, "skip", err.text);
            err_clear(&err);
        } else {
            jsonw_text(&w, "blend", swap_blend_name(sample.blend));
            rectangle(&w, "box", sample.box);
            save_image(argv[1], n, "sample", &sample.image);
        }
        jsonw_object_end(&w);
        snprintf(path, sizeof path, "%s/case-%d.json", argv[1], n);
        {
            FILE *f = fopen(path, "w");

            if (!f || fwrite(json.s, 1, json.len, f) != json.len || fclose(f))
                return 74;
        }
        str_release(&json);
    }
    swap_scratch_release(&scratch);
    swap_sample_release(&sample);
    image_release(&fake);
    image_release(&real);
    return 0;
}
