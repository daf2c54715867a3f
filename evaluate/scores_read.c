#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "evaluate/dataset.h"
#include "evaluate/dataset_rows.h"
#include "evaluate/frames.h"
#include "evaluate/number.h"
#include "evaluate/score_lines.h"
#include "lib/byte_stream.h"
#include "lib/mem.h"

/* What the previous row said of its video, so that the next frame of it costs a comparison. */
struct last {
    struct str text;
    size_t at[N_COLUMNS], len[N_COLUMNS];
    uint32_t video;
    bool known;
};

/* Frames seen, with the line where: open addressing on a 64-bit name; 0 = free. Two names meet by
 * chance once in 3e5 files of 1e7 frames. */
struct seen {
    uint64_t *key;
    uint32_t *line;
    size_t n, slots;
};

struct load {
    struct dataset *d;
    struct model *m;
    const struct dataset_policy *policy;
    struct problems *problems;
    bool keep_keys;
    struct last last;
    struct seen seen;
    struct seen frames; /* of files with several faces a frame: its place among the model's */
    uint32_t *row_line; /* of each manifest row: where it was scored first, 0 = not yet */
    uint64_t *ordinal;  /* of each video: frames so far, when frames have no names */
    size_t n_ordinal;
    uint32_t *faces; /* of each frame: how many of its faces were scored; NULL if not asked */
    size_t faces_cap;
    const char *counts; /* "line" or "row" */
    bool placed;        /* the row before had a video */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * 0x9e3779b97f4a7c15u ^ (b + 0x7f4a7c159e3779b9u);

    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    h ^= h >> 31;
    return h ? h : 1;
}

static void complain(const struct load *l, enum policy policy, const char *kind, size_t line,
                     const char *text)
{
    problem_add(l->problems, policy == POLICY_FAIL, kind, "'%s' %s %zu: %s", l->m->path, l->counts,
                line, text);
    if (policy == POLICY_DROP)
        l->m->dropped++;
}

/* ---- the frame's name ------------------------------------------------------------------------*/

static int grow_seen(struct seen *s, struct err *err)
{
    size_t slots = s->slots ? s->slots * 2 : 1024, i, j;
    uint64_t *key = bulk_array(slots, sizeof(*key));
    uint32_t *line = key ? bulk_array(slots, sizeof(*line)) : NULL;

    if (!line) {
        bulk_free(key);
        return bulk_failed(err);
    }
    for (i = 0; i < s->slots; i++)
        if (s->key[i]) {
            for (j = s->key[i] & (slots - 1); key[j]; j = (j + 1) & (slots - 1))
                ;
            key[j] = s->key[i];
            line[j] = s->line[i];
        }
    bulk_free(s->key);
    bulk_free(s->line);
    s->key = key;
    s->line = line;
    s->slots = slots;
    return 0;
}

/* 0, or the line where the name was seen before, in *before. */
static int see(struct seen *s, uint64_t key, uint32_t line, uint32_t *before, struct err *err)
{
    size_t i;
    int r;

    if (s->n * 10 >= s->slots * 7 && (r = grow_seen(s, err)))
        return r;
    for (i = key & (s->slots - 1); s->key[i]; i = (i + 1) & (s->slots - 1))
        if (s->key[i] == key) {
            *before = s->line[i];
            return 0;
        }
    s->key[i] = key;
    s->line[i] = line;
    s->n++;
    *before = 0;
    return 0;
}

/* Frames without any name are counted within their video, so that files in the same order can
 * still be matched. */
static int count_ordinal(struct load *l, uint32_t video, uint64_t *n, struct err *err)
{
    size_t cap = l->n_ordinal;

    if (video >= l->n_ordinal) {
        if (mem_grow(&l->ordinal, &cap, (size_t)video + 1, sizeof(*l->ordinal)))
            return err_nomem(err);
        memset(l->ordinal + l->n_ordinal, 0, (cap - l->n_ordinal) * sizeof(*l->ordinal));
        l->n_ordinal = cap;
    }
    *n = l->ordinal[video]++;
    return 0;
}

/* Lines count from 1, the rows of an array from 0; 0 means "not seen" to those who ask. */
static uint32_t stamp(const struct load *l, size_t line)
{
    size_t n = line + (*l->counts == 'r');

    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* *key names the frame, *twice: this face of it was scored before. */
static int name_frame(struct load *l, const struct score_row *row, uint32_t video,
                      long long manifest_row, uint64_t *key, bool *twice, struct err *err)
{
    uint32_t before = 0, line = stamp(l, row->line);
    uint64_t n = 0;
    char text[64];
    int r = 0;

    *twice = false;
    *key = 0;
    if (row->has[COLUMN_FACE] && row->len[COLUMN_FRAME]) {
        uint64_t face =
            row->len[COLUMN_FACE] ? names_hash(row->at[COLUMN_FACE], row->len[COLUMN_FACE]) : 0;

        *key = mix(names_hash(row->at[COLUMN_FRAME], row->len[COLUMN_FRAME]), video);
        r = see(&l->seen, mix(*key, face), line, &before, err);
        if (l->policy->faces == FACES_ALL)
            *key = mix(*key, face);
    } else if (manifest_row >= 0) {
        before = l->row_line[manifest_row];
        if (!before)
            l->row_line[manifest_row] = line;
        *key = mix((uint64_t)manifest_row, UINT64_MAX);
    } else if (row->len[COLUMN_ID]) {
        *key = mix(names_hash(row->at[COLUMN_ID], row->len[COLUMN_ID]), 1);
        r = see(&l->seen, *key, line, &before, err);
    } else if (row->len[COLUMN_FRAME]) {
        *key = mix(names_hash(row->at[COLUMN_FRAME], row->len[COLUMN_FRAME]), video);
        r = see(&l->seen, *key, line, &before, err);
    } else if (row->len[COLUMN_PATH]) {
        *key = mix(names_hash(row->at[COLUMN_PATH], row->len[COLUMN_PATH]), 2);
        r = see(&l->seen, *key, line, &before, err);
    } else if (l->keep_keys) {
        r = count_ordinal(l, video, &n, err);
        *key = mix(n, (uint64_t)video << 32 | 3);
    }
    if (!r && before) {
        *twice = true;
        snprintf(text, sizeof(text), "this frame was scored on %s %u already", l->counts,
                 before - (*l->counts == 'r'));
        complain(l, l->policy->duplicate, "duplicate", row->line, text);
    }
    return r;
}

/* ---- the frame's video -----------------------------------------------------------------------*/

static bool as_before(const struct last *last, const struct score_row *row)
{
    int c;

    if (!last->known)
        return false;
    for (c = COLUMN_LABEL; c < N_COLUMNS; c++)
        if (row->len[c] != last->len[c] ||
            (row->len[c] && memcmp(row->at[c], last->text.s + last->at[c], row->len[c])))
            return false;
    return true;
}

static int remember(struct last *last, const struct score_row *row, uint32_t video, struct err *err)
{
    int c;

    str_clear(&last->text);
    for (c = COLUMN_LABEL; c < N_COLUMNS; c++) {
        last->at[c] = last->text.len;
        last->len[c] = row->len[c];
        if (row->len[c])
            str_add_n(&last->text, row->at[c], row->len[c]);
    }
    last->video = video;
    last->known = true;
    return str_failed(&last->text) ? err_nomem(err) : 0;
}

/* 1 and *video, *manifest_row (-1 = none); 0 when the row has a problem, which is noted. */
static int find_video(struct load *l, const struct score_row *row, uint32_t *video,
                      long long *manifest_row, struct err *err)
{
    struct dataset *d = l->d;
    const char *what, *wrong = NULL;
    int r;

    *manifest_row = FRAMES_NONE;
    if (d->frames && (row->has[COLUMN_ID] || row->has[COLUMN_PATH])) {
        if (row->len[COLUMN_ID])
            *manifest_row = frames_by_id(d->frames, row->at[COLUMN_ID], row->len[COLUMN_ID]);
        else if (!row->len[COLUMN_PATH])
            wrong = "no id";
        if (*manifest_row == FRAMES_NONE && row->len[COLUMN_PATH])
            *manifest_row = frames_by_path(d->frames, row->at[COLUMN_PATH], row->len[COLUMN_PATH]);
        if (wrong) {
            complain(l, l->policy->unknown, "missing-id", row->line, wrong);
            return 0;
        }
        if (*manifest_row < 0) {
            bool id = row->len[COLUMN_ID] > 0;
            enum score_column c = id ? COLUMN_ID : COLUMN_PATH;
            char text[256];

            snprintf(text, sizeof(text), "%s '%.*s' %s", score_column_name(c),
                     (int)(row->len[c] < 160 ? row->len[c] : 160), row->at[c],
                     *manifest_row == FRAMES_AMBIGUOUS ? "fits more than one row of the manifest"
                                                       : "is not in the manifest");
            complain(l, l->policy->unknown, "unknown-id", row->line, text);
            return 0;
        }
        *video = d->frames->video[*manifest_row];
        return 1;
    }
    if (as_before(&l->last, row)) {
        *video = l->last.video;
        return 1;
    }
    if (d->frames) {
        *video = row->len[COLUMN_VIDEO]
                     ? names_find(&d->keys, row->at[COLUMN_VIDEO], row->len[COLUMN_VIDEO])
                     : NAME_NONE;
        if (*video == NAME_NONE) {
            complain(l, l->policy->unknown, "unknown-id", row->line,
                     row->len[COLUMN_VIDEO] ? "the video is not in the manifest" : "no video");
            return 0;
        }
    } else {
        if (!row->has[COLUMN_VIDEO])
            return err_set(err, ERR_DATA,
                           "'%s' line %zu: no column 'video': give the manifest with -i",
                           l->m->path, row->line);
        if ((r = dataset_described_video(d, row, video, &what, err)))
            return r;
        if (what) {
            char text[300];

            snprintf(text, sizeof(text), "video '%.*s': %s",
                     (int)(row->len[COLUMN_VIDEO] < 160 ? row->len[COLUMN_VIDEO] : 160),
                     row->len[COLUMN_VIDEO] ? row->at[COLUMN_VIDEO] : "", what);
            complain(l, l->policy->mixed, strstr(what, "label") ? "mixed-labels" : "bad-row",
                     row->line, text);
            return 0;
        }
    }
    r = remember(&l->last, row, *video, err);
    return r ? r : 1;
}

/* ---- rows ------------------------------------------------------------------------------------*/

/* Room for n frames. */
static int reserve(struct load *l, size_t n, struct err *err)
{
    struct model *m = l->m;
    size_t cap = m->cap;

    if (bulk_grow(&m->score, &cap, n, sizeof(*m->score)) ||
        bulk_grow(&m->video, &m->video_cap, cap, sizeof(*m->video)) ||
        (l->keep_keys && bulk_grow(&m->key, &m->key_cap, cap, sizeof(*m->key))))
        return bulk_failed(err);
    m->cap = cap;
    return 0;
}

static int push(struct load *l, double score, uint32_t video, uint64_t key, struct err *err)
{
    struct model *m = l->m;

    if (m->n == m->cap) {
        int r;

        if (m->n >= UINT32_MAX)
            return err_set(err, ERR_DATA, "'%s': more than %u rows", m->path, UINT32_MAX);
        if ((r = reserve(l, m->n + 1, err)))
            return r;
    }
    m->score[m->n] = score;
    m->video[m->n] = video;
    if (l->keep_keys)
        m->key[m->n] = key;
    m->n++;
    return 0;
}

/* The frame's score, when a face of it is in already; *known = it was. */
static int join_face(struct load *l, const struct score_row *row, uint64_t key, double score,
                     bool *known, struct err *err)
{
    struct model *m = l->m;
    uint32_t at;
    int r;

    *known = false;
    if (!row->has[COLUMN_FACE] || l->policy->faces == FACES_ALL || !row->len[COLUMN_FRAME])
        return 0;
    if ((r = see(&l->frames, key, (uint32_t)m->n + 1, &at, err)))
        return r;
    if (bulk_grow(&l->faces, &l->faces_cap, m->n + 1, sizeof(*l->faces)))
        return bulk_failed(err);
    if (!at) {
        l->faces[m->n] = 1;
        return 0;
    }
    *known = true;
    at--;
    m->many_faces += l->faces[at] == 1;
    l->faces[at]++;
    if (l->policy->faces == FACES_MEAN)
        m->score[at] += (score - m->score[at]) / l->faces[at];
    else if (score > m->score[at])
        m->score[at] = score;
    return 0;
}

static enum number_kind score_of(const struct score_row *row, double *score)
{
    if (!row->numeric)
        return number_parse(row->at[COLUMN_SCORE] ? row->at[COLUMN_SCORE] : "",
                            row->len[COLUMN_SCORE], score);
    *score = row->value;
    return isnan(row->value) ? NUMBER_NAN : isinf(row->value) ? NUMBER_INFINITE : NUMBER_FINITE;
}

/* A row whose score is missing because the detector failed: the video exists all the same. */
static int take_failed(struct load *l, const struct score_row *row, struct err *err)
{
    const char *what;
    uint32_t video;

    complain(l, POLICY_DROP, "not-scored", row->line, "the row says that it failed");
    return l->d->frames || !row->len[COLUMN_VIDEO]
               ? 0
               : dataset_described_video(l->d, row, &video, &what, err);
}

static int take(struct load *l, const struct score_row *row, struct err *err)
{
    static const char *const words[] = {NULL, "the score is missing",
                                        "the score is not a number (NaN)", "the score is infinite",
                                        "the score is no number"};
    long long manifest_row = FRAMES_NONE;
    enum number_kind kind;
    uint32_t video;
    uint64_t key = 0;
    double score;
    bool twice, known;
    int r = 1;

    if (row->len[COLUMN_STATUS] &&
        (row->len[COLUMN_STATUS] != 2 || memcmp(row->at[COLUMN_STATUS], "ok", 2)))
        return take_failed(l, row, err);
    kind = score_of(row, &score);
    if (row->same)
        video = l->last.video;
    else
        r = find_video(l, row, &video, &manifest_row, err);
    l->placed = r > 0 && l->last.known && manifest_row < 0;
    if (r <= 0)
        return r;
    if (kind != NUMBER_FINITE) {
        complain(l, l->policy->bad_score, "bad-score", row->line, words[kind]);
        return 0;
    }
    if (row->same && !l->keep_keys)
        return push(l, score + 0.0, video, key, err);
    if (manifest_row >= 0 && row->len[COLUMN_LABEL]) {
        bool fake = row->at[COLUMN_LABEL][0] == 'f' || row->at[COLUMN_LABEL][0] == 'F' ||
                    row->at[COLUMN_LABEL][0] == '1';

        if (fake != (l->d->video[video].label != 0)) {
            complain(l, l->policy->mixed, "mixed-labels", row->line,
                     "label differs from the manifest's");
            return 0;
        }
    }
    if ((r = name_frame(l, row, video, manifest_row, &key, &twice, err)) || twice ||
        (r = join_face(l, row, key, score + 0.0, &known, err)) || known)
        return r;
    return push(l, score + 0.0, video, key, err);
}

/* The file's name without folder and ending; made different from the other models' names. */
static int name_model(struct dataset *d, struct model *m, struct err *err)
{
    const char *base = strrchr(m->path, '/');
    struct str name = STR_INIT;
    size_t i, len, times = 0;

    base = base ? base + 1 : m->path;
    len = byte_stream_stem(base);
    for (i = len; i > 1 && base[i - 1] != '.'; i--)
        ;
    if (i > 1)
        len = i - 1;
    if (!strcmp(m->path, "-"))
        str_add(&name, "stdin");
    else
        str_add_n(&name, base, len);
    len = name.len;
    for (i = 0; !str_failed(&name) && i + 1 < d->n_models; i++)
        if (!strcmp(d->model[i].name, name.s)) {
            name.len = len;
            str_addf(&name, "-%zu", ++times + 1);
            i = (size_t)-1; /* look again: the new name may be taken as well */
        }
    m->name = str_take(&name);
    return m->name ? 0 : err_nomem(err);
}

int dataset_scores(struct dataset *d, const char *path, const struct dataset_policy *policy,
                   bool keep_keys, struct problems *problems, struct err *err)
{
    struct load l = {.d = d, .policy = policy, .problems = problems, .keep_keys = keep_keys};
    struct score_source source = policy->source;
    struct score_reader *reader = NULL;
    struct score_row row;
    size_t models = d->n_models;
    int r;

    if (mem_grow(&d->model, &models, d->n_models + 1, sizeof(*d->model)))
        return err_nomem(err);
    l.m = &d->model[d->n_models++];
    *l.m = (struct model){.path = mem_strdup(path)};
    if (!l.m->path)
        return err_nomem(err);
    if ((r = name_model(d, l.m, err)) ||
        (source.path = path, r = score_reader_open(&reader, &source, err)))
        goto out;
    l.counts = score_reader_counts(reader);
    /* Growing by steps would copy, and touch, the pages again and again. */
    if ((r = reserve(&l, score_reader_estimate(reader), err)))
        goto out;
    if (d->frames && !(l.row_line = mem_array(d->frames->m.n_rows, sizeof(*l.row_line)))) {
        r = err_nomem(err);
        goto out;
    }
    for (;;) {
        r = score_reader_next(reader, &row, err);
        if (r == SCORE_LINE_BAD && err) {
            problem_add(problems, policy->bad_score == POLICY_FAIL, "bad-row", "%s", err->text);
            if (policy->bad_score == POLICY_DROP)
                l.m->dropped++;
            err_clear(err);
            continue;
        }
        if (r <= 0 || (r = take(&l, &row, err)))
            break;
        if (!l.placed)
            score_reader_forget(reader);
    }
    if (!r && !l.m->n && !problems->fatal)
        r = err_set(err, ERR_DATA, "'%s': no scores", path);
out:
    score_reader_close(reader);
    str_release(&l.last.text);
    bulk_free(l.seen.key);
    bulk_free(l.seen.line);
    bulk_free(l.frames.key);
    bulk_free(l.frames.line);
    bulk_free(l.faces);
    free(l.row_line);
    free(l.ordinal);
    return r;
}
