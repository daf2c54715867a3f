#include "fetch/credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

#define WORDS          6
#define FILE_MAX_BYTES 65536

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

int credentials_check_private(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st))
        return err_set_errno(err, ERR_NOINPUT, errno, "cannot open '%s'", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_CONFIG, "'%s' is no regular file", path);
    if (st.st_mode & 077)
        return err_set(err, ERR_CONFIG,
                       "'%s' holds secrets and may be read by others: chmod 600 '%s'", path, path);
    return 0;
}

static int bad(const char *host, const char *why, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, "fetch.credentials: %s: %s%s%s%s", host, why, what ? " '" : "",
                   what ? what : "", what ? "'" : "");
}

/* A path from the configuration: absolute, or below the home folder. */
static int take_path(const char *host, const char *word, char **path, struct err *err)
{
    const char *home = getenv("HOME");
    struct str s = STR_INIT;

    if (strncmp(word, "~/", 2) == 0 && home)
        fs_join(home, word + 2, &s);
    else if (word[0] == '/')
        str_add(&s, word);
    else
        return bad(host, "a file is named by an absolute path or one that begins with ~/, not",
                   word, err);
    *path = str_take(&s);
    return *path ? credentials_check_private(*path, err) : err_nomem(err);
}

static int take_variable(const char *host, const char *name, char **out, struct err *err)
{
    const char *value = getenv(name);

    /* The words of the message must not be a secret that somebody put where its name belongs. */
    if (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")])
        return bad(host, "the name of an environment variable is needed, not the secret itself",
                   NULL, err);
    if (!value || !*value) {
        if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name))
            return bad(host, "the environment variable is not set:", name, err);
        return bad(host, "the environment variable that is named is not set", NULL, err);
    }
    *out = mem_strdup(value);
    return *out ? 0 : err_nomem(err);
}

/* The only line of a private file. */
static int take_file(const char *host, const char *word, char **out, struct err *err)
{
    char *path = NULL, *text = NULL;
    size_t size = 0;
    int r = take_path(host, word, &path, err);

    if (!r)
        r = fs_read(path, FILE_MAX_BYTES, &text, &size, err);
    if (!r) {
        size = strcspn(text, "\r\n");
        if (size == 0)
            r = bad(host, "there is nothing in", path, err);
        else if (!(*out = strndup(text, size)))
            r = err_nomem(err);
    }
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
    free(path);
    return r;
}

static int read_netrc(struct credential *c, char **words, size_t n, struct err *err)
{
    const char *file = n > 2 ? words[2] : getenv("NETRC");

    return take_path(c->host, file && *file ? file : "~/.netrc", &c->file, err);
}

static int read_basic(struct credential *c, char **words, size_t n, struct err *err)
{
    char *colon;
    int r;

    if (n == 3 && strncmp(words[2], "file:", 5) == 0) {
        r = take_file(c->host, words[2] + 5, &c->user, err);
        if (r)
            return r;
        colon = strchr(c->user, ':');
        if (!colon)
            return bad(c->host, "there is no user:password in", words[2] + 5, err);
        c->secret = mem_strdup(colon + 1);
        explicit_bzero(colon, strlen(colon));
        return c->secret ? 0 : err_nomem(err);
    }
    if (n != 4)
        return bad(c->host, "basic needs two names of variables, or file:FILE", NULL, err);
    r = take_variable(c->host, words[2], &c->user, err);
    return r ? r : take_variable(c->host, words[3], &c->secret, err);
}

static int read_bearer(struct credential *c, char **words, size_t n, struct err *err)
{
    if (n != 3)
        return bad(c->host, "bearer needs the name of a variable, or file:FILE", NULL, err);
    if (strncmp(words[2], "file:", 5) == 0)
        return take_file(c->host, words[2] + 5, &c->secret, err);
    return take_variable(c->host, words[2], &c->secret, err);
}

static int read_cookies(struct credential *c, char **words, size_t n, struct err *err)
{
    if (n != 3)
        return bad(c->host, "cookies needs a file", NULL, err);
    return take_path(c->host, words[2], &c->file, err);
}

static int read_s3(struct credential *c, char **words, size_t n, struct err *err)
{
    const char *session = getenv("AWS_SESSION_TOKEN");
    int r;

    if (n < 3 || n > 4 || (n == 4 && strcmp(words[3], "requester-pays") != 0))
        return bad(c->host, "s3 needs a region, and requester-pays if that is so", NULL, err);
    c->requester_pays = n == 4;
    c->region = mem_strdup(words[2]);
    if (session && *session)
        c->session = mem_strdup(session);
    if (!c->region || (session && *session && !c->session))
        return err_nomem(err);
    r = take_variable(c->host, "AWS_ACCESS_KEY_ID", &c->user, err);
    return r ? r : take_variable(c->host, "AWS_SECRET_ACCESS_KEY", &c->secret, err);
}

static const struct kind {
    const char *name;
    int (*read)(struct credential *c, char **words, size_t n, struct err *err);
} kinds[] = {
    [CREDENTIAL_NETRC] = {"netrc", read_netrc},
    [CREDENTIAL_BASIC] = {"basic", read_basic},
    [CREDENTIAL_BEARER] = {"bearer", read_bearer},
    [CREDENTIAL_COOKIES] = {"cookies", read_cookies},
    [CREDENTIAL_S3] = {"s3", read_s3},
};

static int read_entry(struct credential *c, char *text, struct err *err)
{
    char *words[WORDS], *save = NULL, *word;
    size_t n = 0, k;

    for (word = strtok_r(text, " \t", &save); word && n < WORDS;
         word = strtok_r(NULL, " \t", &save))
        words[n++] = word;
    if (n < 2)
        return err_set(err, ERR_CONFIG, "fetch.credentials: an entry is HOST KIND ...");
    if (strpbrk(words[0], "/@"))
        return err_set(err, ERR_CONFIG,
                       "fetch.credentials: an entry begins with the name of a host, no more");
    for (char *p = words[0]; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    c->host = mem_strdup(words[0]);
    if (!c->host)
        return err_nomem(err);
    for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
        if (strcmp(kinds[k].name, words[1]) == 0) {
            c->kind = (enum credential_kind)k;
            return kinds[k].read(c, words, n, err);
        }
    return bad(c->host, "the kind is none of netrc, basic, bearer, cookies, s3", NULL, err);
}

int credentials_read(struct credentials *c, const char *const *entries, size_t n, struct err *err)
{
    size_t i;
    int r = 0;

    *c = (struct credentials){0};
    if (n == 0)
        return 0;
    /* No core file, and no other process of this user looks into our memory. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    c->list = mem_array(n, sizeof(*c->list));
    if (!c->list)
        return err_nomem(err);
    for (i = 0; i < n && !r; i++) {
        char *text = mem_strdup(entries[i]);

        c->n = i + 1;
        r = text ? read_entry(&c->list[i], text, err) : err_nomem(err);
        free(text);
    }
    return r;
}

static bool host_matches(const char *pattern, const char *host)
{
    size_t n, m;

    if (strncmp(pattern, "*.", 2) != 0)
        return strcmp(pattern, host) == 0;
    n = strlen(pattern + 1);
    m = strlen(host);
    return m > n && strcmp(host + m - n, pattern + 1) == 0;
}

const struct credential *credentials_find(const struct credentials *c, const char *host,
                                          size_t index)
{
    size_t i;

    for (i = 0; i < c->n; i++)
        if (host_matches(c->list[i].host, host) && index-- == 0)
            return &c->list[i];
    return NULL;
}

void credentials_release(struct credentials *c)
{
    size_t i;

    for (i = 0; i < c->n; i++) {
        free(c->list[i].host);
        free(c->list[i].file);
        free(c->list[i].region);
        wipe(c->list[i].user);
        wipe(c->list[i].secret);
        wipe(c->list[i].session);
    }
    free(c->list);
    *c = (struct credentials){0};
}
