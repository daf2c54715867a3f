#include "tests/near.h"

#include <fcntl.h>

#include "lib/tool.h"

static bool own_flag;
static const char *own_text;
static long long own_number;

static const struct tool_option own_options[] = {
    {'a', "audit", OPTION_FLAG, &own_flag, 0, 0, NULL, "audit"},
    {0, "text", OPTION_STRING, &own_text, 0, 0, "TEXT", "a text"},
    {0, "number", OPTION_INT, &own_number, 1, 9, "N", "a number"},
    {0},
};

static const struct tool tool = {
    .name = "lp-extract",
    .summary = "Test tool",
    .usage = "-o FILE",
    .sections = "run,extract",
    .flags = TOOL_OUTPUT | TOOL_SHARD,
    .options = own_options,
};

/* Starts the tool with these words and stdout, stderr caught in files out and err. */
static bool start(struct tool_args *args, int *status, const char *line)
{
    static char words[512];
    char name[] = "lp-extract", *argv[32] = {name}, *save = NULL, *w;
    int argc = 1, saved[2] = {dup(1), dup(2)}, fd;
    bool end;

    snprintf(words, sizeof(words), "%s", line);
    for (w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    fflush(stdout);
    fd = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(fd, 1);
    close(fd);
    fd = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(fd, 2);
    close(fd);
    end = tool_start(&tool, argc, argv, args, status);
    fflush(stdout);
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    close(saved[0]);
    close(saved[1]);
    return end;
}

static void assert_says(const char *file, const char *words)
{
    char *text = near_read(file);

    if (!strstr(text, words)) {
        print_error("'%s' holds '%s', should hold '%s'\n", file, text, words);
        fail();
    }
    free(text);
}

static void ends_with_the_right_status(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *file, *words;
    } cases[] = {
        {"--help", 0, "out", "Usage: lp-extract"},
        {"-h --nonsense", 64, "err", "unknown option '--nonsense'"},
        {"-h", 0, "out", "--number N"},
        {"--version", 0, "out", "lp-extract (Leakproof) " TOOL_VERSION},
        {"--nonsense", 64, "err", "unknown option '--nonsense'"},
        {"-z", 64, "err", "unknown option '-z'"},
        {"-j", 64, "err", "needs an argument"},
        {"-j 0", 64, "err", "invalid argument '0' for --jobs"},
        {"-j 2x", 64, "err", "invalid argument '2x' for --jobs"},
        {"--number 10", 64, "err", "should be a whole number in 1..9"},
        {"operand", 64, "err", "unexpected operand 'operand'"},
        {"-i x", 64, "err", "unknown option '-i'"}, /* this tool takes no input */
        {"--shard 1/2", 64, "err", "--shard needs --output"},
        {"--shard 2/2 -o x", 64, "err", "--shard"},
        {"--merge", 64, "err", "--merge needs --output"},
        {"--merge --shard 0/2 -o x", 64, "err", "do not go together"},
        {"-c missing.yaml", 66, "err", "missing.yaml"},
        {"-c bad.yaml", 78, "err", "bad.yaml:1: unknown section"},
        {"--set extract.frames=no", 78, "err", "extract.frames"},
        {"--set extract", 64, "err", "SECTION.KEY=VALUE"},
        {"--print-config -s extract.frames=5", 0, "out", "frames: 5"},
        {"--merge -o none.tsv", 66, "err", "no shards"},
    };
    char *dir = near_enter();
    size_t i;

    (void)state;
    near_file("bad.yaml", "nope: 1\n");
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tool_args args;
        int status;

        assert_true(start(&args, &status, cases[i].line));
        if (status != cases[i].status)
            print_error("'%s' ends with %d\n", cases[i].line, status);
        assert_int_equal(status, cases[i].status);
        assert_says(cases[i].file, cases[i].words);
    }
    near_leave(dir);
}

static void fills_the_arguments(void **state)
{
    char *dir = near_enter();
    struct tool_args args;
    struct err err = {0};
    int status;

    (void)state;
    assert_false(start(&args, &status,
                       "-a --text=hello --number 3 -o d/x.tsv --shard 1/4 -j 5 -vv "
                       "-s extract.frames=9"));
    assert_true(own_flag);
    assert_string_equal(own_text, "hello");
    assert_int_equal(own_number, 3);
    assert_string_equal(args.output, "d/x.tsv");
    assert_string_equal(args.shard_output, "d/x.1-of-4.tsv");
    assert_int_equal(args.jobs, 5);
    assert_int_equal(args.verbose, 2);
    assert_int_equal(conf_int(args.conf, "extract.frames"), 9);
    assert_int_equal(strlen(args.settings_hash), 64);
    assert_ok(tool_check_failed(&args, 0, 0, "videos", &err), &err);
    assert_ok(tool_check_failed(&args, 1, 10, "videos", &err), &err);
    assert_fails(tool_check_failed(&args, 2, 10, "videos", &err), ERR_DATA, &err,
                 "2 of 10 videos failed");
    assert_int_equal(tool_finish(&tool, &args, 0, &err), 0);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_with_the_right_status),
        cmocka_unit_test(fills_the_arguments),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tool", tests, NULL, NULL);
}
