#include "swap/kernels.h"

#include "lib/cpu.h"

#include "swap/kernels_body.h"

const float dssim_taps[DSSIM_TAPS] = {
    0.00102838008447911f, 0.00759875813523919f, 0.03600077212843083f, 0.10936068950970002f,
    0.21300553771125370f, 0.26601172486179436f, 0.21300553771125370f, 0.10936068950970002f,
    0.03600077212843083f, 0.00759875813523919f, 0.00102838008447911f,
};

const struct swap_ops swap_ops_c = SWAP_OPS_TABLE;

const struct swap_ops *swap_ops_get(unsigned cpu_mask)
{
#if defined(__x86_64__)
    if (cpu_mask & CPU_AVX2)
        return &swap_ops_avx2;
#else
    (void)cpu_mask;
#endif
    return &swap_ops_c;
}
