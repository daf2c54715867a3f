#include "extract/face_rows.h"

#include <math.h>
#include <string.h>

#include "lib/manifest.h"

const char *const extract_columns[] = {
    "id",         "video",     "pair",         "label",     "split",     "face_id",   "context_id",
    "component",  "frame",     "time_ms",      "crop_x_px", "crop_y_px", "crop_w_px", "crop_h_px",
    "image",      "landmarks", "landmark_row", "face_x_px", "face_y_px", "face_w_px", "face_h_px",
    "face_score", "detector",  "track",        "blur",      "exposure",  "yaw_deg",   "pitch_deg",
    "roll_deg",   "status",    "reason",       NULL};

static void row_box(struct str *rows, const struct rect *r)
{
    int i;

    if (!r) {
        for (i = 0; i < 4; i++)
            row_text(rows, NULL);
        return;
    }
    row_int(rows, r->x0);
    row_int(rows, r->y0);
    row_int(rows, rect_width(*r));
    row_int(rows, rect_height(*r));
}

static void row_number(struct str *rows, long long v)
{
    if (v >= 0)
        row_int(rows, v);
    else
        row_text(rows, NULL);
}

void face_row_name(struct str *out, const char *folder, const struct video *v,
                   const struct face_row *f, bool numbered, const char *ending)
{
    str_addf(out, "%s%s/%06lld", folder, v->id, f->frame);
    if (numbered && f->track >= 0)
        str_addf(out, "-%02d", f->track);
    str_add(out, ending);
}

static void row_identity(struct str *rows, const struct video *v)
{
    row_text(rows, v->id);
    row_text(rows, v->pair);
    row_text(rows, v->label);
    row_text(rows, v->split);
    row_text(rows, v->face_id);
    row_text(rows, v->context_id);
    row_text(rows, v->component);
}

void face_row_add(struct str *rows, const struct video *v, const struct face_row *f, bool numbered,
                  const char *ending, long long landmark, const char *detector, struct str *scratch)
{
    static const char *const statuses[] = {
        [FACE_OK] = "ok", [FACE_NONE] = "skip", [FACE_FILTERED] = "skip", [FACE_LOST] = "fail"};
    bool found = f->state == FACE_OK || f->state == FACE_FILTERED;
    const struct face_quality *q = &f->quality;

    str_clear(scratch);
    face_row_name(scratch, "", v, f, numbered, "");
    row_text(rows, scratch->s);
    row_identity(rows, v);
    row_int(rows, f->frame);
    row_real(rows, f->time_ms);
    row_box(rows, found && rect_width(f->crop) ? &f->crop : NULL);
    str_clear(scratch);
    face_row_name(scratch, "crops/", v, f, numbered, ending);
    row_text(rows, f->state == FACE_OK ? scratch->s : NULL);
    str_clear(scratch);
    str_addf(scratch, "landmarks/%s.npy", v->id);
    row_text(rows, scratch->s);
    row_int(rows, landmark);
    row_box(rows, found ? &f->face : NULL);
    row_real(rows, found ? f->score : (double)NAN);
    row_text(rows, found ? detector : NULL);
    row_number(rows, f->track);
    row_real(rows, found ? q->blur : (double)NAN);
    row_real(rows, found ? q->exposure : (double)NAN);
    row_real(rows, found && q->has_angles ? q->angles.yaw_deg : (double)NAN);
    row_real(rows, found && q->has_angles ? q->angles.pitch_deg : (double)NAN);
    row_real(rows, found && q->has_angles ? q->angles.roll_deg : (double)NAN);
    row_text(rows, statuses[f->state]);
    row_text(rows, f->reason);
    row_end(rows);
}

void video_row(const struct video *v, const char *status, const char *reason, struct str *rows)
{
    size_t i;

    row_text(rows, v->id);
    row_identity(rows, v);
    for (i = 8; strcmp(extract_columns[i], "status") != 0; i++)
        row_text(rows, NULL);
    row_text(rows, status);
    row_text(rows, reason);
    row_end(rows);
}
