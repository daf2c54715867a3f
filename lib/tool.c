#include "lib/tool.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/atomic_file.h"
#include "lib/cpu.h"
#include "lib/fs.h"
#include "lib/manifest.h"
#include "lib/mem.h"
#include "lib/msg.h"
#include "lib/pool.h"

#define MAX_OPTIONS 64
#define MAX_JOBS    1024

/* What the common options fill before it is known whether the configuration can be read. */
struct common {
    struct tool_args *args;
    const char **sets; /* --set, in order */
    size_t n_sets;
    long long jobs; /* 0 = not given */
    const char *shard;
    bool print_config, help, version;
};

enum common_id {
    ID_CONFIG = 1000,
    ID_SET,
    ID_INPUT,
    ID_OUTPUT,
    ID_JOBS,
    ID_DRY,
    ID_QUIET,
    ID_VERBOSE,
    ID_PRINT,
    ID_SHARD,
    ID_MERGE,
    ID_CPUMASK,
    ID_HELP,
    ID_VERSION,
    ID_OWN = 2000 /* and up: the tool's own, in the order of its table */
};

static const struct common_option {
    int id;
    char short_name;
    const char *long_name, *argument, *help;
    unsigned needs; /* enum tool_flags that the tool must have; 0 = every tool */
} common_options[] = {
    {ID_CONFIG, 'c', "config", "FILE", "read settings from FILE (YAML; see configs/default.yaml)",
     0},
    {ID_SET, 's', "set", "KEY=VALUE", "set one setting, as in run.jobs=2; may be repeated", 0},
    {ID_INPUT, 'i', "input", "FILE", "read FILE; - is standard input", TOOL_INPUT},
    {ID_OUTPUT, 'o', "output", "FILE", "write FILE, whole or not at all; - is standard output",
     TOOL_OUTPUT},
    {ID_JOBS, 'j', "jobs", "N", "use N threads; the output is the same for every N", 0},
    {ID_SHARD, 0, "shard", "I/N", "do part I of N (from 0); the part is in the output's name",
     TOOL_SHARD},
    {ID_MERGE, 0, "merge", NULL, "join the parts that lie beside the output into it, and end",
     TOOL_SHARD},
    {ID_CPUMASK, 0, "cpumask", "MASK",
     "use no more of the processor than MASK: none, avx2, avx512, all", TOOL_KERNELS},
    {ID_DRY, 'n', "dry-run", NULL, "say what would be done and write nothing", 0},
    {ID_PRINT, 0, "print-config", NULL, "print the settings in force and end", 0},
    {ID_QUIET, 'q', "quiet", NULL, "print errors only", 0},
    {ID_VERBOSE, 'v', "verbose", NULL, "say more; twice for a line an item", 0},
    {ID_HELP, 'h', "help", NULL, "print this and end", 0},
    {ID_VERSION, 'V', "version", NULL, "print the version and end", 0},
};

#define N_COMMON (sizeof(common_options) / sizeof(*common_options))

static bool applies(const struct common_option *o, const struct tool *tool)
{
    return !o->needs || (tool->flags & o->needs);
}

static size_t count_options(const struct tool *tool)
{
    size_t n = 0;

    while (tool->options && tool->options[n].long_name)
        n++;
    return n;
}

static void print_option(FILE *fp, char short_name, const char *long_name, const char *argument,
                         const char *help)
{
    char left[64];
    int n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", short_name ? '-' : ' ',
                     short_name ? short_name : ' ', short_name ? "," : " ", long_name,
                     argument ? " " : "", argument ? argument : "");

    if (n < 28)
        fprintf(fp, "%-28s %s\n", left, help);
    else
        fprintf(fp, "%s\n%-28s %s\n", left, "", help);
}

static void print_help(FILE *fp, const struct tool *tool)
{
    size_t i, n = count_options(tool);

    fprintf(fp, "Usage: %s %s\n\n%s.\n", tool->name, tool->usage, tool->summary);
    if (tool->about)
        fprintf(fp, "\n%s\n", tool->about);
    fputs("\nOptions:\n", fp);
    for (i = 0; i < n; i++)
        print_option(fp, tool->options[i].short_name, tool->options[i].long_name,
                     tool->options[i].argument, tool->options[i].help);
    for (i = 0; i < N_COMMON; i++)
        if (applies(&common_options[i], tool))
            print_option(fp, common_options[i].short_name, common_options[i].long_name,
                         common_options[i].argument, common_options[i].help);
    fprintf(fp,
            "\nExit status: 0 done, 1 a check says no, 64 usage, 65 bad data or too many failed\n"
            "items, 66 no input, 69 something is missing, 70 our fault, 71 system, 73 cannot\n"
            "create, 74 read or write failed, 75 try again, 78 configuration.\n"
            "The whole story: man %s\n",
            tool->name);
}

static int usage_error(const struct tool *tool)
{
    fprintf(stderr, "%s: try '%s --help'\n", tool->name, tool->name);
    return err_exit_status(ERR_USAGE);
}

static int parse_int(const char *text, long long lo, long long hi, const char *option,
                     long long *value, struct err *err)
{
    char *end;

    errno = 0;
    *value = strtoll(text, &end, 10);
    if (end == text || *end || errno || *value < lo || *value > hi)
        return err_set(err, ERR_USAGE,
                       "invalid argument '%s' for --%s; should be a whole number in %lld..%lld",
                       text, option, lo, hi);
    return 0;
}

static int take_common(struct common *c, int id, struct err *err)
{
    switch (id) {
    case ID_CONFIG:
        c->args->config = optarg;
        return 0;
    case ID_SET:
        c->sets[c->n_sets++] = optarg;
        return 0;
    case ID_INPUT:
        c->args->input = optarg;
        return 0;
    case ID_OUTPUT:
        c->args->output = optarg;
        return 0;
    case ID_JOBS:
        return parse_int(optarg, 1, MAX_JOBS, "jobs", &c->jobs, err);
    case ID_SHARD:
        return shard_parse(optarg, &c->args->shard, err);
    case ID_MERGE:
        c->args->merge = true;
        return 0;
    case ID_CPUMASK:
        return cpu_limit(optarg, err);
    case ID_DRY:
        c->args->dry_run = true;
        return 0;
    case ID_QUIET:
        c->args->quiet = true;
        return 0;
    case ID_VERBOSE:
        c->args->verbose++;
        return 0;
    case ID_PRINT:
        c->print_config = true;
        return 0;
    case ID_HELP:
        c->help = true;
        return 0;
    case ID_VERSION:
        c->version = true;
        return 0;
    }
    return err_set(err, ERR_FAULT, "an option without a meaning");
}

static int take_own(const struct tool_option *o, struct err *err)
{
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)o->value = true;
        return 0;
    case OPTION_STRING:
        *(const char **)o->value = optarg;
        return 0;
    case OPTION_INT:
        return parse_int(optarg, o->lo, o->hi, o->long_name, o->value, err);
    }
    return 0;
}

/* What a letter stands for, as an id. */
static int id_of_letter(const struct tool *tool, int letter)
{
    size_t i, own = count_options(tool);

    for (i = 0; i < own; i++)
        if (tool->options[i].short_name == letter)
            return ID_OWN + (int)i;
    for (i = 0; common_options[i].short_name != letter; i++)
        ;
    return common_options[i].id;
}

/* getopt's tables, made from ours. */
static int parse(const struct tool *tool, int argc, char **argv, struct common *c, struct err *err)
{
    struct option table[MAX_OPTIONS + N_COMMON + 1];
    char letters[4 * (MAX_OPTIONS + N_COMMON) + 3] = ":";
    size_t i, n = 0, l = 1, own = count_options(tool);
    int id, r = 0;

    assert(own <= MAX_OPTIONS);
    for (i = 0; i < own; i++) {
        const struct tool_option *o = &tool->options[i];
        int takes = o->kind == OPTION_FLAG ? no_argument : required_argument;

        table[n++] = (struct option){o->long_name, takes, NULL, ID_OWN + (int)i};
        if (o->short_name)
            l += (size_t)snprintf(letters + l, sizeof(letters) - l, "%c%s", o->short_name,
                                  takes ? ":" : "");
    }
    for (i = 0; i < N_COMMON; i++) {
        const struct common_option *o = &common_options[i];

        if (!applies(o, tool))
            continue;
        table[n++] = (struct option){o->long_name, o->argument ? required_argument : no_argument,
                                     NULL, o->id};
        if (o->short_name)
            l += (size_t)snprintf(letters + l, sizeof(letters) - l, "%c%s", o->short_name,
                                  o->argument ? ":" : "");
    }
    table[n] = (struct option){0};
    opterr = 0;
    optind = 0; /* GNU: start afresh, so that a test may parse twice */
    while (!r && (id = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        if (id == '?' && optopt && optopt < 256)
            return err_set(err, ERR_USAGE, "unknown option '-%c'", optopt);
        if (id == '?')
            return err_set(err, ERR_USAGE, "unknown option '%s'", argv[optind - 1]);
        if (id == ':')
            return err_set(err, ERR_USAGE, "option '%s' needs an argument", argv[optind - 1]);
        if (id < ID_CONFIG)
            id = id_of_letter(tool, id);
        r = id >= ID_OWN ? take_own(&tool->options[id - ID_OWN], err) : take_common(c, id, err);
    }
    if (!r && optind < argc && !(tool->flags & TOOL_OPERANDS) && !c->help && !c->version)
        return err_set(err, ERR_USAGE, "unexpected operand '%s'", argv[optind]);
    c->args->operands = argv + optind;
    c->args->n_operands = argc - optind;
    return r;
}

static int load(const struct tool *tool, struct common *c, struct err *err)
{
    struct tool_args *a = c->args;
    struct str path = STR_INIT;
    size_t i;
    int r = conf_new(&a->conf, err);

    if (!r && a->config)
        r = conf_load(a->conf, a->config, err);
    for (i = 0; !r && i < c->n_sets; i++)
        r = conf_set(a->conf, c->sets[i], err);
    if (!r)
        r = conf_hash(a->conf, tool->sections, a->settings_hash, err);
    if (r)
        return r;
    a->jobs = c->jobs ? (unsigned)c->jobs : (unsigned)conf_int(a->conf, "run.jobs");
    if (a->jobs == 0)
        a->jobs = pool_default_jobs();
    shard_path(&a->shard, a->output, &path);
    a->shard_output = str_take(&path);
    return a->shard_output ? 0 : err_nomem(err);
}

static int print_config(const struct tool *tool, const struct tool_args *a, struct err *err)
{
    struct str s = STR_INIT;
    int r;

    str_addf(&s, "# %s %s\n", tool->name, TOOL_VERSION);
    r = conf_print(a->conf, tool->sections, &s, err);
    if (!r && (fputs(s.s, stdout) == EOF || fflush(stdout)))
        r = err_set_errno(err, ERR_IO, errno, "cannot write standard output");
    str_release(&s);
    return r;
}

static int merge(const struct tool *tool, const struct tool_args *a, struct err *err)
{
    const char *stage = strchr(tool->name, '-') + 1;
    int r;

    if (a->shard.count)
        return err_set(err, ERR_USAGE, "--merge and --shard do not go together");
    if (strcmp(a->output, "-") == 0)
        return err_set(err, ERR_USAGE, "--merge needs --output FILE");
    r = manifest_merge(a->output, stage, err);
    return !r && tool->after_merge ? tool->after_merge(a, err) : r;
}

static int check_request(const struct tool *tool, const struct tool_args *a, struct err *err)
{
    if (a->shard.count && strcmp(a->output, "-") == 0)
        return err_set(err, ERR_USAGE, "--shard needs --output FILE");
    if ((tool->flags & TOOL_INPUT) && strcmp(a->input, "-") == 0 && !a->merge &&
        isatty(STDIN_FILENO) && !(tool->flags & TOOL_OPERANDS && a->n_operands))
        return err_set(err, ERR_USAGE, "no input: give --input FILE, or a pipe");
    return 0;
}

bool tool_start(const struct tool *tool, int argc, char **argv, struct tool_args *args, int *status)
{
    struct common c = {.args = args};
    struct err err = {0};
    bool end = true;
    int r;

    *args = (struct tool_args){.input = "-", .output = "-"};
    *status = 0;
    setvbuf(stderr, NULL, _IOLBF, 0); /* each message is one write */
    msg_init(tool->name, MSG_WARNING);
    c.sets = mem_array((size_t)argc, sizeof(*c.sets));
    r = c.sets ? parse(tool, argc, argv, &c, &err) : err_nomem(&err);
    if (r) {
        msg_error("%s", err.text);
        *status = r == ERR_USAGE ? usage_error(tool) : err_exit_status(r);
        free(c.sets);
        return true;
    }
    msg_init(tool->name, args->quiet         ? MSG_ERROR
                         : args->verbose > 1 ? MSG_DEBUG
                         : args->verbose     ? MSG_INFO
                                             : MSG_WARNING);
    if (c.help) {
        print_help(stdout, tool);
    } else if (c.version) {
        printf("%s (Leakproof) %s\n", tool->name, TOOL_VERSION);
    } else {
        r = load(tool, &c, &err);
        if (!r && c.print_config)
            r = print_config(tool, args, &err);
        else if (!r && !(r = check_request(tool, args, &err))) {
            signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error value, EPIPE */
            atomic_catch_signals();
            if (args->merge)
                r = merge(tool, args, &err);
            else
                end = false;
        }
    }
    free(c.sets);
    if (end)
        *status = tool_finish(tool, args, r, &err);
    return end;
}

int tool_finish(const struct tool *tool, struct tool_args *args, int r, const struct err *err)
{
    int status = err_exit_status(r);

    (void)tool;
    if (r)
        msg_error("%s", err->code ? err->text : "failed without a reason");
    if ((fflush(stdout) || ferror(stdout)) && !status) {
        msg_error("cannot write standard output: %s", strerror(errno));
        status = err_exit_status(ERR_IO);
    }
    conf_free(args->conf);
    free(args->shard_output);
    *args = (struct tool_args){0};
    return r == ERR_USAGE ? usage_error(tool) : status;
}

int tool_check_failed(const struct tool_args *args, size_t failed, size_t total, const char *items,
                      struct err *err)
{
    double limit = conf_real(args->conf, "run.max_failed");

    if (failed == 0 || (double)failed <= limit * (double)total)
        return 0;
    return err_set(err, ERR_DATA, "%zu of %zu %s failed (run.max_failed is %g)", failed, total,
                   items, limit);
}

void tool_folders(const struct tool_args *args, struct str *in, struct str *out)
{
    const char *path = args->shard_output;

    str_clear(in);
    str_clear(out);
    if (strcmp(args->input, "-") == 0)
        str_add(in, ".");
    else
        fs_folder_of(args->input, in);
    if (strcmp(path, "-") == 0 || (fs_exists(path) && fs_size(path) < 0))
        str_add(out, ".");
    else
        fs_folder_of(path, out);
}
