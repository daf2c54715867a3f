/* Contact sheet of aligned faces: the same frames of one scene, real above and its fakes below. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/video_key.h"
#include "reports/html.h"
#include "reports/intern.h"
#include "reports/page.h"
#include "reports/thumbnail.h"
#include "reports/words.h"

#define MAX_STRIPS 8 /* videos of one scene */

/* All videos that show the same scene: a pristine video and the fakes made from it. */
struct scene {
    size_t faces; /* rows with a face */
    size_t fakes; /* distinct fake videos */
    bool real;    /* the pristine video is there */
};

/* A face that can be shown. */
struct face {
    size_t row;   /* of align.tsv */
    size_t scene; /* number of its scene */
    long long video;
    long long frame;
    bool fake;
};

struct sheet {
    const struct run_table *align;
    struct intern scenes, videos;
    struct scene *scene;
    size_t cap_scenes;
    struct face *face;
    size_t n, cap;
    struct manifest_row row;
};

static int add_face(struct sheet *s, struct err *err)
{
    const char *video = run_cell(&s->row, "video"), *pair = run_cell(&s->row, "pair");
    const char *label = run_cell(&s->row, "label");
    bool fake = label && strcmp(label, "fake") == 0;
    size_t n_videos = s->videos.n, n_scenes = s->scenes.n;
    double frame = run_number(&s->row, "frame");
    long long scene, number;

    if (!manifest_row_ok(&s->row) || !video || !run_cell(&s->row, "image") || isnan(frame))
        return 0;
    scene = intern_add(&s->scenes, fake && pair ? pair : video, err);
    if (scene < 0)
        return (int)scene;
    number = intern_add(&s->videos, video, err);
    if (number < 0)
        return (int)number;
    if (mem_grow(&s->scene, &s->cap_scenes, s->scenes.n, sizeof(*s->scene)) ||
        mem_grow(&s->face, &s->cap, s->n + 1, sizeof(*s->face)))
        return err_nomem(err);
    if (n_scenes < s->scenes.n)
        s->scene[scene] = (struct scene){0};
    s->scene[scene].faces++;
    s->scene[scene].fakes += fake && n_videos < s->videos.n;
    s->scene[scene].real = s->scene[scene].real || !fake;
    s->face[s->n++] = (struct face){s->row.index, (size_t)scene, number, (long long)frame, fake};
    return 0;
}

static int gather(struct sheet *s, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; !r && i < s->align->m.n_rows; i++) {
        r = manifest_read(&s->align->m, i, &s->row, err);
        if (!r)
            r = add_face(s, err);
    }
    return r;
}

/* Real before fake, then by video (in the order of the table), then by frame. */
static int by_video(const void *a, const void *b)
{
    const struct face *x = a, *y = b;

    if (x->scene != y->scene)
        return x->scene < y->scene ? -1 : 1;
    if (x->fake != y->fake)
        return x->fake ? 1 : -1;
    if (x->video != y->video)
        return x->video < y->video ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* The scenes worth showing first: real with most fakes. `rank` is filled with the scenes in the
 * order of their names among those that share the largest rank. */
static size_t best_scenes(const struct sheet *s, size_t *chosen, size_t want)
{
    size_t most = 0, n = 0, i, k, taken;

    for (i = 0; i < s->scenes.n; i++)
        if (s->scene[i].real && s->scene[i].fakes > most)
            most = s->scene[i].fakes;
    for (i = 0; i < s->scenes.n; i++)
        n += most == 0 || (s->scene[i].real && s->scene[i].fakes == most);
    taken = n < want ? n : want;
    /* Spread over the candidates: the middle of each of `taken` equal parts. */
    for (i = 0, k = 0, n = n ? n : 1; k < taken; k++) {
        size_t target = (2 * k + 1) * n / (2 * taken), seen = 0;

        for (i = 0; i < s->scenes.n; i++) {
            if (most != 0 && !(s->scene[i].real && s->scene[i].fakes == most))
                continue;
            if (seen++ == target)
                break;
        }
        chosen[k] = i;
    }
    return taken;
}

/* The frames of a scene to show: spread over those of its first video. */
static size_t choose_frames(const struct face *first, size_t n, long long *frames, size_t want)
{
    size_t count = 0, i, taken;

    while (count < n && first[count].video == first[0].video)
        count++;
    taken = count < want ? count : want;
    for (i = 0; i < taken; i++)
        frames[i] = first[(2 * i + 1) * count / (2 * taken)].frame;
    return taken;
}

static const struct face *find(const struct face *strip, size_t n, long long frame)
{
    size_t i;

    for (i = 0; i < n && strip[i].video == strip[0].video; i++)
        if (strip[i].frame == frame)
            return &strip[i];
    return NULL;
}

static int put_face(struct page *p, struct sheet *s, struct thumbnail *t, const struct face *f,
                    const char *who, struct err *err)
{
    struct str path = STR_INIT, alt = STR_INIT;
    struct err problem = {0};
    int r;

    str_add(&p->html, "<td>");
    if (!f) {
        str_add(&p->html, "<span class=\"gap\">no face</span></td>");
        return 0;
    }
    r = manifest_read(&s->align->m, f->row, &s->row, err);
    if (r)
        return r;
    fs_join(s->align->folder, run_cell(&s->row, "image"), &path);
    str_addf(&alt, "%s, frame %lld", who, f->frame);
    if (str_failed(&path) || str_failed(&alt)) {
        r = err_nomem(err);
    } else if (thumbnail_file(t, path.s, alt.s, &p->html, &problem)) {
        page_gap(p, run_cell(&s->row, "image"), &problem);
    }
    str_add(&p->html, "</td>");
    str_release(&path);
    str_release(&alt);
    return r;
}

/* "real" or the method and compression of a video. */
static void strip_name(const char *video, bool fake, struct str *out)
{
    struct video_key key;
    struct err ignored = {0};

    str_clear(out);
    if (!fake)
        str_add(out, "real");
    else if (video_key_parse(video, &key, &ignored) == 0)
        str_addf(out, "%s %s", key.method, strcmp(key.compression, "-") ? key.compression : "");
    else
        str_add(out, "fake");
}

static int put_scene(struct page *p, struct sheet *s, struct thumbnail *t, size_t scene,
                     struct err *err)
{
    const struct face *face = s->face, *end = s->face + s->n, *strip;
    size_t want = (size_t)p->settings->sheet_frames, n_frames, i, strips = 0;
    long long *frames = mem_array(want, sizeof(*frames));
    struct str name = STR_INIT;
    int r = 0;

    if (!frames)
        return err_nomem(err);
    while (face < end && face->scene != scene)
        face++;
    n_frames = choose_frames(face, (size_t)(end - face), frames, want);
    str_add(&p->html, "<table class=\"sheet\"><caption>");
    html_text(&p->html, s->scenes.names[scene]);
    str_add(&p->html, "</caption><thead><tr><th scope=\"col\">frame</th>");
    for (i = 0; i < n_frames; i++)
        str_addf(&p->html, "<th scope=\"col\">%lld</th>", frames[i]);
    str_add(&p->html, "</tr></thead>\n<tbody>");
    for (strip = face; !r && strip < end && strip->scene == scene && strips < MAX_STRIPS;
         strips++) {
        long long current = strip->video;
        const char *video = s->videos.names[current];

        strip_name(video, strip->fake, &name);
        str_add(&p->html, "<tr><th scope=\"row\" title=\"");
        html_text(&p->html, video);
        str_add(&p->html, "\">");
        html_text(&p->html, name.s);
        str_add(&p->html, "</th>");
        for (i = 0; !r && i < n_frames; i++)
            r = put_face(p, s, t, find(strip, (size_t)(end - strip), frames[i]), video, err);
        str_add(&p->html, "</tr>\n");
        while (strip < end && strip->scene == scene && strip->video == current)
            strip++;
    }
    str_add(&p->html, "</tbody></table>\n");
    str_release(&name);
    free(frames);
    return r;
}

int section_faces(struct page *p, struct err *err)
{
    struct sheet s = {.align = &p->run.table[RUN_ALIGN]};
    size_t want = (size_t)p->settings->sheet_groups, n, i;
    size_t *chosen = NULL;
    struct thumbnail t = {0};
    int r;

    if (!s.align->there) {
        page_missing(p, RUN_ALIGN);
        return 0;
    }
    chosen = mem_array(want + 1, sizeof(*chosen));
    r = chosen ? thumbnail_new(&t, p->settings->face_px, p->settings->jpeg_quality, err)
               : err_nomem(err);
    if (!r)
        r = gather(&s, err);
    if (r)
        goto out;
    if (s.n == 0) {
        html_note(&p->html, "missing", "align.tsv holds no aligned face.");
        goto out;
    }
    qsort(s.face, s.n, sizeof(*s.face), by_video);
    n = best_scenes(&s, chosen, want);
    str_add(&p->html,
            "<p>Aligned faces as a detector sees them. In each block the first row is the "
            "pristine video and the rows below are fakes of the same frames. Scenes and "
            "frames are spread evenly over the run, not chosen by eye.</p>\n"
            "<div class=\"sheets\">\n");
    for (i = 0; !r && i < n; i++)
        r = put_scene(p, &s, &t, chosen[i], err);
    str_add(&p->html, "</div>\n");
out:
    thumbnail_release(&t);
    manifest_row_release(&s.row);
    intern_release(&s.scenes);
    intern_release(&s.videos);
    free(s.scene);
    free(s.face);
    free(chosen);
    return r;
}
