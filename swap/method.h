/*
 * A swap method: how one training sample is made from a frame and its pristine partner.
 * Each method is one file and one line of the list in methods.c.
 *
 * A sample is a pure function of (settings, epoch, id, pictures): every draw comes from a stream
 * of lib/rng.h keyed by (seed, epoch, id, purpose).
 */
#ifndef LP_SWAP_METHOD_H
#define LP_SWAP_METHOD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/geometry.h"
#include "lib/image.h"
#include "lib/landmarks.h"
#include "lib/resize.h"
#include "lib/warp.h"
#include "swap/dssim.h"
#include "swap/hull.h"
#include "swap/poisson.h"
#include "swap/pose.h"
#include "swap/soften.h"

#define SWAP_WINDOWS_MAX 32

struct swap_window {
    int h, w; /* pixels of a sample */
};

/* What lies beyond the edge of a crop. */
enum swap_border { SWAP_REFLECT, SWAP_REPLICATE, SWAP_BLACK };

/* The `swap` section of the configuration. Constant after the start. */
struct swap_settings {
    uint64_t seed;
    enum swap_border border;
    unsigned regions; /* bit k: enum region k may be drawn as the outline of a self-made fake */
    double real_on_fake, fake_on_real, untouched, partial; /* weights of the modes of a fake */
    double poisson;                                        /* probability, otherwise alpha */
    double elastic, elastic_sigma, elastic_min, elastic_max;
    enum hull_kind hull;
    double hull_lift;
    int soften_px;
    struct swap_window window[SWAP_WINDOWS_MAX];
    int windows;
    double scale, scale_sd, translate_px, rotate_deg, stretch, stretch_p, mirror, halve;
    double min_difference; /* grey levels */
    uint32_t corrections;  /* of mfs-published: bits of enum correction (published.h) */
    bool global_box_image; /* a global swap's box is the whole image, not the hull */
    bool partial_box_window;
};

/* A face crop: pixels and where their first one lies in the frame. */
struct swap_crop {
    const struct image *image; /* 3 channels */
    double x, y;               /* frame pixels */
};

/* What a sample is made from. */
struct swap_input {
    const char *id;   /* keys the random streams, with seed and epoch */
    const char *pair; /* keys what a self-made fake shares with a genuine sample; NULL = id */
    uint32_t epoch;
    bool is_fake;
    struct swap_crop self;      /* this frame */
    struct swap_crop pristine;  /* the same frame of the pristine video; only for fakes */
    struct landmarks landmarks; /* of this frame, frame pixels */
    /* Of methods that ask for one: another person's face, of a similar shape. */
    struct swap_crop donor;
    struct landmarks donor_landmarks; /* pixels of the donor's frame */
};

/* Keys the draws of a pair: pose and what is done to genuine faces too. */
static inline const char *swap_key(const struct swap_input *in)
{
    return in->pair ? in->pair : in->id;
}

enum swap_mode { SWAP_GENUINE, SWAP_UNTOUCHED, SWAP_GLOBAL, SWAP_PARTIAL };
enum swap_blend { SWAP_NO_BLEND, SWAP_ALPHA, SWAP_POISSON };
enum swap_role { SWAP_NONE, SWAP_SELF, SWAP_PRISTINE, SWAP_DONOR };

/* A sample: pixels, and what was drawn and done. The images belong to the struct and are reused. */
struct swap_sample {
    struct image image; /* SAMPLE_PX x SAMPLE_PX, RGB */
    struct image mask; /* same size, 1 channel: weight of the foreground, 0 where nothing changed */
    bool ring;         /* the mask is itself 4 M (1 - M) of some M, not an M */
    enum swap_mode mode;
    enum swap_blend blend;
    enum swap_role background, foreground; /* foreground NONE when nothing was pasted */
    struct swap_window window;             /* partial swaps; otherwise 0 x 0 */
    bool has_box;                          /* false for genuine faces */
    struct rect box;                       /* half-open, sample pixels */
    enum hull_kind hull;
    double elastic_rms_px; /* sample pixels without jitter; 0 = not deformed */
    double poisson_residual;
    struct mat3 frame_to_sample;
    bool mirrored, halved;
    const char *fallback; /* NULL, or why something else was done than drawn; a literal */
};

/* Per-worker scratch and functions. Zero-initialise, swap_scratch_init(), release. */
struct swap_scratch {
    const struct swap_ops *ops;
    struct warp_ops warp;
    struct dssim dssim;
    struct poisson poisson;
    struct soften soften;
    struct resizer resizer;
    struct image self_half, pristine_half;
    struct image still_a, still_b, still_mask;
    struct image fg, bg, hard, soft;
    struct published_scratch *published; /* of mfs-published, or NULL */
    struct weights *weights;             /* of the methods on real frames; made when first needed */
};

struct swap_method {
    const char *name;
    const char *help; /* one sentence */
    bool real_only;   /* fakes are made from pristine frames; fake frames are not used */
    bool donor;       /* a fake needs the face of another person */
    /* Fills *out. ERR_DATA when this pair cannot give a sample: the row is skipped with the words
     * of err as reason. Other codes stop the run. */
    int (*make)(const struct swap_settings *set, const struct swap_input *in,
                struct swap_scratch *scratch, struct swap_sample *out, struct err *err);
};

/* NULL-terminated. */
extern const struct swap_method *const swap_methods[];

const struct swap_method *swap_method_find(const char *name);

void swap_scratch_init(struct swap_scratch *s, unsigned cpu_mask);
void swap_scratch_release(struct swap_scratch *s);
void swap_sample_release(struct swap_sample *s);

const char *swap_mode_name(enum swap_mode mode);
const char *swap_blend_name(enum swap_blend blend);

extern const struct swap_method swap_mfs, swap_published, swap_sbi, swap_bob, swap_bi, swap_i2g,
    swap_fwa;

#endif
