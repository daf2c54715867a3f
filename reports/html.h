/*
 * HTML text: what comes from files goes through html_text(), always; markup is written with
 * str_add(). Nothing else decides what is a tag.
 */
#ifndef LP_HTML_H
#define LP_HTML_H

#include <stddef.h>

#include "lib/str.h"

/* Appends `text`, cleaned (words.h) and escaped, good between tags and inside quoted attributes.
 * NULL appends nothing. */
void html_text(struct str *out, const char *text);
void html_textf(struct str *out, const char *fmt, ...) LP_PRINTF(2, 3);

/* <td>text</td> */
void html_cell(struct str *out, const char *text);
/* <td class="n">12,345</td> */
void html_count(struct str *out, long long value);
/* <th scope="col">text</th> for each of the NULL-terminated names, in a row of a table head. A
 * name that starts with '#' is a column of numbers and set flush right. */
void html_head(struct str *out, const char *const *names);
/* <th scope="row">text</th> */
void html_row_name(struct str *out, const char *text);

/* A table in a box that scrolls sideways on a narrow screen; `label` is its name for people who
 * do not see it. Close with html_table_end(). */
void html_table(struct str *out, const char *label);
void html_table_end(struct str *out);

/* A box for what the reader must know. `kind` is "warning", "note" or "missing". */
void html_note(struct str *out, const char *kind, const char *text);

/* data:TYPE;base64,... good inside a quoted attribute. */
void html_data_uri(struct str *out, const char *type, const void *bytes, size_t size);

#endif
