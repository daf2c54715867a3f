/*
 * What the parts of obtain.h share: its state, and who does what with it. obtain.c locks the folder
 * and goes through the steps.
 */
#ifndef LP_OBTAIN_INTERNAL_H
#define LP_OBTAIN_INTERNAL_H

#include "fetch/credentials.h"
#include "fetch/done_log.h"
#include "fetch/download.h"
#include "fetch/get_plan.h"
#include "fetch/recipe_ffpp.h"
#include "fetch/unpack.h"
#include "lib/tool.h"

enum recipe { RECIPE_NONE, RECIPE_FFPP };

struct obtain {
    const struct tool_args *args;
    const char *root, *server;
    enum recipe recipe;
    bool keep_archives, agreed;
    struct ffpp_recipe ffpp;
    struct str terms;
    struct str work, parts, unpacking; /* ROOT/.lp-fetch and below */
    struct credentials credentials;
    struct download_settings net;
    struct unpack_settings unpack;
    struct done_log log;
    struct plan plan;
    bool *barred; /* by file: it failed in this run, and is not to be unpacked */
    int lock;
    size_t wanted, failed, again; /* files */
};

/* ---- obtain_settings.c -----------------------------------------------------------------------*/

/* Fills all but the plan. */
int obtain_settings(struct obtain *o, struct err *err) LP_MUST_CHECK;

/* Adds to the plan what fetch.from and fetch.list name. */
int obtain_items(struct obtain *o, struct err *err) LP_MUST_CHECK;

/* Adds to the plan's files the hashes of fetch.sums. */
int obtain_sums(struct obtain *o, struct err *err) LP_MUST_CHECK;

/* Nothing is downloaded before the user said that they agree; that they did is recorded. */
int obtain_check_terms(struct obtain *o, struct err *err) LP_MUST_CHECK;

/* ---- obtain_files.c --------------------------------------------------------------------------*/

/* What is to be done about each file. */
enum need { NEED_NOTHING, NEED_CHECK, NEED_IMPORT, NEED_DOWNLOAD, NEED_MISSING };

/* `error` is set where memory ran out, and left alone otherwise. */
enum need obtain_need(const struct obtain *o, const struct plan_file *f, bool *error);

/* Is there nothing to do, not even to unpack? */
bool obtain_is_complete(const struct obtain *o, const struct plan_file *f, bool *error);

/* Says why a file of the plan cannot be had, and counts it unless it is optional. */
void obtain_failed(struct obtain *o, const struct plan_file *f, const char *why);

/* Gets all files of the plan that are not there, and unpacks the archives among them. */
int obtain_files(struct obtain *o, struct err *err) LP_MUST_CHECK;

/* ---- obtain_archives.c -----------------------------------------------------------------------*/

/* Unpacks the archives of the plan that are there and have not failed in this run. */
int obtain_archives(struct obtain *o, struct err *err) LP_MUST_CHECK;

#endif
