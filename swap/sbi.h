/*
 * Self-blended images: Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images",
 * CVPR 2022. One real face gives a fake: two copies of it, of which one is changed in colour and
 * sharpness, are blended by a deformed region of the face that is moved a little.
 *
 * The ranges are those of the published code, in fractions of the sample. Left out: its shift of
 * hue, saturation and value by +-0.3, which in the library's units changes one value in twelve by
 * one grey level (swap/augment.h's hsv-shift), and its common augmentation of both classes, for
 * which swap.augment has the set `sbi`.
 */
#ifndef LP_SWAP_SBI_H
#define LP_SWAP_SBI_H

#include "swap/colour.h"
#include "swap/method.h"
#include "swap/region.h"

/* How the mask of a self-blended sample comes about. All zero but scale 1: the plain region. */
struct sbi_mask {
    enum region_kind region;
    bool plain_hull;      /* a full hull is that of 68 points, whatever swap.hull says */
    double dx, dy, scale; /* of source and mask: fractions of the sample's side; about its middle */
    double elastic_rms;   /* face widths */
    int side_px;          /* of the mask that is blurred; the kernels are in its pixels */
    int erode_px, blur_px; /* sides of the two kernels, odd; 0 = neither */
    double blur_sigma_px;
};

/* What is drawn for a self-blended sample. All zero but scale 1 and ratio 1: nothing changes. */
struct sbi_draws {
    bool on_source; /* the pasted copy is changed, else the one below */
    struct copy_change change;
    struct sbi_mask mask;
    double ratio;
    bool ring; /* weights 4 m (1 - m): boundary only */
};

/* Pure functions of their arguments; `allowed`: regions, bits. */
void sbi_mask_draw(unsigned allowed, struct sbi_mask *m, struct rng *rng);
void sbi_draw(unsigned allowed, uint64_t seed, uint32_t epoch, const char *id, struct sbi_draws *d);

/*
 * After sample_genuine(): makes s->weights of the face in `in`. *move = the motion of the source
 * that goes with it, in sample pixels.
 */
int sbi_make_mask(const struct swap_settings *set, const struct swap_input *in,
                  const struct sbi_mask *m, struct swap_scratch *s, struct swap_sample *out,
                  struct mat3 *move, struct err *err) LP_MUST_CHECK;

/* The genuine sample of those draws: the copy below, which is changed where the pasted one is not.
 * So the fake that shares its draws is the same outside of its mask, and one class is changed as
 * often as the other. */
int sbi_genuine(const struct swap_settings *set, const struct swap_input *in,
                const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
                struct err *err) LP_MUST_CHECK;

/* As the method's make(), with given draws, from a real frame. */
int sbi_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err) LP_MUST_CHECK;

#endif
