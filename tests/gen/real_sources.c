#include "tests/gen/real_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/hash.h"
#include "lib/str.h"

/* The columns that matter here, in the order of real_sources.tsv. */
enum { NAME, KIND, PERSON, SHA256 = 7, COLUMNS = 9 };

static int take_line(struct real_sources *s, char *line, const char *path, int number,
                     struct err *err)
{
    char *field[COLUMNS], *at = line;
    struct real_source *source = &s->all[s->n];
    int i;

    for (i = 0; i < COLUMNS; i++) {
        field[i] = at;
        at = i + 1 < COLUMNS ? strchr(at, '\t') : at;
        if (!at)
            return err_set(err, ERR_DATA, "'%s' line %d: %d fields, not %d", path, number, i + 1,
                           COLUMNS);
        if (i + 1 < COLUMNS)
            *at++ = 0;
    }
    if (number == 1)
        return 0;
    if (s->n == REAL_MAX_SOURCES)
        return err_set(err, ERR_DATA, "'%s': more than %d sources", path, REAL_MAX_SOURCES);
    if (strlen(field[NAME]) >= sizeof(source->name) || strchr(field[NAME], '/') ||
        strlen(field[PERSON]) >= sizeof(source->person) ||
        strlen(field[SHA256]) != sizeof(source->sha256) - 1)
        return err_set(err, ERR_DATA, "'%s' line %d: a name or hash of the wrong form", path,
                       number);
    strcpy(source->name, field[NAME]);
    strcpy(source->person, field[PERSON]);
    strcpy(source->sha256, field[SHA256]);
    source->still = strcmp(field[KIND], "still") == 0;
    s->n++;
    return 0;
}

static int check_files(const struct real_sources *s, struct err *err)
{
    char path[sizeof(s->folder) + sizeof(s->all[0].name) + 1], hex[HASH_HEX];
    size_t i;
    int r;

    for (i = 0; i < s->n; i++) {
        snprintf(path, sizeof(path), "%s/%s", s->folder, s->all[i].name);
        if (!fs_exists(path))
            return err_set(err, ERR_NOINPUT, "source '%s' is not in '%s': run fetch-real.sh",
                           s->all[i].name, s->folder);
        if ((r = hash_file(path, hex, err)))
            return r;
        if (strcmp(hex, s->all[i].sha256) != 0)
            return err_set(err, ERR_DATA, "source '%s' is not the file expected (SHA-256)", path);
    }
    return 0;
}

int real_sources_open(struct real_sources *s, const char *folder, struct err *err)
{
    struct str path = STR_INIT;
    char *text = NULL, *line, *next;
    size_t size;
    int r, number = 0;

    memset(s, 0, sizeof(*s));
    if (strlen(folder) >= sizeof(s->folder))
        return err_set(err, ERR_USAGE, "the folder's name is too long");
    strcpy(s->folder, folder);
    str_addf(&path, "%s/sources.tsv", folder);
    r = str_failed(&path) ? err_nomem(err) : fs_read(path.s, 1 << 20, &text, &size, err);
    for (line = text; !r && line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        r = take_line(s, line, path.s, ++number, err);
    }
    if (!r && s->n == 0)
        r = err_set(err, ERR_DATA, "'%s' names no source", path.s);
    if (!r)
        r = check_files(s, err);
    free(text);
    str_release(&path);
    return r;
}

int real_sources_find(const struct real_sources *s, const char *stem,
                      const struct real_source **source, struct err *err)
{
    size_t i, n = strlen(stem);

    for (i = 0; i < s->n; i++)
        if (strncmp(s->all[i].name, stem, n) == 0 && s->all[i].name[n] == '.') {
            *source = &s->all[i];
            return 0;
        }
    return err_set(err, ERR_DATA, "'%s/sources.tsv' names no source '%s'", s->folder, stem);
}
