/*
 * Who may see what: secrets that the user names in fetch.credentials and that never appear in it.
 * An entry is
 *
 *     HOST netrc [FILE]                     FILE, else $NETRC, else ~/.netrc
 *     HOST basic USER-VARIABLE PASSWORD-VARIABLE | file:FILE      (one line, user:password)
 *     HOST bearer VARIABLE | file:FILE                            (one line)
 *     HOST cookies FILE                     cookies.txt as browsers' add-ons export it
 *     HOST s3 REGION [requester-pays]       $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY,
 *                                           and $AWS_SESSION_TOKEN if it is set
 *
 * HOST is the host that gets it, with ":port" if that is unusual; "*.example.org" means all hosts
 * below example.org. A file must not be readable by others, and its path is absolute or begins
 * with ~/. While secrets are held the process leaves no core dump.
 *
 * A secret goes to its own host only: a redirect to another host is answered with what that host
 * has, which as a rule is nothing; and to other machines over https only. Nothing of this reaches a
 * message, a manifest or a state file.
 */
#ifndef LP_CREDENTIALS_H
#define LP_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

enum credential_kind {
    CREDENTIAL_NETRC,
    CREDENTIAL_BASIC,
    CREDENTIAL_BEARER,
    CREDENTIAL_COOKIES,
    CREDENTIAL_S3,
};

struct credential {
    enum credential_kind kind;
    char *host;
    char *file;          /* netrc, cookies: the file's path */
    char *user, *secret; /* basic; s3: key id and key; bearer: the token is `secret` */
    char *session;       /* s3: the session token, or NULL */
    char *region;        /* s3 */
    bool requester_pays; /* s3 */
};

struct credentials {
    struct credential *list;
    size_t n;
};

/* ERR_CONFIG for an entry that does not follow the form, a variable that is not set, or a file
 * that others may read; ERR_NOINPUT for a file that is not there. Messages name the entry's host
 * and the name of the variable or file only. */
int credentials_read(struct credentials *c, const char *const *entries, size_t n,
                     struct err *err) LP_MUST_CHECK;

/* Those for a host as url_host() writes it; NULL if there is none. `index` 0, 1, ... for more than
 * one (cookies and a token, say). */
const struct credential *credentials_find(const struct credentials *c, const char *host,
                                          size_t index);

/* ERR_CONFIG if the file may be read by group or others. */
int credentials_check_private(const char *path, struct err *err) LP_MUST_CHECK;

/* Wipes the memory. */
void credentials_release(struct credentials *c);

#endif
