/* One flat JSON object on one line, read in place: what a detector's log writes a frame. */
#ifndef LP_JSON_LINE_H
#define LP_JSON_LINE_H

#include <stddef.h>

/* A member: texts without their quotes and decoded, numbers and words as written, null as an empty
 * value. Values that are arrays or objects are passed over and not reported. */
typedef void json_line_member(void *ctx, const char *key, size_t key_len, char *value, size_t len);

/* Reads the object that fills [line, line + len), calling `member` in the order of the text.
 * Changes the text (decoding shrinks it). NULL, or what is wrong with it, in words. */
const char *json_line_read(char *line, size_t len, json_line_member *member, void *ctx);

#endif
