#include "fetch/archive_guard.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fetch/meter.h"
#include "lib/fs.h"

#define NAME_LONGEST 255
#define PATH_LONGEST 3072

void guard_init(struct archive_guard *g, const char *archive, long long size, double ratio,
                long long room)
{
    double most = fmax((double)GUARD_FREE_BYTES, ratio * (double)size);

    *g = (struct archive_guard){.archive = archive};
    g->most = most < 9e18 ? (long long)most : (long long)9e18;
    if (room >= 0 && room < g->most)
        g->most = room;
}

void guard_release(struct archive_guard *g)
{
    symbols_release(&g->files);
    symbols_release(&g->folders);
}

/* A name for a message: whatever it holds, one line and not too long. */
static void show(const char *name, char out[128])
{
    size_t i;

    for (i = 0; i < 120 && name[i]; i++)
        out[i] = (unsigned char)name[i] < ' ' || name[i] == 127 ? '?' : name[i];
    memcpy(out + i, name[i] ? "..." : "", name[i] ? 4 : 1);
}

static int refuse(const struct archive_guard *g, const char *name, const char *why, struct err *err)
{
    char shown[128];

    show(name, shown);
    return err_set(err, ERR_DATA, "'%s' is refused: its entry '%s' %s", g->archive, shown, why);
}

/* "./a//b/" -> "a/b" */
static void clean_name(const char *name, struct str *out)
{
    str_clear(out);
    str_add(out, "");
    while (*name) {
        size_t n = strcspn(name, "/");

        if (n && !(n == 1 && *name == '.')) {
            if (out->len)
                str_add_c(out, '/');
            str_add_n(out, name, n);
        }
        name += n + (name[n] == '/');
    }
}

static const char *check_name(const char *name)
{
    const char *p;
    size_t n;

    if (*name == '/')
        return "has an absolute path";
    if (((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z') && name[1] == ':')
        return "has a drive letter";
    for (p = name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127 || *p == '\\')
            return "has a name with control characters or backslashes";
    for (p = name; *p; p += n + (p[n] == '/')) {
        n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.')
            return "leads out of the folder";
        if (n > NAME_LONGEST)
            return "has too long a name";
    }
    if (strlen(name) > PATH_LONGEST)
        return "has too long a path";
    return NULL;
}

/* All folders above a name are folders, and no file. */
static const char *claim_folders(struct archive_guard *g, const char *clean, struct str *scratch)
{
    const char *slash = clean;

    while ((slash = strchr(slash, '/'))) {
        str_clear(scratch);
        str_add_n(scratch, clean, (size_t)(slash - clean));
        if (str_failed(scratch) || symbols_add(&g->folders, scratch->s) < 0)
            return "does not fit into the memory";
        if (symbols_find(&g->files, scratch->s) >= 0)
            return "lies below another entry that is a file";
        slash++;
    }
    return NULL;
}

int guard_entry(struct archive_guard *g, const char *name, enum entry_kind kind, long long size,
                struct str *clean, struct err *err)
{
    static const char *const kinds[] = {[ENTRY_LINK] = "is a link",
                                        [ENTRY_DEVICE] = "is a device or a pipe",
                                        [ENTRY_OTHER] = "is of an unknown kind"};
    struct str scratch = STR_INIT;
    const char *why = check_name(name);

    if (!why && kind != ENTRY_FILE && kind != ENTRY_FOLDER)
        why = kinds[kind];
    clean_name(name, clean);
    if (str_failed(clean))
        return err_nomem(err);
    if (!why && strncmp(clean->s, ".lp-fetch", 9) == 0)
        why = "has a name that lp-fetch keeps for itself";
    if (!why && kind == ENTRY_FILE && (!clean->len || name[strlen(name) - 1] == '/'))
        why = "is a file with the name of a folder";
    if (!why && size > 0 && size > g->most - g->bytes)
        why = "is larger than is plausible or than there is room for";
    if (!why)
        why = claim_folders(g, clean->s, &scratch);
    if (!why && kind == ENTRY_FILE) {
        int before = g->files.n;

        if (symbols_find(&g->folders, clean->s) >= 0)
            why = "is a file and a folder";
        else if (symbols_add(&g->files, clean->s) < 0)
            why = "does not fit into the memory";
        else if (g->files.n == before)
            why = "is there twice";
        else if (g->files.n > GUARD_MAX_FILES)
            why = "is one too many";
    } else if (!why && clean->len) {
        if (symbols_find(&g->files, clean->s) >= 0)
            why = "is a file and a folder";
        else if (symbols_add(&g->folders, clean->s) < 0)
            why = "does not fit into the memory";
    }
    str_release(&scratch);
    return why ? refuse(g, name, why, err) : 0;
}

int guard_bytes(struct archive_guard *g, const char *name, long long n, struct err *err)
{
    char why[160], most[METER_TEXT];

    g->bytes += n;
    if (g->bytes <= g->most)
        return 0;
    snprintf(why, sizeof(why),
             "unpacks to more than %s, which is not plausible (fetch.unpack_ratio) or does not fit "
             "on the disk",
             meter_bytes((double)g->most, most));
    return refuse(g, name, why, err);
}
