/* What this processor can do. */
#ifndef LP_CPU_H
#define LP_CPU_H

#include <stdbool.h>

#include "lib/err.h"

enum cpu_flag { CPU_AVX2 = 1 /* with FMA */, CPU_AVX512 = 2 /* F, BW, DQ, VL */ };

/* The flags of this processor and kernel. */
unsigned cpu_flags(void);

/* cpu_flags() limited by the environment variable LP_CPUMASK (as of cpu_parse_mask(); unset, empty
 * or neither = all): for tests and for telling whether a fast path is at fault. */
unsigned cpu_mask(void);

/* Of "none", "avx2", "avx512" (and avx2), "all", or a whole number of flags; false if it is none of
 * these. */
bool cpu_parse_mask(const char *text, unsigned *mask);

/* Limits cpu_mask() from now on, in this process and those it starts. Before any thread. */
int cpu_limit(const char *text, struct err *err) LP_MUST_CHECK;

#endif
