#include "align/export.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/fs.h"

#define PICTURE_LIMIT ((size_t)1 << 28) /* bytes */

const char *const export_columns[EXPORT_N_COLUMNS + 1] = {
    "id",        "video",        "pair",          "label",  "split",   "face_id",   "context_id",
    "component", "frame",        "image",         "track",  "crop",    "crop_x_px", "crop_y_px",
    "landmarks", "landmark_row", "landmark_kind", "mask",   "variant", "template",  "size_px",
    "m00",       "m01",          "m02",           "m10",    "m11",     "m12",       "m20",
    "m21",       "m22",          "status",        "reason",
};

/* In the order of the configuration's enum align.exports. */
const struct export *const exports[] = {&export_imagefolder,
                                        &export_webdataset,
                                        &export_deepfakebench,
                                        &export_lmdb,
                                        &export_caddm,
                                        &export_sbi,
                                        NULL};

const struct export *export_find(const char *name)
{
    int i;

    for (i = 0; exports[i]; i++)
        if (strcmp(exports[i]->name, name) == 0)
            return exports[i];
    return NULL;
}

void export_note(const struct export_input *in, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    str_addv(in->notes, fmt, ap);
    va_end(ap);
    str_add_c(in->notes, '\n');
}

int export_matrix(const struct export_input *in, const struct manifest_row *row, struct mat3 *m,
                  struct err *err)
{
    int i, r = 0;

    for (i = 0; i < 9 && !r; i++)
        r = manifest_real(row, in->column[EXPORT_M + i], &m->m[i], err);
    return r;
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
    if (errno == EEXIST) /* exports are made in an empty folder */
        return err_set(err, ERR_DATA, "two faces would be '%s'", to);
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
