#include "lib/cpu.h"

#include <stdlib.h>

unsigned cpu_flags(void)
{
    unsigned flags = 0;

#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        flags |= CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        flags |= CPU_AVX512;
#endif
    return flags;
}

unsigned cpu_mask(void)
{
    const char *s = getenv("LP_CPUMASK");

    return s && *s ? cpu_flags() & (unsigned)strtoul(s, NULL, 0) : cpu_flags();
}
