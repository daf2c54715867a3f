#include "tests/gen/ffpp_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/media.h"
#include "lib/mem.h"
#include "lib/npy.h"
#include "lib/str.h"
#include "tests/gen/faceswap.h"

#define COMPLETE ".complete"
#define MAKING   ".making"

/* FF++'s compress.py: libx264 at crf 23; one profile for both kinds of video. Without macroblock
 * trees, whose SIMD code in libx264 164 reads memory it has not written (MALLOC_PERTURB_ changes
 * the bytes; with mbtree=0 it does not). */
#define C23 "crf=23:preset=fast:mbtree=0"

static const char *const split_files[FFPP_SPLITS] = {"train.json", "val.json", "test.json"};

void ffpp_video_id(const char *text, char id[12])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t h = hash_name(text);
    int i;

    for (i = 0; i < 10; i++, h >>= 6)
        id[i] = letters[h & 63];
    id[10] = letters[(h & 15) * 4]; /* YouTube's last letter has four bits */
    id[11] = 0;
}

/* ---- the folder as a whole -------------------------------------------------------------------*/

/* What a mark says: the line, and the program that follows it. Another build may make other
 * pictures, be it for a change far below. */
static int mark_text(struct str *text, const char *what, struct err *err)
{
    char program[HASH_HEX];
    int r = hash_file("/proc/self/exe", program, err);

    if (r)
        return r;
    str_addf(text, "%s program=sha256:%s\n", what, program);
    return str_failed(text) ? err_nomem(err) : 0;
}

static int write_mark(const char *root, const char *mark, const char *what, struct err *err)
{
    struct str path = STR_INIT, text = STR_INIT;
    int r = mark_text(&text, what, err);

    str_addf(&path, "%s/%s", root, mark);
    if (!r)
        r = str_failed(&path) ? err_nomem(err) : atomic_write(path.s, text.s, text.len, err);
    str_release(&path);
    str_release(&text);
    return r;
}

bool ffpp_is_complete(const char *root, const char *what)
{
    struct str path = STR_INIT, expected = STR_INIT;
    char *text = NULL;
    size_t size;
    bool same = false;

    str_addf(&path, "%s/" COMPLETE, root);
    if (!str_failed(&path) && fs_exists(path.s) && !mark_text(&expected, what, NULL) &&
        !fs_read(path.s, 65536, &text, &size, NULL))
        same = size == expected.len && memcmp(text, expected.s, size) == 0;
    free(text);
    str_release(&expected);
    str_release(&path);
    return same;
}

int ffpp_begin(const char *root, const char *what, struct err *err)
{
    static const char *const ours[] = {"original_sequences", "manipulated_sequences", "truth"};
    struct str path = STR_INIT;
    bool made_here = false;
    char **names = NULL;
    size_t n = 0, i;
    int r;

    if ((r = fs_make_folders(root, err)) || (r = fs_list(root, &names, &n, err)))
        goto out;
    for (i = 0; i < n; i++)
        made_here |= strcmp(names[i], COMPLETE) == 0 || strcmp(names[i], MAKING) == 0;
    if (n && !made_here) {
        r = err_set(err, ERR_CREATE, "'%s' is not empty and not a generated sample", root);
        goto out;
    }
    /* From here on it is not whole, whatever happens. */
    if ((r = write_mark(root, MAKING, what, err)))
        goto out;
    str_addf(&path, "%s/" COMPLETE, root);
    if (!str_failed(&path) && unlink(path.s) && errno != ENOENT)
        r = err_set_errno(err, ERR_CREATE, errno, "cannot remove '%s'", path.s);
    for (i = 0; !r && i < sizeof(ours) / sizeof(*ours); i++) {
        str_clear(&path);
        str_addf(&path, "%s/%s", root, ours[i]);
        r = str_failed(&path) ? err_nomem(err) : fs_remove_tree(path.s, err);
    }
out:
    fs_list_free(names, n);
    str_release(&path);
    return r;
}

int ffpp_finish(const char *root, const char *what, struct err *err)
{
    struct str path = STR_INIT;
    int r;

    atomic_sync(root);
    if ((r = write_mark(root, COMPLETE, what, err)))
        return r;
    str_addf(&path, "%s/" MAKING, root);
    if (!str_failed(&path))
        unlink(path.s); /* the other mark already says it */
    str_release(&path);
    return 0;
}

int ffpp_write_lists(const char *root, const struct ffpp_pair *pairs, size_t n,
                     const struct ffpp_source *sources, size_t n_sources, struct err *err)
{
    struct str path = STR_INIT, text = STR_INIT;
    struct jsonw w;
    size_t i;
    int split, r = 0;

    for (split = 0; split < FFPP_SPLITS && !r; split++) {
        str_clear(&path);
        str_clear(&text);
        str_addf(&path, "%s/%s", root, split_files[split]);
        jsonw_begin(&w, &text, 2);
        jsonw_array(&w, NULL);
        for (i = 0; i < n; i++)
            if ((int)pairs[i].split == split) {
                jsonw_array(&w, NULL);
                jsonw_text(&w, NULL, pairs[i].a);
                jsonw_text(&w, NULL, pairs[i].b);
                jsonw_array_end(&w);
            }
        jsonw_array_end(&w);
        r = str_failed(&path) || str_failed(&text) ? err_nomem(err)
                                                   : atomic_write(path.s, text.s, text.len, err);
    }
    if (!r) {
        str_clear(&path);
        str_clear(&text);
        str_addf(&path, "%s/conversion_dict.json", root);
        jsonw_begin(&w, &text, 2);
        jsonw_object(&w, NULL);
        for (i = 0; i < n_sources; i++) {
            char value[32];

            snprintf(value, sizeof(value), "%s %d", sources[i].video, sources[i].index);
            jsonw_text(&w, sources[i].name, value);
        }
        jsonw_object_end(&w);
        r = str_failed(&path) || str_failed(&text) ? err_nomem(err)
                                                   : atomic_write(path.s, text.s, text.len, err);
    }
    str_release(&path);
    str_release(&text);
    return r;
}

/* ---- clips -----------------------------------------------------------------------------------*/
int clip_alloc(struct clip *c, const char *name, int fps, int n, struct err *err)
{
    memset(c, 0, sizeof(*c));
    snprintf(c->name, sizeof(c->name), "%s", name);
    c->fps = fps;
    c->n = n;
    c->frames = mem_array((size_t)n, sizeof(*c->frames));
    c->points = mem_array((size_t)n, sizeof(*c->points));
    return c->frames && c->points ? 0 : err_nomem(err);
}

void clip_release(struct clip *c)
{
    int i;

    for (i = 0; c->frames && i < c->n; i++)
        image_release(&c->frames[i]);
    free(c->frames);
    free(c->points);
    memset(c, 0, sizeof(*c));
}

static int open_video(struct media_writer **w, const char *path, int width, int height, int fps,
                      struct err *err)
{
    struct media_encode e = {.width = width,
                             .height = height,
                             .fps_num = fps,
                             .fps_den = 1,
                             .codec = "libx264",
                             .options = C23,
                             .pixel_format = "yuv420p"};
    int r = fs_make_parents(path, err);

    return r ? r : media_create(w, path, &e, err);
}

static int write_truth(const char *root, const char *method, const char *name,
                       const struct landmarks *points, int n, struct err *err)
{
    size_t shape[3] = {(size_t)n, 68, 2};
    float *data = mem_array(npy_count(3, shape), sizeof(*data));
    struct str path = STR_INIT;
    int i, k, r;

    str_addf(&path, "%s/truth/%s/%s.npy", root, method, name);
    if (!data || str_failed(&path)) {
        r = err_nomem(err);
    } else {
        for (i = 0; i < n; i++)
            for (k = 0; k < 68; k++) {
                data[(i * 68 + k) * 2] = (float)points[i].p[k].x;
                data[(i * 68 + k) * 2 + 1] = (float)points[i].p[k].y;
            }
        r = npy_write(path.s, NPY_F32, 3, shape, data, err);
    }
    str_release(&path);
    free(data);
    return r;
}

int ffpp_write_original(const char *root, const struct clip *c, struct err *err)
{
    struct media_writer *w = NULL;
    struct str path = STR_INIT;
    int i, r, e;

    str_addf(&path, "%s/original_sequences/youtube/c23/videos/%s.mp4", root, c->name);
    r = str_failed(&path)
            ? err_nomem(err)
            : open_video(&w, path.s, c->frames[0].width, c->frames[0].height, c->fps, err);
    for (i = 0; i < c->n && !r; i++)
        r = media_put(w, &c->frames[i], err);
    e = media_finish(w, r == 0, err);
    r = r ? r : e;
    if (!r)
        r = write_truth(root, "original", c->name, c->points, c->n, err);
    str_release(&path);
    return r;
}

static int write_fake(const char *root, struct faceswap *s, const struct faceswap_style *style,
                      const struct clip *target, const struct clip *donor, struct image *frame,
                      struct err *err)
{
    struct media_writer *w = NULL;
    struct str path = STR_INIT, boxes = STR_INIT;
    char name[2 * FFPP_NAME];
    int i, n = target->n, r, e;

    if (style->shortest && donor->n < n)
        n = donor->n;
    snprintf(name, sizeof(name), "%s_%s", target->name, donor->name);
    str_addf(&path, "%s/manipulated_sequences/%s/c23/videos/%s.mp4", root, style->method, name);
    str_add(&boxes, "frame\tx0_px\ty0_px\tx1_px\ty1_px\n");
    r = str_failed(&path) ? err_nomem(err)
                          : open_video(&w, path.s, target->frames[0].width,
                                       target->frames[0].height, donor->fps, err);
    for (i = 0; i < n && !r; i++) {
        struct rect box;
        int k = i % donor->n;

        r = faceswap(s, style, &donor->frames[k], &donor->points[k], &target->frames[i],
                     &target->points[i], frame, NULL, &box, err);
        if (!r)
            r = media_put(w, frame, err);
        str_addf(&boxes, "%d\t%d\t%d\t%d\t%d\n", i, box.x0, box.y0, box.x1, box.y1);
    }
    e = media_finish(w, r == 0, err);
    r = r ? r : e;
    if (!r)
        r = write_truth(root, style->method, name, target->points, n, err);
    if (!r) {
        str_clear(&path);
        str_addf(&path, "%s/truth/%s/%s.boxes.tsv", root, style->method, name);
        r = str_failed(&path) || str_failed(&boxes) ? err_nomem(err)
                                                    : atomic_write(path.s, boxes.s, boxes.len, err);
    }
    str_release(&path);
    str_release(&boxes);
    return r;
}

int ffpp_write_fakes(const char *root, const struct clip *a, const struct clip *b, struct err *err)
{
    struct faceswap s = {0};
    struct image frame = IMAGE_INIT;
    int i, r = 0;

    for (i = 0; i < faceswap_n_styles && !r; i++) {
        r = write_fake(root, &s, &faceswap_styles[i], a, b, &frame, err);
        if (!r)
            r = write_fake(root, &s, &faceswap_styles[i], b, a, &frame, err);
    }
    faceswap_release(&s);
    image_release(&frame);
    return r;
}
