/*
 * Inconsistency images of pair-wise self-consistency learning (Zhao et al., "Learning Self-
 * Consistency for Deepfake Detection", ICCV 2021): another person's face as in Face X-ray, moved
 * and masked as in self-blended images, with mean and spread of the colours of the face below. The
 * target is 1 - |m_i - m_j| for all pairs of cells of a feature grid: the member .consistency.npy.
 */
#ifndef LP_SWAP_I2G_H
#define LP_SWAP_I2G_H

#include "swap/sbi.h"

/* As the method's make(), with given draws, of a real frame and its donor. */
int i2g_blend(const struct swap_settings *set, const struct swap_input *in,
              const struct sbi_mask *m, struct swap_scratch *s, struct swap_sample *out,
              struct err *err) LP_MUST_CHECK;

#endif
