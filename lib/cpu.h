/* What this processor can do. */
#ifndef LP_CPU_H
#define LP_CPU_H

enum cpu_flag { CPU_AVX2 = 1 /* with FMA */, CPU_AVX512 = 2 /* F, BW, DQ, VL */ };

/* The flags of this processor and kernel. */
unsigned cpu_flags(void);

/* cpu_flags() limited by the environment variable LP_CPUMASK (a number; unset = all): for tests
 * and for telling whether a fast path is at fault. */
unsigned cpu_mask(void);

#endif
