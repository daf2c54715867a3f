#include "reports/words.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS    "\xe2\x80\xa6" /* U+2026 */
#define MINUS       "\xe2\x88\x92" /* U+2212 */

/* Length of the well-formed UTF-8 sequence at s (RFC 3629, table 3-7 of Unicode), 0 if none. */
static size_t sequence(const unsigned char *s)
{
    size_t n, i;
    unsigned lo = 0x80, hi = 0xbf;

    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        n = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        n = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        n = 4;
    else
        return 0;
    if (s[0] == 0xe0)
        lo = 0xa0;
    else if (s[0] == 0xed)
        hi = 0x9f;
    else if (s[0] == 0xf0)
        lo = 0x90;
    else if (s[0] == 0xf4)
        hi = 0x8f;
    if (s[1] < lo || s[1] > hi)
        return 0;
    for (i = 2; i < n; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return n;
}

/* C1 controls (U+0080..9F), and the marks that turn the direction of the text around them. */
static bool unprintable(const unsigned char *s, size_t n)
{
    if (n == 1)
        return s[0] < 0x20 || s[0] == 0x7f;
    if (n == 2)
        return s[0] == 0xc2 && s[1] < 0xa0;
    return n == 3 && s[0] == 0xe2 &&
           ((s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) ||
            (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

void words_short(struct str *out, const char *text, size_t max)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n, count = 0, last_len = out->len;

    if (!text)
        return;
    for (; *s; s += n ? n : 1) {
        n = sequence(s);
        if (count == max) {
            out->len = last_len;
            str_add(out, ELLIPSIS);
            return;
        }
        if (count + 1 == max)
            last_len = out->len;
        if (n == 1 && (*s == '\t' || *s == '\n' || *s == '\r'))
            str_add_c(out, ' ');
        else if (n == 0 || unprintable(s, n))
            str_add(out, REPLACEMENT);
        else
            str_add_n(out, (const char *)s, n);
        count++;
    }
}

void words_clean(struct str *out, const char *text)
{
    words_short(out, text, (size_t)-1);
}

const char *words_real(double value, char out[WORDS_MAX])
{
    double size = fabs(value);

    if (isnan(value))
        snprintf(out, WORDS_MAX, "-");
    else if (value == 0.0)
        snprintf(out, WORDS_MAX, "0.000");
    else if (size < 5e-4)
        snprintf(out, WORDS_MAX, "%.1e", value);
    else if (size < 10.0)
        snprintf(out, WORDS_MAX, "%.3f", value);
    else
        snprintf(out, WORDS_MAX, "%.4g", value);
    return out;
}

const char *words_signed(double value, char out[WORDS_MAX])
{
    char bare[WORDS_MAX];

    words_real(fabs(value), bare);
    snprintf(out, WORDS_MAX, "%s%.24s", value < 0 ? MINUS : value > 0 ? "+" : "", bare);
    return out;
}

const char *words_p(double value, char out[WORDS_MAX])
{
    if (value < 0.001)
        snprintf(out, WORDS_MAX, "< 0.001");
    else
        snprintf(out, WORDS_MAX, "%.3f", value);
    return out;
}

const char *words_count(long long value, char out[WORDS_MAX])
{
    char digits[WORDS_MAX];
    int n = snprintf(digits, sizeof(digits), "%lld", value), i, at = 0;

    for (i = 0; i < n; i++) {
        out[at++] = digits[i];
        if ((n - i - 1) % 3 == 0 && i + 1 < n && digits[i] != '-')
            out[at++] = ',';
    }
    out[at] = '\0';
    return out;
}

const char *words_plural(long long n, const char *noun, char out[WORDS_MAX])
{
    size_t len = strlen(noun);

    if (n == 1)
        snprintf(out, WORDS_MAX, "%s", noun);
    else if (len > 1 && noun[len - 1] == 'y' && !strchr("aeiou", noun[len - 2]))
        snprintf(out, WORDS_MAX, "%.*sies", (int)len - 1, noun);
    else
        snprintf(out, WORDS_MAX, "%ss", noun);
    return out;
}

void words_of_key(struct str *out, const char *key)
{
    size_t from = out->len, i;

    words_clean(out, key);
    if (str_failed(out))
        return;
    for (i = from; i < out->len; i++)
        if (out->s[i] == '_')
            out->s[i] = ' ';
}
