#include "lib/cpu.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLE "LP_CPUMASK"

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

bool cpu_parse_mask(const char *text, unsigned *mask)
{
    static const struct {
        const char *name;
        unsigned mask;
    } known[] = {{"none", 0}, {"avx2", CPU_AVX2}, {"avx512", CPU_AVX2 | CPU_AVX512}, {"all", ~0u}};
    unsigned long n;
    char *end;
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i].name, text) == 0) {
            *mask = known[i].mask;
            return true;
        }
    if (*text < '0' || *text > '9')
        return false;
    n = strtoul(text, &end, 0);
    *mask = (unsigned)n;
    return !*end;
}

unsigned cpu_mask(void)
{
    const char *s = getenv(VARIABLE);
    unsigned mask;

    return s && *s && cpu_parse_mask(s, &mask) ? cpu_flags() & mask : cpu_flags();
}

int cpu_limit(const char *text, struct err *err)
{
    unsigned mask;

    if (!cpu_parse_mask(text, &mask))
        return err_set(
            err, ERR_USAGE,
            "invalid argument '%s' for --cpumask; should be none, avx2, avx512, all or a "
            "whole number",
            text);
    return setenv(VARIABLE, text, 1) ? err_nomem(err) : 0;
}
