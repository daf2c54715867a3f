/* What a network is to find in a sample besides its label, made from the sample's mask. */
#ifndef LP_SWAP_TARGETS_H
#define LP_SWAP_TARGETS_H

#include "swap/method.h"

/*
 * The blending boundary of Face X-ray (Li et al., CVPR 2020, eq. 2): out (reshaped, 1 channel) =
 * 4 M (1 - M), 255 = one, where M is the mask over its largest value: the seam, also where a whole
 * face was mixed in by half only (sbi's ratio). A mask without soft edges (Poisson, an untouched
 * fake, hard alpha) has no such seam, so it is blurred first, 5 x 5 with standard deviation 3. A
 * genuine sample's is 0 everywhere; a mask that is a ring gives itself, over its largest value.
 */
int target_xray(const struct swap_sample *s, struct image *out, struct err *err) LP_MUST_CHECK;

#define TARGET_GRID_MAX 56

/*
 * Pair-wise consistency (Zhao et al., ICCV 2021, eq. 4): the mask averaged over the cells of a
 * `grid` x `grid` grid, then out[i][j] = 1 - |m_i - m_j| for all pairs of cells in raster order;
 * grid^4 floats. All one for a genuine sample.
 */
void target_consistency(const struct image *mask, int grid, float *out);

#endif
