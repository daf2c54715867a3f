#include "extract/detect.h"

#include <assert.h>
#include <stdlib.h>

#include "extract/detect_kind.h"
#include "lib/mem.h"

struct detector {
    const struct detector_kind *kind;
    void *state;
};

static const struct detector_kind *const kinds[DETECTOR_N] = {
    [DETECTOR_HOG] = &detect_hog, [DETECTOR_CNN] = &detect_cnn};

int detector_open(struct detector **d, enum detector_name name, const char *model, struct err *err)
{
    int r;

    *d = mem_array(1, sizeof(**d));
    if (!*d)
        return err_nomem(err);
    (*d)->kind = kinds[name];
    r = kinds[name]->open(&(*d)->state, model, err);
    if (r) {
        free(*d);
        *d = NULL;
    }
    return r;
}

int detector_copy(struct detector **d, const struct detector *from, struct err *err)
{
    int r;

    *d = mem_array(1, sizeof(**d));
    if (!*d)
        return err_nomem(err);
    (*d)->kind = from->kind;
    r = from->kind->copy(&(*d)->state, from->state, err);
    if (r) {
        free(*d);
        *d = NULL;
    }
    return r;
}

void detector_close(struct detector *d)
{
    if (!d)
        return;
    d->kind->close(d->state);
    free(d);
}

const char *detector_word(const struct detector *d)
{
    return d->kind->word;
}

bool detector_narrows(const struct detector *d)
{
    return d->kind->narrows;
}

int detector_find(struct detector *d, const struct image *img, const struct detect_query *q,
                  struct face faces[DETECT_MAX_FACES], struct err *err)
{
    assert(rect_width(q->area) > 0 && rect_height(q->area) > 0 && q->smallest_px > 0);
    return d->kind->find(d->state, img, q, faces, err);
}
