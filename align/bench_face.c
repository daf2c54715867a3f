#include <math.h>
#include <string.h>

#include "align/bench_set.h"
#include "align/family.h"
#include "align/forehead.h"
#include "lib/fs.h"

int bench_landmarks(const struct export_input *in, struct face *f, const struct manifest_row *row,
                    double scale, int64_t out[2 * LANDMARKS_MAX], bool *extrapolated,
                    struct err *err)
{
    const int *c = in->column;
    struct landmarks l, all;
    struct mat3 m;
    long long n;
    int i, r;

    if (!row->field[c[EXPORT_LANDMARKS]])
        return err_set(err, ERR_DATA, "'%s': row '%s' names no landmarks", in->manifest->path,
                       row->field[c[EXPORT_ID]]);
    if ((r = manifest_int(row, c[EXPORT_LANDMARK_ROW], &n, err)) ||
        (r = face_landmarks(f, in->folder, row->field[c[EXPORT_LANDMARKS]], n, &l, err)) ||
        (r = export_matrix(in, row, &m, err)))
        return r;
    *extrapolated = l.n != LANDMARKS_MAX;
    if (!forehead_complete(&l, &all))
        return err_set(err, ERR_DATA, "'%s': the landmarks of row '%s' have no extent",
                       in->manifest->path, row->field[c[EXPORT_ID]]);
    if (scale > 0)
        landmarks_transform(&all, &m);
    else
        scale = 1;
    for (i = 0; i < LANDMARKS_MAX; i++) {
        out[2 * i] = llround(scale * all.p[i].x);
        out[2 * i + 1] = llround(scale * all.p[i].y);
    }
    return 0;
}

int bench_whole_frame(const struct export_input *in, const struct manifest_row *row,
                      const char *name, struct str *out, struct err *err)
{
    const int *c = in->column;
    const char *crop = row->field[c[EXPORT_CROP]], *dot = crop ? strrchr(crop, '.') : NULL, *p, *at;
    long long frame;
    int r = manifest_int(row, c[EXPORT_FRAME], &frame, err);

    if (r)
        return r;
    for (p = crop, at = NULL; p && (p = strstr(p, "crops/")); p++)
        at = p; /* the last one: a folder above may have this name too */
    if (!at || !dot)
        return err_set(err, ERR_DATA, "'%s': row '%s' names no crop", in->manifest->path,
                       row->field[c[EXPORT_ID]]);
    str_clear(out);
    if (crop[0] != '/')
        str_addf(out, "%s/", in->folder);
    str_add_n(out, crop, (size_t)(at - crop));
    str_addf(out, "frames/%s/%06lld%s", row->field[c[EXPORT_VIDEO]], frame, dot);
    if (str_failed(out))
        return err_nomem(err);
    if (fs_size(out->s) < 0)
        return err_set(err, ERR_CONFIG,
                       "export '%s' needs whole frames, which lp-extract keeps with extract.keep: "
                       "[frames]; '%s' is not there",
                       name, out->s);
    return 0;
}

void bench_notes(const struct bench_set *s, bool labels)
{
    size_t i, k;

    if (s->thinned)
        export_note(s->in, "%zu videos have more than %d faces: that many, evenly spaced, are in",
                    s->thinned, (int)s->limit);
    if (s->other_tracks)
        export_note(s->in, "%zu faces of further people in a frame are left out", s->other_tracks);
    if (s->unsplit)
        export_note(s->in, "%zu videos of no split are listed as test", s->unsplit);
    if (s->extrapolated)
        export_note(s->in,
                    "%zu faces have 68 measured landmarks and 13 of the forehead that are "
                    "extrapolated (landmark_kind extrapolated81)",
                    s->extrapolated);
    for (i = 0; labels && i < s->n; i++) {
        const char *label = s->videos[i].label;

        for (k = 0; k < i && strcmp(s->videos[k].label, label) != 0;)
            k++;
        if (k == i && !family_label_known(label))
            export_note(s->in,
                        "label '%s' is not DeepfakeBench's: add '%s: %d' to label_dict in its "
                        "configuration",
                        label, label, s->videos[i].fake);
    }
}
