/*
 * Self-blended images: Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images",
 * CVPR 2022. One real face gives a fake: two copies of it, of which one is changed in colour and
 * sharpness, are blended by a deformed hull of its landmarks that is moved a little.
 *
 * The ranges are those of the published code, in fractions of the sample. Left out: its shift of
 * hue, saturation and value by +-0.3, which is less than one grey level in the library's units,
 * and its common augmentation of both classes, for which swap.augment is.
 */
#ifndef LP_SWAP_SBI_H
#define LP_SWAP_SBI_H

#include "swap/method.h"

/* What is drawn for a self-blended sample. All zero but scale 1 and ratio 1: nothing changes. */
struct sbi_draws {
    bool on_source;  /* the pasted copy is changed, else the one below */
    bool plain_hull; /* of 68 points, whatever swap.hull says */
    double shift[3]; /* grey levels, a channel */
    double brightness, contrast;
    int shrink;            /* 2 or 4: resolution divided by it; else 0 */
    double sharpen, light; /* share and centre weight of the sharpening kernel; share 0 = none */
    double dx, dy, scale; /* of source and mask: fractions of the sample's side; about its middle */
    double elastic_rms;   /* face widths */
    int erode_px, blur_px; /* sides of the two kernels, odd; 0 = neither */
    double blur_sigma_px, ratio;
};

/* A pure function of its arguments. */
void sbi_draw(uint64_t seed, uint32_t epoch, const char *id, struct sbi_draws *d);

/* As the method's make(), with given draws, from a real frame. */
int sbi_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_draws *d, struct swap_scratch *s, struct swap_sample *out,
              struct err *err) LP_MUST_CHECK;

#endif
