/* BlazeFace (extract/blazeface.h) on a pyramid of tiles. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/blazeface.h"
#include "extract/detect_kind.h"
#include "extract/infer.h"
#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/resize.h"

#define DOUBLED_PX 40 /* smallest face with DETECT_DOUBLED, as dlib's on the doubled picture */

/* Of a tile's side. What is smaller than the overlap of two tiles is whole in one of them. */
#define SMALLEST    0.2  /* the smallest face a tile is asked for */
#define TILE_STEP   0.6  /* from tile to tile */
#define LEVEL_RATIO 2.0  /* a tile of the next level is this much larger */
#define CANDIDATE   0.5f /* least score in a tile */

/* Each candidate is looked at twice more, at two sizes: what is no face seldom looks like one at
 * both. On the labelled pictures, lit and dark, means from 0.74 on are faces (all but one from 0.83
 * on) and those up to 0.71 are not; with one look the two overlap. */
#define NEAR_SHARE 0.5   /* side of the face, in sides of the square looked at */
#define FAR_SHARE  0.32  /* likewise */
#define FAINT      0.2f  /* least score in either */
#define SURE       0.73f /* least mean */
#define SURE_NEAR  0.65f /* ... where a face is expected (DETECT_NARROW) */

#define MAX_FOUND    512
#define MODEL_FOLDER "leakproof/models"
#define MODEL_FILE   "blazeface-front-128.onnx"

struct cnn_state {
    struct net net; /* for copies */
    struct blaze_outputs outputs;
    struct infer *infer;
    float level_of[256]; /* byte to input */
    struct resizer resizer;
    struct image scaled, part;
    struct blaze_face decoded[BLAZE_ANCHORS], found[MAX_FOUND];
    int n_found;
};

/* ---- opening ---------------------------------------------------------------------------------*/

static void cnn_close(void *state)
{
    struct cnn_state *s = state;

    infer_close(s->infer);
    resizer_release(&s->resizer);
    net_release(&s->net);
    image_release(&s->scaled);
    image_release(&s->part);
    free(s);
}

/* Takes over s->net. */
static int start(struct cnn_state *s, const char *name, void **state, struct err *err)
{
    int i, r;

    resizer_init(&s->resizer, cpu_mask());
    r = blaze_outputs_find(&s->outputs, &s->net, name, err);
    if (!r)
        r = infer_open(&s->infer, &s->net, err);
    for (i = 0; i < 256; i++)
        s->level_of[i] = (float)i / 127.5f - 1;
    if (r)
        cnn_close(s);
    else
        *state = s;
    return r;
}

/* Where `make models` puts it. */
static void default_model(struct str *path)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    if (data && *data == '/')
        str_addf(path, "%s/%s/%s", data, MODEL_FOLDER, MODEL_FILE);
    else
        str_addf(path, "%s/.local/share/%s/%s", home ? home : "", MODEL_FOLDER, MODEL_FILE);
}

static int cnn_open(void **state, const char *model, struct err *err)
{
    struct cnn_state *s = mem_array(1, sizeof(*s));
    struct str path = STR_INIT;
    int r;

    if (!s)
        return err_nomem(err);
    if (model && *model)
        str_add(&path, model);
    else
        default_model(&path);
    r = infer_check(err); /* first, so that nobody fetches weights in vain */
    if (!r && str_failed(&path))
        r = err_nomem(err);
    if (!r && !fs_exists(path.s))
        r = err_set(err, ERR_MISSING,
                    "detector model '%s' is missing: run `make models`, or name one with "
                    "extract.cnn_model",
                    path.s);
    if (!r)
        r = net_read_onnx(&s->net, path.s, err);
    if (r)
        free(s);
    else
        r = start(s, path.s, state, err);
    str_release(&path);
    return r;
}

static int cnn_copy(void **state, const void *from, struct err *err)
{
    const struct cnn_state *f = from;
    struct cnn_state *s = mem_array(1, sizeof(*s));
    int r;

    if (!s)
        return err_nomem(err);
    r = net_copy(&s->net, &f->net, err);
    if (r)
        free(s);
    else
        r = start(s, "the copy", state, err);
    return r;
}

/* ---- one look --------------------------------------------------------------------------------*/

/* How the network's input lies in the frame: frame = origin + input * scale, on each axis. */
struct mapping {
    double x, y, x_scale, y_scale; /* input in sides of the input, 0..1 */
};

/* Writes `part`, at most as large as the input, into the input at (x, y); the rest is black. */
static void fill_input(struct cnn_state *s, const struct image *part, int x, int y)
{
    int side = s->outputs.side, row, i;
    float *to = infer_input(s->infer);

    if (part->width < side || part->height < side)
        for (i = 0; i < side * side * 3; i++)
            to[i] = -1;
    for (row = 0; row < part->height; row++) {
        const uint8_t *from = image_row(part, row);
        float *at = to + 3 * ((ptrdiff_t)(y + row) * side + x);

        for (i = 0; i < 3 * part->width; i++)
            at[i] = s->level_of[from[i]];
    }
}

/* Runs the network on its input; the faces, blended, are s->decoded in pixels of the frame. Returns
 * their number. */
static int run(struct cnn_state *s, const struct mapping *m, float least, struct err *err)
{
    int g, i, k, n = 0, r = infer_run(s->infer, err);

    if (r)
        return r;
    for (g = 0; g < 2; g++)
        n = blaze_decode(g, infer_output(s->infer, s->outputs.scores[g]),
                         infer_output(s->infer, s->outputs.boxes[g]), s->outputs.side, least,
                         s->decoded, n, BLAZE_ANCHORS);
    n = blaze_blend(s->decoded, n);
    for (i = 0; i < n; i++) {
        struct blaze_face *f = &s->decoded[i];

        f->x = (float)(m->x + f->x * m->x_scale);
        f->y = (float)(m->y + f->y * m->y_scale);
        f->width = (float)(f->width * m->x_scale);
        f->height = (float)(f->height * m->y_scale);
        for (k = 0; k < BLAZE_KEYS; k++) {
            f->key[k][0] = (float)(m->x + f->key[k][0] * m->x_scale);
            f->key[k][1] = (float)(m->y + f->key[k][1] * m->y_scale);
        }
    }
    return n;
}

/* ---- the pyramid -----------------------------------------------------------------------------*/

/* Tiles on an axis: their number, and where tile i begins (negative: the tile is larger than what
 * there is, which lies in its middle). */
static int tiles(int length, int side)
{
    return length <= side ? 1 : 1 + (int)ceil((length - side) / (TILE_STEP * side));
}

static int tile_at(int i, int n, int length, int side)
{
    return n == 1 ? (length - side) / 2 : (int)((long long)i * (length - side) / (n - 1));
}

/* Keeps the faces of the tile that it sees whole: none that crosses an edge beyond which the
 * picture goes on. */
static void keep_whole(struct cnn_state *s, int n, const double inner[4])
{
    int i;

    for (i = 0; i < n && s->n_found < MAX_FOUND; i++) {
        const struct blaze_face *f = &s->decoded[i];

        if (f->x - f->width / 2 >= inner[0] && f->y - f->height / 2 >= inner[1] &&
            f->x + f->width / 2 <= inner[2] && f->y + f->height / 2 <= inner[3])
            s->found[s->n_found++] = *f;
    }
}

/* Looks at all tiles of `picture`, which is the part `area` of the frame, scaled. */
static int search_level(struct cnn_state *s, const struct image *picture, struct rect area,
                        struct err *err)
{
    int side = s->outputs.side, nx = tiles(picture->width, side), ny = tiles(picture->height, side);
    double sx = (double)rect_width(area) / picture->width;
    double sy = (double)rect_height(area) / picture->height;
    int i, k, n;

    for (k = 0; k < ny; k++)
        for (i = 0; i < nx; i++) {
            int x = tile_at(i, nx, picture->width, side), y = tile_at(k, ny, picture->height, side);
            int w = picture->width < side ? picture->width : side;
            int h = picture->height < side ? picture->height : side;
            struct image tile = image_view(picture, x > 0 ? x : 0, y > 0 ? y : 0, w, h);
            const struct mapping m = {area.x0 + x * sx, area.y0 + y * sy, side * sx, side * sy};
            const double inner[4] = {i > 0 ? m.x : -HUGE_VAL, k > 0 ? m.y : -HUGE_VAL,
                                     i < nx - 1 ? m.x + m.x_scale : HUGE_VAL,
                                     k < ny - 1 ? m.y + m.y_scale : HUGE_VAL};

            fill_input(s, &tile, x < 0 ? -x : 0, y < 0 ? -y : 0);
            n = run(s, &m, CANDIDATE, err);
            if (n < 0)
                return n;
            keep_whole(s, n, inner);
        }
    return 0;
}

static int scaled_side(int side, double scale)
{
    double v = floor(side * scale + 0.5);

    return v < 1 ? 1 : (int)v;
}

/* Fills s->found. */
static int search(struct cnn_state *s, const struct image *img, const struct detect_query *q,
                  struct err *err)
{
    int w = rect_width(q->area), h = rect_height(q->area), longest = w > h ? w : h, r = 0;
    struct image area = image_view(img, q->area.x0, q->area.y0, w, h);
    double tile_px = (q->mode == DETECT_DOUBLED ? DOUBLED_PX : q->smallest_px) / SMALLEST;
    bool last;

    s->n_found = 0;
    do {
        double scale;

        last = tile_px >= longest;
        scale = s->outputs.side / (last ? longest : tile_px);
        r = image_shape(&s->scaled, scaled_side(w, scale), scaled_side(h, scale), 3, err);
        if (!r)
            r = resize_image(&s->resizer, &s->scaled, &area, err);
        if (!r)
            r = search_level(s, &s->scaled, q->area, err);
        tile_px *= LEVEL_RATIO;
    } while (!r && !last);
    s->n_found = blaze_blend(s->found, s->n_found);
    return r;
}

/* ---- the second looks ------------------------------------------------------------------------*/

/*
 * Looks at a square around *f in which the face has this share of the side, so that the box does
 * not depend on how a tile happened to lie. 1 = found again, *seen; 0 = not.
 */
static int look_at(struct cnn_state *s, const struct image *img, const struct blaze_face *f,
                   double share, struct blaze_face *seen, struct err *err)
{
    int in = s->outputs.side, n, i, best = -1, r;
    int side = (int)ceil(fmax(f->width, f->height) / share);
    int x = (int)floor(f->x - side / 2.0 + 0.5), y = (int)floor(f->y - side / 2.0 + 0.5);
    struct rect there = rect_intersect((struct rect){x, y, x + side, y + side},
                                       (struct rect){0, 0, img->width, img->height});
    double scale = (double)in / side;
    struct rect to = {
        (int)floor((there.x0 - x) * scale + 0.5), (int)floor((there.y0 - y) * scale + 0.5),
        (int)floor((there.x1 - x) * scale + 0.5), (int)floor((there.y1 - y) * scale + 0.5)};
    struct mapping m;
    struct image part;

    if (rect_width(to) < 1 || rect_height(to) < 1 || side > IMAGE_MAX_SIDE)
        return 0;
    part = image_view(img, there.x0, there.y0, rect_width(there), rect_height(there));
    r = image_shape(&s->part, rect_width(to), rect_height(to), 3, err);
    if (!r)
        r = resize_image(&s->resizer, &s->part, &part, err);
    if (r)
        return r;
    fill_input(s, &s->part, to.x0, to.y0);
    m.x_scale = in * (double)rect_width(there) / rect_width(to);
    m.y_scale = in * (double)rect_height(there) / rect_height(to);
    m.x = there.x0 - to.x0 * m.x_scale / in;
    m.y = there.y0 - to.y0 * m.y_scale / in;
    n = run(s, &m, FAINT, err);
    for (i = 0; i < n; i++)
        if (blaze_iou(f, &s->decoded[i]) > BLAZE_SAME_IOU &&
            (best < 0 || s->decoded[i].score > s->decoded[best].score))
            best = i;
    if (best < 0)
        return n < 0 ? n : 0;
    *seen = s->decoded[best];
    return 1;
}

/* Replaces *f by the mean of two looks; 1 = it is a face, 0 = it is not. */
static int look_again(struct cnn_state *s, const struct image *img, float least,
                      struct blaze_face *f, struct err *err)
{
    struct blaze_face near, far;
    int i, r = look_at(s, img, f, NEAR_SHARE, &near, err);

    if (r == 1 && near.score + 1 >= 2 * least)
        r = look_at(s, img, f, FAR_SHARE, &far, err);
    else if (r == 1)
        r = 0;
    if (r != 1 || near.score + far.score < 2 * least)
        return r < 0 ? r : 0;
    f->x = (near.x + far.x) / 2;
    f->y = (near.y + far.y) / 2;
    f->width = (near.width + far.width) / 2;
    f->height = (near.height + far.height) / 2;
    f->score = (near.score + far.score) / 2;
    for (i = 0; i < BLAZE_KEYS; i++) {
        f->key[i][0] = (near.key[i][0] + far.key[i][0]) / 2;
        f->key[i][1] = (near.key[i][1] + far.key[i][1]) / 2;
    }
    return 1;
}

/*
 * The box that dlib's HOG detector gives for the same face, which is what shape predictors were
 * trained on. Least squares over 217 labelled faces of 19 people and pictures that both find
 * (tests/oracle/labels), each person with the same weight; one left out at a time, the rest predict
 * the middle within 0.03 (x) and 0.05 (y) of the side, RMS, and the side within 9 %, which is the
 * coarseness of dlib's own pyramid. Beside the middle of BlazeFace's square, eyes and mouth say
 * where a turned head has its face.
 */
static struct rect dlib_box(const struct blaze_face *f)
{
    double eyes = (f->key[BLAZE_RIGHT_EYE][0] + f->key[BLAZE_LEFT_EYE][0]) / 2 - f->x;
    double mouth = f->key[BLAZE_MOUTH][0] - f->x, size = (f->width + f->height) / 2;
    double x = f->x + 0.54 * eyes + 0.32 * mouth, y = f->y - 0.033 * size, half = 0.514 * size;

    return (struct rect){(int)floor(x - half + 0.5), (int)floor(y - half + 0.5),
                         (int)floor(x + half + 0.5), (int)floor(y + half + 0.5)};
}

static int cnn_find(void *state, const struct image *img, const struct detect_query *q,
                    struct face faces[DETECT_MAX_FACES], struct err *err)
{
    struct cnn_state *s = state;
    float least = q->mode == DETECT_NARROW ? SURE_NEAR : SURE;
    int i, k, n = 0, r = search(s, img, q, err);

    for (i = 0, k = 0; i < s->n_found && !r; i++) {
        int again = look_again(s, img, least, &s->found[i], err);

        if (again < 0)
            r = again;
        else if (again)
            s->found[k++] = s->found[i];
    }
    if (r)
        return r;
    k = blaze_blend(s->found, k);
    for (i = 0; i < k && n < DETECT_MAX_FACES; i++)
        faces[n++] =
            (struct face){.box = dlib_box(&s->found[i]), .score = (double)s->found[i].score};
    return n;
}

const struct detector_kind detect_cnn = {"cnn", false, cnn_open, cnn_copy, cnn_close, cnn_find};
