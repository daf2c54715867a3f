#include "swap/published.h"

#include <string.h>

const struct correction_info published_corrections[CORRECTIONS] = {
    [FIX_MIRROR] = {"mirror", "mirrors picture and box half of the time", "augmentor.py:133"},
    [FIX_BOX_AXES] = {"box-axes", "gives boxes x first, as the anchors expect them",
                      "partial_swap_mask.py:61"},
    [FIX_POISSON_CENTRE] = {"poisson-centre", "pastes a Poisson blend where its mask is",
                            "mfs.py:42-44"},
    [FIX_MASK_TYPE] = {"mask-type", "blends partial and deformed masks by Poisson too",
                       "mfs.py:32-46"},
    [FIX_PATCH_OFFSET] = {"patch-offset", "puts the patch where the search found it",
                          "partial_swap_mask.py:95-104"},
    [FIX_PATCH_CENTRE] = {"patch-centre", "takes a patch's centre in the frame, not in the crop",
                          "partial_swap_mask.py:106"},
    [FIX_PATCH_HULL] = {"patch-hull", "keeps the patch inside the face",
                        "partial_swap_mask.py:103-104"},
    [FIX_BOX_PATCH] = {"box-patch", "labels the patch that was pasted", "mfs.py:101-105"},
    [FIX_WINDOWS] = {"windows", "takes the windows of swap.windows", "mfs.py:133"},
    [FIX_SIZES] = {"sizes",
                   "lays crops of different sizes on each other by their place in the frame",
                   "mfs.py:127-129"},
    [FIX_RESIZE] = {"resize", "keeps the result of the change of resolution", "augmentor.py:91-92"},
    [FIX_LANDMARKS] = {"landmarks", "keeps fractions of pixels of landmarks",
                       "augmentor.py:151-154, cropface.py:78"},
    [FIX_ELASTIC] = {"elastic", "deforms outlines relative to the face", "mfs.py:72"},
    [FIX_ROUNDING] = {"rounding", "rounds grey levels instead of cutting them off", "mfs.py:26"},
    [FIX_BOX_FACE] = {"box-face", "gives whole-face fakes the box of the face", "preprocess.py"},
    [FIX_MOTION] = {"motion", "centres the motion blur", "image_process.py:34-45"},
    [FIX_HULL] = {"hull", "takes the outline of swap.hull", "mfs.py"},
    [FIX_SEARCH] = {"search", "tries every place for the window", "partial_swap_mask.py"},
    [FIX_SOFTEN] = {"soften", "softens alpha masks inwards", "mfs.py"},
    [FIX_POISSON_DOMAIN] = {"poisson-domain",
                            "solves the Poisson equation inside the mask, not on its rectangle",
                            "mfs.py:32-46"},
    [FIX_SCALE] = {"scale", "cuts the jitter of the scale off at three deviations", "cropface.py"},
    [FIX_RESAMPLE] = {"resample", "interpolates between all positions, not 32 a pixel",
                      "cropface.py"},
    [FIX_BORDER] = {"border", "shows swap.border beyond the edge of the picture", "cropface.py"},
    [FIX_SKIP] = {"skip", "leaves out pairs by swap.min_difference", "mfs.py:101-105"},
    [FIX_SAMPLE_PIXELS] = {"sample-pixels", "blends after the alignment: the method mfs itself",
                           "mfs.py"},
};

int published_corrections_read(uint32_t *corrections, const char *const *names, size_t n,
                               struct err *err)
{
    uint32_t bits = 0;
    size_t i, k;

    for (i = 0; i < n; i++) {
        if (!strcmp(names[i], "all")) {
            bits = CORRECTIONS_ALL;
            continue;
        }
        for (k = 0; k < CORRECTIONS && strcmp(names[i], published_corrections[k].name); k++)
            ;
        if (k == CORRECTIONS)
            return err_set(err, ERR_CONFIG, "swap.corrections: '%s' is unknown", names[i]);
        bits |= 1u << k;
    }
    if (corrected(bits, FIX_SAMPLE_PIXELS) && bits != CORRECTIONS_ALL)
        return err_set(err, ERR_CONFIG,
                       "swap.corrections: sample-pixels needs all others; say all");
    *corrections = bits;
    return 0;
}
