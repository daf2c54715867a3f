/* Addresses as text: what is needed to join, compare and show them. Transferring is transfer.h. */
#ifndef LP_URL_H
#define LP_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/str.h"

#define URL_HOST_MAX 280

bool url_is_http(const char *url);  /* http:// or https://, in any case */
bool url_is_https(const char *url); /* https:// */

/* Has it any scheme (letters, then ://)? */
bool url_has_scheme(const char *url);

/* user:password@ before the host: never accepted from a configuration. */
bool url_has_user(const char *url);

/* A query that looks like a signature, a token or a password: such an address is a secret. */
bool url_is_signed(const char *url);

/* Lower-case host, with ":port" if that is not the scheme's own. false if there is none, if it is
 * too long, or if the address holds blanks or control characters. */
bool url_host(const char *url, char out[URL_HOST_MAX]);

/* out = the address as it may be shown and recorded: no user, no query, no fragment. */
void url_public(const char *url, struct str *out);

/* out = `name` below `base`, with the bytes that need it percent-encoded; a name that has a scheme
 * is an address already and is taken as it is. out is cleared first. */
void url_join(const char *base, const char *name, struct str *out);

/* out = the last part of the path, percent-decoded; empty if there is none. out is cleared first.
 */
void url_last_part(const char *url, struct str *out);

/* out = the path of a file:// address (host empty or localhost), percent-decoded; false if it is
 * none. out is cleared first. */
bool url_file_path(const char *url, struct str *out);

#endif
