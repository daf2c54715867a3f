#include "lib/landmarks.h"

#include <math.h>

int landmarks_from_npy(const struct npy *a, const char *path, size_t row, struct landmarks *out,
                       struct err *err)
{
    const float *v;
    int i;

    if (a->type != NPY_F32 || a->dims != 3 || (a->shape[1] != 68 && a->shape[1] != 81) ||
        a->shape[2] != 2)
        return err_set(err, ERR_DATA,
                       "'%s' holds no landmarks: want float32 of shape (n, 68 or 81, 2)", path);
    if (row >= a->shape[0])
        return err_set(err, ERR_DATA, "'%s' has %zu rows, no row %zu", path, a->shape[0], row);
    out->n = (int)a->shape[1];
    v = (const float *)a->data + row * a->shape[1] * 2;
    for (i = 0; i < out->n; i++) {
        if (!isfinite(v[2 * i]) || !isfinite(v[2 * i + 1]))
            return err_set(err, ERR_DATA, "'%s' row %zu: landmark %d is not finite", path, row, i);
        out->p[i] = (struct point){v[2 * i], v[2 * i + 1]};
    }
    return 0;
}

static struct point mean(const struct landmarks *l, int from, int n)
{
    struct point s = {0, 0};
    int i;

    for (i = from; i < from + n; i++) {
        s.x += l->p[i].x;
        s.y += l->p[i].y;
    }
    return (struct point){s.x / n, s.y / n};
}

struct point landmarks_eye_left(const struct landmarks *l)
{
    return mean(l, 36, 6);
}

struct point landmarks_eye_right(const struct landmarks *l)
{
    return mean(l, 42, 6);
}

double landmarks_eye_distance(const struct landmarks *l)
{
    struct point a = landmarks_eye_left(l), b = landmarks_eye_right(l);

    return hypot(b.x - a.x, b.y - a.y);
}

void landmarks_transform(struct landmarks *l, const struct mat3 *m)
{
    int i;

    for (i = 0; i < l->n; i++)
        l->p[i] = mat3_apply(m, l->p[i]);
}

void landmarks_shift(struct landmarks *l, double dx, double dy)
{
    int i;

    for (i = 0; i < l->n; i++) {
        l->p[i].x += dx;
        l->p[i].y += dy;
    }
}
