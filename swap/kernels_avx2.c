#include "swap/kernels.h"

#if defined(__x86_64__)

#include "swap/kernels_body.h"

const struct swap_ops swap_ops_avx2 = SWAP_OPS_TABLE;

#endif
