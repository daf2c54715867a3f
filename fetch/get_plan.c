#include "fetch/get_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/credentials.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/str.h"

#define LIST_LIMIT ((size_t)64 << 20)
#define MANY       100000 /* files of one range */

static void file_release(struct plan_file *f)
{
    size_t i;

    for (i = 0; i < f->n_names; i++)
        free(f->names[i]);
    free(f->names);
    free(f->path);
    free(f->unpack);
    free(f->unless);
    *f = (struct plan_file){.bytes = -1};
}

void plan_release(struct plan *p)
{
    size_t i;

    for (i = 0; i < p->n; i++)
        file_release(&p->files[i]);
    free(p->files);
    symbols_release(&p->paths);
    *p = (struct plan){0};
}

long long plan_find(const struct plan *p, const char *path)
{
    return symbols_find(&p->paths, path);
}

static int add_name(struct plan_file *f, const char *name, size_t at, struct err *err)
{
    char **names = mem_resize(f->names, f->n_names + 2, sizeof(*names));
    char *copy = mem_strdup(name);

    if (names)
        f->names = names;
    if (!names || !copy) {
        free(copy);
        return err_nomem(err);
    }
    memmove(names + at + 1, names + at, (f->n_names - at) * sizeof(*names));
    names[at] = copy;
    names[++f->n_names] = NULL;
    return 0;
}

/* ---- the words of an item --------------------------------------------------------------------*/

static int set_text(char **to, const char *value, struct err *err)
{
    free(*to);
    *to = mem_strdup(value);
    return *to ? 0 : err_nomem(err);
}

/* A folder or path below the root; "." is the root itself. */
static int set_path(char **to, const char *value, const char *where, struct err *err)
{
    struct str s = STR_INIT;
    int r;

    str_add(&s, value);
    while (s.len > 1 && s.s[s.len - 1] == '/')
        str_cut(&s, s.len - 1);
    if (str_failed(&s))
        return err_nomem(err);
    if ((strcmp(s.s, ".") != 0 && !fs_is_safe_name(s.s)) || strncmp(s.s, ".lp-fetch", 9) == 0)
        r = err_set(err, ERR_CONFIG, "%s: '%s' is no path below the root", where, value);
    else
        r = set_text(to, s.s, err);
    str_release(&s);
    return r;
}

static int set_sha256(struct plan_file *f, const char *value, const char *where, struct err *err)
{
    size_t i, n = strspn(value, "0123456789abcdefABCDEF");

    if (n != HASH_HEX - 1 || value[n])
        return err_set(err, ERR_CONFIG, "%s: sha256=%s is not 64 hexadecimal digits", where, value);
    for (i = 0; i <= n; i++)
        f->sha256[i] = value[i] >= 'A' && value[i] <= 'F' ? (char)(value[i] - 'A' + 'a') : value[i];
    return 0;
}

static int set_bytes(struct plan_file *f, const char *value, const char *where, struct err *err)
{
    char *end;

    errno = 0;
    f->bytes = strtoll(value, &end, 10);
    if (errno || *end || end == value || f->bytes < 0)
        return err_set(err, ERR_CONFIG, "%s: bytes=%s is not a number of bytes", where, value);
    return 0;
}

static int check_name(const char *name, const char *where, struct err *err)
{
    struct str shown = STR_INIT;
    char host[URL_HOST_MAX];
    int r = 0;

    url_public(name, &shown);
    if (str_failed(&shown))
        r = err_nomem(err);
    else if (url_has_user(name))
        r = err_set(err, ERR_CONFIG,
                    "%s: '%s' came with a user or password in it: name them in fetch.credentials",
                    where, shown.s);
    else if (url_has_scheme(name) && !url_is_http(name) && strncmp(name, "file:///", 8) != 0)
        r = err_set(err, ERR_CONFIG, "%s: '%s': only http, https and file:/// are understood",
                    where, shown.s);
    else if (url_is_http(name) && !url_host(name, host))
        r = err_set(err, ERR_CONFIG, "%s: '%s' names no host", where, shown.s);
    str_release(&shown);
    return r;
}

static int take_word(struct plan_file *f, const char *word, const char *where, struct err *err)
{
    int r;

    if (strncmp(word, "to=", 3) == 0)
        return set_path(&f->path, word + 3, where, err);
    if (strncmp(word, "sha256=", 7) == 0)
        return set_sha256(f, word + 7, where, err);
    if (strncmp(word, "bytes=", 6) == 0)
        return set_bytes(f, word + 6, where, err);
    if (strncmp(word, "unpack=", 7) == 0)
        return set_path(&f->unpack, word + 7, where, err);
    if (strncmp(word, "unless=", 7) == 0)
        return set_path(&f->unless, word + 7, where, err);
    if (strcmp(word, "optional") == 0) {
        f->optional = true;
        return 0;
    }
    r = check_name(word, where, err);
    return r ? r : add_name(f, word, f->n_names, err);
}

static int parse(struct plan_file *f, char *item, const char *where, struct err *err)
{
    struct str last = STR_INIT;
    char *save = NULL, *word;
    int r = 0;

    for (word = strtok_r(item, " \t\r", &save); word && !r; word = strtok_r(NULL, " \t\r", &save))
        r = take_word(f, word, where, err);
    if (!r && f->n_names == 0)
        r = err_set(err, ERR_CONFIG, "%s: an item names no file", where);
    if (!r && !f->path) {
        url_last_part(f->names[0], &last);
        if (str_failed(&last))
            r = err_nomem(err);
        else if (!*last.s || strchr(last.s, '/') || strcmp(last.s, ".") == 0)
            r = err_set(err, ERR_CONFIG,
                        "%s: an item whose address ends without a name needs to=", where);
        else /* a name below the server keeps its folders */
            r = set_path(&f->path,
                         url_has_scheme(f->names[0]) || f->names[0][0] == '/' ? last.s
                                                                              : f->names[0],
                         where, err);
    }
    if (!r && strcmp(f->path, ".") == 0)
        r = err_set(err, ERR_CONFIG, "%s: to=. is a folder", where);
    str_release(&last);
    return r;
}

/* An item for a path that is known: more names, and what it says besides. */
static int merge(struct plan_file *old, struct plan_file *f, const char *where, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < f->n_names && !r; i++)
        r = add_name(old, f->names[i], i, err);
    if (r)
        return r;
    if (f->sha256[0] && old->sha256[0] && strcmp(f->sha256, old->sha256) != 0)
        return err_set(err, ERR_CONFIG, "%s: '%s' has two different sha256=", where, f->path);
    if (f->sha256[0])
        memcpy(old->sha256, f->sha256, HASH_HEX);
    if (f->bytes >= 0)
        old->bytes = f->bytes;
    if (f->unpack && set_text(&old->unpack, f->unpack, err))
        return -ENOMEM;
    if (f->unless && set_text(&old->unless, f->unless, err))
        return -ENOMEM;
    old->optional = old->optional || f->optional;
    return 0;
}

static int append(struct plan *p, const struct plan_file *f, struct err *err)
{
    if (mem_grow(&p->files, &p->cap, p->n + 1, sizeof(*p->files)) ||
        symbols_add(&p->paths, f->path) < 0)
        return err_nomem(err);
    p->files[p->n++] = *f;
    return 0;
}

static int add_one(struct plan *p, char *item, const char *where, struct err *err)
{
    struct plan_file f = {.bytes = -1};
    int r = parse(&f, item, where, err);
    long long k = r ? -1 : plan_find(p, f.path);

    if (!r && k >= 0)
        r = merge(&p->files[k], &f, where, err);
    else if (!r && !(r = append(p, &f, err)))
        return 0;
    file_release(&f);
    return r;
}

int plan_add_name(struct plan *p, const char *name, const char *path, bool optional,
                  struct err *err)
{
    struct plan_file f = {.bytes = -1, .optional = optional};
    int r = set_path(&f.path, path, "the list of files", err);

    if (!r && plan_find(p, f.path) >= 0)
        goto out;
    if (!r)
        r = add_name(&f, name, 0, err);
    if (!r && !(r = append(p, &f, err)))
        return 0;
out:
    file_release(&f);
    return r;
}

/* ---- ranges ----------------------------------------------------------------------------------*/

struct range {
    size_t at, size; /* of [00-49] in the item */
    unsigned long lo, hi;
    int width; /* of numbers with leading zeros, else 0 */
};

/* The next range at or after *at; false if there is none. */
static bool next_range(const char *item, size_t at, struct range *r)
{
    const char *p = item + at;

    while ((p = strchr(p, '['))) {
        char *end, *end2;

        if (p[1] >= '0' && p[1] <= '9') {
            r->lo = strtoul(p + 1, &end, 10);
            if (*end == '-' && end[1] >= '0' && end[1] <= '9') {
                r->hi = strtoul(end + 1, &end2, 10);
                if (*end2 == ']' && r->hi >= r->lo) {
                    r->at = (size_t)(p - item);
                    r->size = (size_t)(end2 + 1 - p);
                    r->width = p[1] == '0' ? (int)(end - p - 1) : 0;
                    return true;
                }
            }
        }
        p++;
    }
    return false;
}

static void expand(const char *item, unsigned long step, struct str *out)
{
    struct range r;
    size_t at = 0;

    str_clear(out);
    while (next_range(item, at, &r)) {
        str_add_n(out, item + at, r.at - at);
        str_addf(out, "%0*lu", r.width, r.lo + step);
        at = r.at + r.size;
    }
    str_add(out, item + at);
}

int plan_add_item(struct plan *p, const char *item, const char *where, struct err *err)
{
    struct str one = STR_INIT;
    struct range first, r;
    unsigned long n = 1, i;
    int code = 0;

    if (next_range(item, 0, &first)) {
        n = first.hi - first.lo + 1;
        for (r = first; next_range(item, r.at + r.size, &r);)
            if (r.hi - r.lo + 1 != n)
                return err_set(err, ERR_CONFIG, "%s: an item has ranges of different lengths",
                               where);
        if (n > MANY)
            return err_set(err, ERR_CONFIG, "%s: a range of more than %d files", where, MANY);
        if (n > 1 && (strstr(item, " sha256=") || strstr(item, " bytes=")))
            return err_set(err, ERR_CONFIG,
                           "%s: one sha256= or bytes= for %lu files; see fetch.sums", where, n);
    }
    for (i = 0; i < n && !code; i++) {
        expand(item, i, &one);
        code = str_failed(&one) ? err_nomem(err) : add_one(p, one.s, where, err);
    }
    str_release(&one);
    return code;
}

int plan_add_list(struct plan *p, const char *path, struct err *err)
{
    char *text = NULL, *line, *next, where[64];
    size_t size = 0;
    unsigned long number = 0;
    int r = fs_read(path, LIST_LIMIT, &text, &size, err);

    for (line = text; !r && line && *line; line = next) {
        char *end = strchr(line, '\n');

        number++;
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        line += strspn(line, " \t\r");
        if (!*line || *line == '#')
            continue;
        if (url_is_signed(line) && (r = credentials_check_private(path, err)))
            break;
        snprintf(where, sizeof(where), "fetch.list line %lu", number);
        r = plan_add_item(p, line, where, err);
    }
    if (text)
        explicit_bzero(text, size);
    free(text);
    return r;
}

int plan_add_sums(struct plan *p, const char *path, size_t *n, struct err *err)
{
    char *text = NULL, *line, *next;
    unsigned long number = 0;
    size_t size = 0;
    int r = fs_read(path, LIST_LIMIT, &text, &size, err);

    *n = 0;
    for (line = text; !r && line && *line; line = next) {
        size_t length = strcspn(line, "\r\n");
        struct plan_file f = {.bytes = -1};
        const char *name;
        long long k;

        number++;
        next = line + length;
        while (*next == '\r' || *next == '\n')
            *next++ = '\0';
        if (length == 0 || *line == '#')
            continue;
        if (length < HASH_HEX + 1 || line[HASH_HEX - 1] != ' ') {
            r = err_set(err, ERR_DATA, "'%s' line %lu: not a hash and a name as sha256sum prints",
                        path, number);
            break;
        }
        line[HASH_HEX - 1] = '\0';
        name = line + HASH_HEX + (line[HASH_HEX] == ' ' || line[HASH_HEX] == '*');
        if (strncmp(name, "./", 2) == 0)
            name += 2;
        if ((r = set_sha256(&f, line, path, err)) || (k = plan_find(p, name)) < 0)
            continue;
        (*n)++;
        if (p->files[k].sha256[0] && strcmp(p->files[k].sha256, f.sha256) != 0)
            r = err_set(err, ERR_CONFIG, "'%s' line %lu: '%s' has another sha256= in the settings",
                        path, number, name);
        memcpy(p->files[k].sha256, f.sha256, HASH_HEX);
    }
    free(text);
    return r;
}

/* ---- addresses -------------------------------------------------------------------------------*/

static int address(char **name, const char *server, bool *kept, struct err *err)
{
    struct str out = STR_INIT, base = STR_INIT;
    bool below = !url_has_scheme(*name) && (*name)[0] != '/';

    *kept = true;
    if (url_is_http(*name))
        goto out;
    if (below && !*server) {
        *kept = false;
        goto out;
    }
    if (!below) {
        if (!url_file_path(*name, &out)) /* a path already */
            goto out;
    } else if (url_is_http(server)) {
        url_join(server, *name, &out);
    } else {
        if (!url_file_path(server, &base)) {
            str_clear(&base);
            str_add(&base, server);
        }
        if (!str_failed(&base))
            fs_join(base.s, *name, &out);
    }
    free(*name);
    *name = str_take(&out);
out:
    str_release(&base);
    str_release(&out);
    return *name ? 0 : err_nomem(err);
}

int plan_addresses(struct plan *p, const char *server, struct err *err)
{
    size_t i, k, kept;
    int r = 0;

    if (*server && (r = check_name(server, "fetch.server", err)))
        return r;
    for (i = 0; i < p->n && !r; i++) {
        struct plan_file *f = &p->files[i];

        for (kept = k = 0; k < f->n_names; k++) {
            bool keep;
            int code = address(&f->names[k], server, &keep, err);

            r = r ? r : code;
            if (keep || r)
                f->names[kept++] = f->names[k];
            else
                free(f->names[k]);
        }
        f->n_names = kept;
    }
    return r;
}
