/*
 * What a stopped run had finished. Beside the output `DIR/NAME.tsv` lives `DIR/.NAME.tsv.journal`:
 * a header with the settings and input hashes, then one checksummed record per finished item with
 * that item's manifest rows. A record cut off by a crash is ignored. A journal of other settings
 * or input is thrown away. After the manifest is committed the journal is removed.
 * With output "-" there is no journal and every call does nothing.
 * journal_add() is called from one thread (the ordered one).
 */
#ifndef LP_JOURNAL_H
#define LP_JOURNAL_H

#include <stddef.h>

#include "lib/err.h"

struct journal;

int journal_open(struct journal **j, const char *output, const char *settings_hash,
                 const char *input_hash, struct err *err) LP_MUST_CHECK;

/* The rows recorded for `item`, or NULL. The text lives until journal_close(). */
const char *journal_find(const struct journal *j, const char *item, size_t *size);

int journal_add(struct journal *j, const char *item, const char *rows, size_t size,
                struct err *err) LP_MUST_CHECK;

/* Closes; `remove_file` also deletes the file (after the manifest is committed). NULL is fine. */
void journal_close(struct journal *j, int remove_file);

#endif
