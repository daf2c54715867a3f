/*
 * Reads the wire format of protocol buffers: a message is fields one after another, each a key
 * (number * 8 + wire type) and a value. Nothing outside of the given bytes is ever read.
 */
#ifndef LP_PROTOBUF_H
#define LP_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a message. Plain data; copies read on their own. */
struct pb {
    const unsigned char *at, *end;
    bool damaged; /* a value is cut off, longer than it may be, or of a wire type out of use */
};

enum pb_type { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

struct pb_field {
    uint32_t number; /* > 0 */
    enum pb_type type;
    uint64_t value;  /* PB_VARINT, PB_FIXED64, PB_FIXED32: the bits */
    struct pb bytes; /* PB_BYTES: a string, a message or packed numbers */
};

struct pb pb_of(const void *data, size_t size);

/* Reads the next field. False at the end of the message, and when it is damaged. */
bool pb_next(struct pb *m, struct pb_field *f);

/* One packed number. False at the end, and when it is damaged. */
bool pb_varint(struct pb *m, uint64_t *value);

size_t pb_size(const struct pb *m);                    /* bytes left */
bool pb_equals(const struct pb *bytes, const char *s); /* is it this string? */

#endif
