/* What to do when a transfer fails: try again, when, or give it up. No clock, no network. */
#ifndef LP_RETRY_H
#define LP_RETRY_H

#include <stdbool.h>
#include <time.h>

/* Seconds that a server may ask us to stay away; more than that is a failure that says so. */
#define RETRY_AFTER_MAX_S 3600.0

/* Is an answer with this HTTP status worth asking for again? 408, 425, 429 and 5xx, except for what
 * a server does not do at all (501, 505). Never 401, 403, 404 and their like. */
bool retry_status(int status);

/* Seconds before attempt `attempt` (from 1 on): base * 2^(attempt - 1), at most 60 s, of which
 * between a half and all is waited: `uniform` is a number in [0, 1). */
double retry_delay_s(double base_s, unsigned attempt, double uniform);

/* The value of Retry-After (seconds, or an HTTP date) as seconds from `now`; -1 if it is neither.
 */
double retry_after_s(const char *value, time_t now);

/* An HTTP date (RFC 9110 5.6.7, all three forms) in seconds since 1970; -1 if it is none. */
long long retry_http_date(const char *text);

#endif
