#include "evaluate/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "lib/mem.h"

#define TOP 8

const char *aggregate_name(enum aggregate a)
{
    static const char *const names[] = {"mean", "max", "median", "top8", "trimmed"};

    return names[a];
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double mean(const double *v, size_t n)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

/* Of one video's frames; may reorder them. */
static double of_frames(double *v, size_t n, enum aggregate how)
{
    size_t cut, i;
    double best;

    switch (how) {
    case AGGREGATE_MAX:
        for (best = v[0], i = 1; i < n; i++)
            best = v[i] > best ? v[i] : best;
        return best;
    case AGGREGATE_MEDIAN:
        qsort(v, n, sizeof(*v), ascending);
        return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    case AGGREGATE_TOP8:
        qsort(v, n, sizeof(*v), ascending);
        cut = n > TOP ? n - TOP : 0;
        return mean(v + cut, n - cut);
    case AGGREGATE_TRIMMED:
        qsort(v, n, sizeof(*v), ascending);
        cut = n / 10;
        return mean(v + cut, n - 2 * cut);
    case AGGREGATE_MEAN:
    case N_AGGREGATES:
        break;
    }
    return mean(v, n);
}

/* The mean needs no copy of the frames: at 1e7 of them that matters. */
static void means(struct video_scores *v, const struct model *m, double *sum, size_t n_videos,
                  uint32_t *count, const uint8_t *use)
{
    size_t i, from;

    /* Frames of a video mostly stand together: their sum then stays in a register. */
    for (i = 0; i < m->n;) {
        uint32_t video = m->video[i];
        double s = sum[video];

        for (from = i; i < m->n && m->video[i] == video; i++)
            s += m->score[i];
        sum[video] = s;
        count[video] += (uint32_t)(i - from);
    }
    for (i = 0; i < n_videos; i++)
        if (count[i] && use[i]) {
            v->video[v->n] = (uint32_t)i;
            v->frames[v->n] = count[i];
            v->score[v->n++] = sum[i] / count[i];
        }
}

static int others(struct video_scores *v, const struct model *m, size_t n_videos,
                  const uint32_t *count, const uint8_t *use, enum aggregate how, struct err *err)
{
    size_t *at = mem_array(n_videos + 1, sizeof(*at)), i;
    double *frame = bulk_array(m->n, sizeof(*frame));

    if (!at || !frame) {
        free(at);
        bulk_free(frame);
        return at ? bulk_failed(err) : err_nomem(err);
    }
    for (i = 0; i < n_videos; i++)
        at[i + 1] = at[i] + count[i];
    for (i = 0; i < m->n; i++)
        frame[at[m->video[i]]++] = m->score[i];
    for (i = 0; i < n_videos; i++)
        if (count[i] && use[i]) {
            v->video[v->n] = (uint32_t)i;
            v->frames[v->n] = count[i];
            v->score[v->n++] = of_frames(frame + at[i] - count[i], count[i], how);
        }
    free(at);
    bulk_free(frame);
    return 0;
}

int aggregate_videos(struct video_scores *v, const struct model *m, size_t n_videos,
                     const uint8_t *use, enum aggregate how, struct err *err)
{
    uint32_t *count = mem_array(n_videos, sizeof(*count));
    double *sum = mem_array(n_videos, sizeof(*sum));
    size_t i;
    int r = 0;

    *v = (struct video_scores){0};
    v->video = mem_array(n_videos, sizeof(*v->video));
    v->score = mem_array(n_videos, sizeof(*v->score));
    v->frames = mem_array(n_videos, sizeof(*v->frames));
    if (!count || !sum || !v->video || !v->score || !v->frames) {
        r = err_nomem(err);
    } else {
        for (i = 0; i < m->n && how != AGGREGATE_MEAN; i++)
            count[m->video[i]]++;
        if (how == AGGREGATE_MEAN)
            means(v, m, sum, n_videos, count, use);
        else
            r = others(v, m, n_videos, count, use, how, err);
    }
    free(count);
    free(sum);
    if (r)
        aggregate_release(v);
    return r;
}

void aggregate_release(struct video_scores *v)
{
    free(v->video);
    free(v->score);
    free(v->frames);
    *v = (struct video_scores){0};
}
