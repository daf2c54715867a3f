#include "evaluate/number.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 1100 /* no double needs more digits than this to be told from its neighbours */

static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is(const char *p, size_t len, const char *word)
{
    return strlen(word) == len && !strncasecmp(p, word, len);
}

static enum number_kind words(const char *p, size_t len)
{
    if (len == 0 || is(p, len, ".") || is(p, len, "na") || is(p, len, "null") || is(p, len, "none"))
        return NUMBER_MISSING;
    if (*p == '-' || *p == '+') {
        p++;
        len--;
    }
    if (is(p, len, "nan"))
        return NUMBER_NAN;
    if (is(p, len, "inf") || is(p, len, "infinity"))
        return NUMBER_INFINITE;
    return NUMBER_MALFORMED;
}

/* What the fast way cannot do exactly. The text is known to be of the right form. */
static enum number_kind slow(const char *p, size_t len, double *value)
{
    char text[LONGEST];

    if (len >= sizeof(text))
        return NUMBER_MALFORMED;
    memcpy(text, p, len);
    text[len] = 0;
    *value = strtod(text, NULL);
    return isfinite(*value) ? NUMBER_FINITE : NUMBER_INFINITE;
}

enum number_kind number_parse(const char *p, size_t len, double *value)
{
    const char *end, *start, *digits;
    uint64_t m = 0;
    int n_digits, power = 0;
    bool negative = false;
    double v;

    while (len && (*p == ' ' || *p == '\t')) {
        p++;
        len--;
    }
    while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
        len--;
    start = p;
    end = p + len;
    if (p < end && (*p == '-' || *p == '+'))
        negative = *p++ == '-';
    for (digits = p; p < end && (unsigned)(*p - '0') < 10; p++)
        m = m * 10 + (unsigned)(*p - '0');
    n_digits = (int)(p - digits);
    if (p < end && *p == '.') {
        const char *point = ++p;

        for (; p < end && (unsigned)(*p - '0') < 10; p++)
            m = m * 10 + (unsigned)(*p - '0');
        power = (int)(point - p);
        n_digits += (int)(p - point);
    }
    if (!n_digits)
        return words(start, len);
    if (p < end && (*p == 'e' || *p == 'E')) {
        bool minus = false;
        int e = 0;

        p++;
        if (p < end && (*p == '-' || *p == '+'))
            minus = *p++ == '-';
        if (p == end)
            return NUMBER_MALFORMED;
        for (; p < end && (unsigned)(*p - '0') < 10; p++)
            e = e > 9999 ? e : e * 10 + (*p - '0');
        power += minus ? -e : e;
    }
    if (p != end)
        return NUMBER_MALFORMED;
    /* m is exact for up to 19 digits; only below 2^53 is its conversion exact as well. */
    if (n_digits > 19 || m > (UINT64_C(1) << 53) || power < -22 || power > 22)
        return slow(start, len, value);
    v = (double)m;
    v = power < 0 ? v / ten_to[-power] : v * ten_to[power];
    *value = negative ? -v : v;
    return NUMBER_FINITE;
}
