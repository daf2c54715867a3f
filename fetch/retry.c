#include "fetch/retry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST_S 60.0

bool retry_status(int status)
{
    return status == 408 || status == 425 || status == 429 ||
           (status >= 500 && status <= 599 && status != 501 && status != 505);
}

double retry_delay_s(double base_s, unsigned attempt, double uniform)
{
    double all = base_s * ldexp(1, attempt < 1 ? 0 : attempt > 20 ? 20 : (int)attempt - 1);

    return fmin(all, LONGEST_S) * (0.5 + 0.5 * uniform);
}

/* Days from 1970-01-01 to the date (Gregorian; Howard Hinnant's days_from_civil). */
static long long days(long long y, int m, int d)
{
    long long era;
    int of_era, of_year;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    of_era = (int)(y - era * 400);
    of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365LL + of_era / 4 - of_era / 100 + of_year - 719468;
}

long long retry_http_date(const char *text)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char month[4] = "";
    int y = -1, m = 0, d = 0, hour = 0, minute = 0, second = 0;
    const char *p = strchr(text, ',');

    if (p && sscanf(p + 1, " %2d %3s %4d %2d:%2d:%2d GMT", &d, month, &y, &hour, &minute,
                    &second) == 6) {
        ; /* Sun, 06 Nov 1994 08:49:37 GMT */
    } else if (p && sscanf(p + 1, " %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT", &d, month, &y, &hour,
                           &minute, &second) == 6) {
        y += y < 70 ? 2000 : 1900; /* Sunday, 06-Nov-94 08:49:37 GMT */
    } else if (sscanf(text, "%*3s %3s %2d %2d:%2d:%2d %4d", month, &d, &hour, &minute, &second,
                      &y) != 6) { /* Sun Nov  6 08:49:37 1994 */
        return -1;
    }
    while (m < 12 && strcasecmp(month, names[m]) != 0)
        m++;
    if (m == 12 || y < 1970 || d < 1 || d > 31 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return -1;
    return days(y, m + 1, d) * 86400 + hour * 3600LL + minute * 60LL + second;
}

double retry_after_s(const char *value, time_t now)
{
    char *end;
    double s;
    long long date;

    while (*value == ' ' || *value == '\t')
        value++;
    if (*value >= '0' && *value <= '9') {
        s = strtod(value, &end);
        while (*end == ' ' || *end == '\t')
            end++;
        return *end || !isfinite(s) ? -1 : s;
    }
    date = retry_http_date(value);
    if (date < 0)
        return -1;
    return date > (long long)now ? (double)(date - (long long)now) : 0;
}
