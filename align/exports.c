#include "align/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"

#define PICTURE_LIMIT ((size_t)1 << 28) /* bytes */

const char *const export_columns[EXPORT_N_COLUMNS + 1] = {
    "id",    "video", "label",    "split",   "face_id", "context_id", "component",
    "frame", "image", "template", "size_px", "status",  "reason",
};

/* In the order of the configuration's enum align.exports. */
const struct export *const exports[] = {&export_imagefolder, &export_webdataset, NULL};

const struct export *export_find(const char *name)
{
    int i;

    for (i = 0; exports[i]; i++)
        if (strcmp(exports[i]->name, name) == 0)
            return exports[i];
    return NULL;
}

int export_place(const char *from, const char *to, struct err *err)
{
    char *data;
    size_t size;
    int r;

    r = fs_make_parents(to, err);
    if (r)
        return r;
    if (link(from, to) == 0)
        return 0;
    r = fs_read(from, PICTURE_LIMIT, &data, &size, err);
    if (r)
        return r;
    r = atomic_write(to, data, size, err);
    free(data);
    return r;
}

const char *export_split(const char *split)
{
    return split && strcmp(split, "-") != 0 ? split : "unsplit";
}

void export_flat_name(const char *id, struct str *out)
{
    str_clear(out);
    for (; *id; id++)
        str_add_c(out, *id == '/' ? '-' : *id);
}
