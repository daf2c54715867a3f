/*
 * What every tool's main() shares: command line, help, configuration, exit status.
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct tool_args args;
 *         struct err err = {0};
 *         int r, status;
 *
 *         if (tool_start(&tool, argc, argv, &args, &status))
 *             return status;                       (after --help, --version, --print-config,
 * errors) r = extract_run(&args, &err); return tool_finish(&tool, &args, r, &err);
 *     }
 */
#ifndef LP_TOOL_H
#define LP_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/conf.h"
#include "lib/err.h"
#include "lib/shard.h"

#define TOOL_VERSION "0.1.0"

enum tool_option_kind {
    OPTION_FLAG,   /* bool *: set to true */
    OPTION_STRING, /* const char **: kept, not copied */
    OPTION_INT,    /* long long *: lo .. hi */
};

/* One row of a tool's option table; help, parsing and the man-page test read it. Ends with an
 * entry whose long_name is NULL. */
struct tool_option {
    char short_name; /* 0 = none */
    const char *long_name;
    enum tool_option_kind kind;
    void *value;
    long long lo, hi;
    const char *argument; /* "FILE"; NULL for flags */
    const char *help;     /* one sentence, no full stop */
};

enum tool_flags {
    TOOL_INPUT = 1,    /* takes -i FILE, a manifest (default: stdin if it is no terminal) */
    TOOL_OUTPUT = 2,   /* takes -o FILE (default: stdout) */
    TOOL_SHARD = 4,    /* takes --shard I/N and --merge */
    TOOL_OPERANDS = 8, /* takes operands, listed in args.operands */
    TOOL_KERNELS = 16, /* takes --cpumask */
};

struct tool_args;

struct tool {
    const char *name;     /* "lp-extract" */
    const char *summary;  /* one sentence: what goes in, what comes out */
    const char *usage;    /* "-c CONFIG -i RUN/fetch.tsv -o RUN/extract.tsv" */
    const char *about;    /* a paragraph or two of help that teaches, with an example */
    const char *sections; /* "run,extract": what --print-config prints and settings= hashes */
    unsigned flags;       /* enum tool_flags */
    const struct tool_option *options; /* the tool's own; may be NULL */
    /* What is left to do when --merge has joined the parts into args->output; may be NULL. */
    int (*after_merge)(const struct tool_args *args, struct err *err);
};

struct tool_args {
    struct conf *conf;  /* owned */
    const char *config; /* -c, or NULL */
    const char *input;  /* -i, or "-" */
    const char *output; /* -o as given, or "-" */
    char *shard_output; /* owned: where to write, output with the shard in its name */
    struct shard shard;
    bool merge;   /* --merge: join the shards into output and end */
    bool dry_run; /* -n: say what would be done, write nothing */
    bool quiet;
    int verbose;     /* 0, 1, 2 */
    unsigned jobs;   /* -j, else run.jobs; resolved, >= 1 */
    char **operands; /* not owned */
    int n_operands;
    char settings_hash[HASH_HEX]; /* of tool->sections */
};

/* Parses, loads the configuration, handles --help --version --print-config, sets up messages and
 * signals. Returns true when main should end at once with *status. Help and version go to stdout
 * with status 0; a usage error is one line on stderr and status 64. */
bool tool_start(const struct tool *tool, int argc, char **argv, struct tool_args *args,
                int *status);

/* Prints err once if r is negative, checks stdout's close, releases args; the exit status. */
int tool_finish(const struct tool *tool, struct tool_args *args, int r, const struct err *err);

/* For a stage's end: ERR_DATA with "N of M ITEMS failed (limit ...)" when failed > max_failed *
 * total (run.max_failed, a fraction), else 0. Call after the manifest is written. */
int tool_check_failed(const struct tool_args *args, size_t failed, size_t total, const char *items,
                      struct err *err) LP_MUST_CHECK;

/* The folders that paths in the input's rows are relative to, and that the output's files go into:
 * those of the manifests, or the working folder for a pipe or a device. Check str_failed(). */
void tool_folders(const struct tool_args *args, struct str *in, struct str *out);

#endif
