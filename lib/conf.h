/*
 * Configuration: one YAML file a run, a section a stage. The one door to libyaml.
 *
 * configs/default.yaml is built into the tools and is the schema: every key is there, with its
 * default and, in the comment on its line, its type, range and meaning:
 *
 *     extract:
 *       frames: 32          # int 1..100000: frames sampled a video
 *       detector: hog       # enum hog cnn: ...
 *       grow: 2.0           # real 1..8: ...
 *       keep: []            # list enum frames masks: ...      (list = of strings, or of an enum)
 *       root:               # path: ...        (empty = not set; relative to the file that names
 * it) title: My detector  # string: ... durable: true       # bool: ...
 *
 * So what is documented, what is accepted and what is the default cannot differ. A user's file
 * may hold any subset; an unknown section or key, a wrong type or a value out of range is
 * ERR_CONFIG with "file:line: section.key: ...". `--set section.key=value` is the same with
 * "--set" as the file.
 *
 * Getters assert that the key exists with that type: asking for another is our fault.
 */
#ifndef LP_CONF_H
#define LP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/hash.h"
#include "lib/str.h"

struct conf;

/* Starts with the defaults. */
int conf_new(struct conf **c, struct err *err) LP_MUST_CHECK;
void conf_free(struct conf *c);

int conf_load(struct conf *c, const char *path, struct err *err) LP_MUST_CHECK;

/* "section.key=value"; a list is "a,b,c". */
int conf_set(struct conf *c, const char *assignment, struct err *err) LP_MUST_CHECK;

long long conf_int(const struct conf *c, const char *key); /* key is "section.name" */
double conf_real(const struct conf *c, const char *key);
bool conf_bool(const struct conf *c, const char *key);
/* string, path or enum; "" when not set. A path comes out relative to the working folder. */
const char *conf_string(const struct conf *c, const char *key);
/* The value's place among the enum's words, from 0. */
int conf_enum(const struct conf *c, const char *key);
/* NULL-terminated; lives as long as c. */
const char *const *conf_list(const struct conf *c, const char *key, size_t *n);

/* Was the key given by the user (file or --set)? */
bool conf_given(const struct conf *c, const char *key);

/* Prints the named sections (comma-separated) as YAML that conf_load() takes, in schema order.
 * Paths as written. */
int conf_print(const struct conf *c, const char *sections, struct str *out,
               struct err *err) LP_MUST_CHECK;

/* SHA-256 of the printed sections and the tool's version: the settings= of a manifest. Keys whose
 * comment starts with "!" after the colon (they cannot change a result: jobs, max_failed) are
 * left out of the hash. */
int conf_hash(const struct conf *c, const char *sections, char hex[HASH_HEX],
              struct err *err) LP_MUST_CHECK;

#endif
