/*
 * The azimuthally averaged log power spectrum of a face (Durall, Keuper et al. 2019, "Unmasking
 * DeepFakes with simple Features"): what up-sampling and blending leave behind, whoever is seen.
 * The one door to FFTW in this stage.
 *
 * Grey, minus its mean, times a Hann window in both directions; 2-D Fourier transform; |F|^2
 * averaged over rings of equal width from frequency 0 to the Nyquist frequency of the sides (the
 * corners beyond are left out); natural log; minus the mean over the rings, so that contrast and
 * gain drop out. Plans are made without vector code, so the numbers do not depend on the processor.
 */
#ifndef LP_SPECTRUM_H
#define LP_SPECTRUM_H

#include "lib/err.h"
#include "lib/image.h"

/* The work space of one thread for pictures of one size. */
struct spectrum;

/* Not thread-safe (FFTW's planner is not): make one a worker before they start. Sides >= 8 px,
 * bins >= 2 and at most half the shorter side. */
int spectrum_new(struct spectrum **s, int width, int height, int bins,
                 struct err *err) LP_MUST_CHECK;
void spectrum_free(struct spectrum *s);

/* out[bins] of a picture of that size, 1 or 3 channels. A picture of one colour gives zeros. */
int spectrum_of(struct spectrum *s, const struct image *img, float *out,
                struct err *err) LP_MUST_CHECK;

#endif
