#include "extract/protobuf.h"

#include <string.h>

struct pb pb_of(const void *data, size_t size)
{
    const unsigned char *p = data;

    return (struct pb){.at = p, .end = p + size};
}

size_t pb_size(const struct pb *m)
{
    return (size_t)(m->end - m->at);
}

static bool damage(struct pb *m)
{
    m->damaged = true;
    m->at = m->end;
    return false;
}

bool pb_varint(struct pb *m, uint64_t *value)
{
    uint64_t v = 0;
    unsigned shift;

    if (m->at == m->end)
        return false;
    for (shift = 0; shift < 64; shift += 7) {
        unsigned char byte;

        if (m->at == m->end)
            return damage(m);
        byte = *m->at++;
        if (shift == 63 && byte > 1) /* more than 64 bits */
            return damage(m);
        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *value = v;
            return true;
        }
    }
    return damage(m);
}

static bool fixed(struct pb *m, size_t size, uint64_t *value)
{
    size_t i;

    if (pb_size(m) < size)
        return damage(m);
    *value = 0;
    for (i = 0; i < size; i++)
        *value |= (uint64_t)m->at[i] << (8 * i);
    m->at += size;
    return true;
}

bool pb_next(struct pb *m, struct pb_field *f)
{
    uint64_t key, size;

    *f = (struct pb_field){0};
    if (!pb_varint(m, &key))
        return false;
    if (key >> 3 == 0 || key >> 3 > UINT32_MAX)
        return damage(m);
    f->number = (uint32_t)(key >> 3);
    switch (key & 7) {
    case PB_VARINT:
        f->type = PB_VARINT;
        return pb_varint(m, &f->value) || damage(m);
    case PB_FIXED64:
        f->type = PB_FIXED64;
        return fixed(m, 8, &f->value);
    case PB_FIXED32:
        f->type = PB_FIXED32;
        return fixed(m, 4, &f->value);
    case PB_BYTES:
        f->type = PB_BYTES;
        if (!pb_varint(m, &size) || size > pb_size(m))
            return damage(m);
        f->bytes = (struct pb){.at = m->at, .end = m->at + size};
        m->at += size;
        return true;
    default: /* groups (3, 4), which nobody writes any more, and no type at all (6, 7) */
        return damage(m);
    }
}

bool pb_equals(const struct pb *bytes, const char *s)
{
    size_t n = strlen(s);

    return pb_size(bytes) == n && (n == 0 || memcmp(bytes->at, s, n) == 0);
}
