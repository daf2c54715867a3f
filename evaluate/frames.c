#include "evaluate/frames.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate/names.h"
#include "lib/mem.h"

/* The id of a row as it stands in the file: up to the first tab. Ids hold no %XX unless they have
 * odd characters, so comparing raw text is right for all ids that a score file can hold as they
 * are; a score file that is a manifest is decoded, and then so must be the id. */
static const char *raw_id(const struct frames *f, size_t row, size_t *len)
{
    const char *p = f->m.text + f->m.row_at[row];

    *len = strcspn(p, "\t\n");
    return p;
}

static const char *image(const struct frames *f, size_t row)
{
    return f->images.s + f->image_at[row];
}

static const char *tail(const char *path, size_t len, size_t *tail_len)
{
    const char *slash = memrchr(path, '/', len);

    *tail_len = slash ? len - (size_t)(slash + 1 - path) : len;
    return slash ? slash + 1 : path;
}

static uint32_t *new_index(size_t n)
{
    uint32_t *t = mem_array(n, sizeof(*t));

    if (t)
        memset(t, 0xff, n * sizeof(*t));
    return t;
}

int frames_index(struct frames *f, struct err *err)
{
    size_t i, s, len, mask;

    for (f->n_slots = 64; f->n_slots < f->m.n_rows * 2; f->n_slots *= 2)
        ;
    mask = f->n_slots - 1;
    f->by_id = new_index(f->n_slots);
    f->by_image = new_index(f->n_slots);
    f->by_tail = new_index(f->n_slots);
    f->next_tail = new_index(f->m.n_rows);
    if (!f->by_id || !f->by_image || !f->by_tail || !f->next_tail)
        return err_nomem(err);
    for (i = 0; i < f->m.n_rows; i++) {
        const char *p = raw_id(f, i, &len), *t;
        size_t tail_len;

        for (s = names_hash(p, len) & mask; f->by_id[s] != UINT32_MAX; s = (s + 1) & mask)
            ;
        f->by_id[s] = (uint32_t)i;
        p = image(f, i);
        if (!*p)
            continue;
        len = strlen(p);
        for (s = names_hash(p, len) & mask; f->by_image[s] != UINT32_MAX; s = (s + 1) & mask)
            ;
        f->by_image[s] = (uint32_t)i;
        t = tail(p, len, &tail_len);
        for (s = names_hash(t, tail_len) & mask; f->by_tail[s] != UINT32_MAX; s = (s + 1) & mask) {
            size_t have_len;
            const char *have = image(f, f->by_tail[s]);

            have = tail(have, strlen(have), &have_len);
            if (have_len == tail_len && !memcmp(have, t, tail_len))
                break;
        }
        f->next_tail[i] = f->by_tail[s];
        f->by_tail[s] = (uint32_t)i;
    }
    return 0;
}

long long frames_by_id(const struct frames *f, const char *id, size_t len)
{
    size_t mask = f->n_slots - 1, s, n;

    for (s = names_hash(id, len) & mask; f->by_id[s] != UINT32_MAX; s = (s + 1) & mask) {
        const char *p = raw_id(f, f->by_id[s], &n);

        if (n == len && !memcmp(p, id, len))
            return f->by_id[s];
    }
    return FRAMES_NONE;
}

static long long by_whole_image(const struct frames *f, const char *path, size_t len)
{
    size_t mask = f->n_slots - 1, s;

    for (s = names_hash(path, len) & mask; f->by_image[s] != UINT32_MAX; s = (s + 1) & mask) {
        const char *p = image(f, f->by_image[s]);

        if (!strncmp(p, path, len) && !p[len])
            return f->by_image[s];
    }
    return FRAMES_NONE;
}

long long frames_by_path(const struct frames *f, const char *path, size_t len)
{
    long long found = FRAMES_NONE;
    size_t mask = f->n_slots - 1, s, tail_len;
    const char *p = path, *end = path + len, *t;
    uint32_t row;

    while (end - p > 2 && p[0] == '.' && p[1] == '/')
        p += 2;
    for (; p; p = memchr(p, '/', (size_t)(end - p)), p = p ? p + 1 : NULL)
        if ((found = by_whole_image(f, p, (size_t)(end - p))) >= 0)
            return found;
    p = path;
    while (end - p > 2 && p[0] == '.' && p[1] == '/')
        p += 2;
    len = (size_t)(end - p);
    t = tail(p, len, &tail_len);
    for (s = names_hash(t, tail_len) & mask; f->by_tail[s] != UINT32_MAX; s = (s + 1) & mask) {
        size_t have_len;
        const char *have = image(f, f->by_tail[s]);

        have = tail(have, strlen(have), &have_len);
        if (have_len != tail_len || memcmp(have, t, tail_len))
            continue;
        for (row = f->by_tail[s]; row != UINT32_MAX; row = f->next_tail[row]) {
            const char *whole = image(f, row);
            size_t n = strlen(whole);

            if (n > len && whole[n - len - 1] == '/' && !memcmp(whole + n - len, p, len)) {
                if (found >= 0)
                    return FRAMES_AMBIGUOUS;
                found = row;
            }
        }
        break;
    }
    return found;
}

void frames_free(struct frames *f)
{
    if (!f)
        return;
    manifest_release(&f->m);
    str_release(&f->images);
    free(f->video);
    free(f->image_at);
    free(f->by_id);
    free(f->by_image);
    free(f->by_tail);
    free(f->next_tail);
    free(f);
}
