/* Score files: numbers, JSON lines, delimited text, and what is wrong with them. */
#include "tests/near.h"

#include "evaluate/dataset.h"
#include "evaluate/json_line.h"
#include "evaluate/number.h"
#include "evaluate/score_lines.h"
#include "lib/rng.h"

static int open_scores(struct score_reader **r, const char *path, const char *const *renames,
                       size_t n, struct err *err)
{
    struct score_source s = {.path = path, .renames = renames, .n_renames = n, .npy_column = -1};

    return score_reader_open(r, &s, err);
}

static enum number_kind parse(const char *text, double *v)
{
    return number_parse(text, strlen(text), v);
}

static void numbers_are_those_of_strtod(void **state)
{
    char text[64];
    struct rng g;
    int i;

    (void)state;
    rng_init(&g, 7, 0, "numbers", "test");
    for (i = 0; i < 200000; i++) {
        int digits = 1 + (int)rng_below(&g, 19), power = (int)rng_below(&g, 60) - 30;
        double x = ldexp(rng_uniform(&g) - 0.5, (int)rng_below(&g, 80) - 40), v = NAN;

        switch (i % 4) {
        case 0:
            snprintf(text, sizeof(text), "%.*f", digits, x);
            break;
        case 1:
            snprintf(text, sizeof(text), "%.*e", digits, x);
            break;
        case 2:
            snprintf(text, sizeof(text), "%ue%d", rng_u32(&g), power);
            break;
        default:
            snprintf(text, sizeof(text), "0.%06u", rng_below(&g, 1000000));
        }
        assert_int_equal(parse(text, &v), NUMBER_FINITE);
        if (v != strtod(text, NULL))
            fail_msg("'%s' is read as %.17g", text, v);
    }
}

static void numbers_hard_to_round(void **state)
{
    static const char *const texts[] = {"9007199254740993",
                                        "0.1e-22",
                                        "1.7976931348623157e308",
                                        "4.9e-324",
                                        "2.2250738585072011e-308",
                                        "1e23",
                                        "-0",
                                        "+.5",
                                        "5.",
                                        "1E+2",
                                        "123456789012345678901234567890",
                                        "0.500000000000000166533453693773481063544750213623046875",
                                        " 0.25 "};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double v = NAN;

        assert_int_equal(parse(texts[i], &v), NUMBER_FINITE);
        assert_true(v == strtod(texts[i], NULL));
    }
}

static void what_is_no_number(void **state)
{
    static const struct {
        const char *text;
        enum number_kind kind;
    } cases[] = {{"", NUMBER_MISSING},           {".", NUMBER_MISSING},
                 {"NA", NUMBER_MISSING},         {"nan", NUMBER_NAN},
                 {"-NaN", NUMBER_NAN},           {"inf", NUMBER_INFINITE},
                 {"-Infinity", NUMBER_INFINITE}, {"1e999", NUMBER_INFINITE},
                 {"0x1p3", NUMBER_MALFORMED},    {"1,5", NUMBER_MALFORMED},
                 {"1e", NUMBER_MALFORMED},       {"--1", NUMBER_MALFORMED},
                 {"1 2", NUMBER_MALFORMED},      {"e5", NUMBER_MALFORMED},
                 {"nano", NUMBER_MALFORMED},     {"1e+", NUMBER_MALFORMED},
                 {"-", NUMBER_MALFORMED}};
    size_t i;
    double v;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (parse(cases[i].text, &v) != cases[i].kind)
            fail_msg("'%s' is taken for kind %d", cases[i].text, (int)parse(cases[i].text, &v));
}

static char seen[512];

static void collect(void *ctx, const char *key, size_t key_len, char *value, size_t len)
{
    size_t n = strlen(seen);

    (void)ctx;
    snprintf(seen + n, sizeof(seen) - n, "%.*s=%.*s;", (int)key_len, key, (int)len, value);
}

static const char *json(const char *text)
{
    static char line[512];

    seen[0] = 0;
    snprintf(line, sizeof(line), "%s", text);
    return json_line_read(line, strlen(line), collect, NULL);
}

static void json_lines(void **state)
{
    (void)state;
    assert_null(json("{\"id\": \"a\\u00e9\\n\\\"\", \"score\":1e-3 ,\"x\":null,\"t\":true}"));
    assert_string_equal(seen, "id=a\xc3\xa9\n\";score=1e-3;x=;t=true;");
    assert_null(json("{}"));
    assert_null(json("{\"a\":[1,{\"b\":\"]\"}],\"c\":\"\\ud83d\\ude00\"}"));
    assert_string_equal(seen, "c=\xf0\x9f\x98\x80;");
    assert_non_null(json("{\"a\":1"));
    assert_non_null(json("{\"a\":}"));
    assert_non_null(json("{\"a\":\"\\x\"}"));
    assert_non_null(json("{\"a\":\"\\ud800\"}"));
    assert_non_null(json("{\"a\":[1}"));
    assert_non_null(json("{a:1}"));
    assert_non_null(json("{\"a\":1}x"));
    assert_non_null(json("[1]"));
    assert_non_null(json("{\"a\":1,}"));
}

/* A row as text: "score|id|video|label", missing as "-". */
static const char *show(const struct score_row *row)
{
    static const enum score_column wanted[] = {COLUMN_SCORE, COLUMN_ID, COLUMN_VIDEO, COLUMN_LABEL};
    static char text[256];
    size_t i, n = 0;

    for (i = 0; i < 4; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", i ? "|" : "",
                              row->at[wanted[i]] ? (int)row->len[wanted[i]] : 1,
                              row->at[wanted[i]] ? row->at[wanted[i]] : "-");
    return text;
}

static void formats_say_the_same(void **state)
{
    static const char *const files[] = {
        "video\tscore\tlabel\tid\nv 1\t0.5\tfake\ta\nv2\t-1\treal\tb\n",
        "score,id,junk,video,label\r\n0.5,a,,v 1,fake\r\n-1,b,\"x,\"\"y\",v2,real",
        "\xef\xbb\xbf# made by hand\nid,score,video,label\n\"a\",0.5,\"v "
        "1\",fake\n\nb,-1,v2,real\n",
        "{\"score\":0.5,\"id\":\"a\",\"video\":\"v 1\",\"label\":\"fake\",\"extra\":[1]}\n"
        "{\"label\":\"real\",\"video\":\"v2\",\"score\":-1,\"id\":\"b\"}\n",
        "#lp-manifest\tversion=1\nid\tscore\tvideo\tlabel\na\t0.5\tv%201\tfake\nb\t-1\tv2\treal\n",
    };
    char *dir = near_enter();
    struct err err = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct score_reader *r;
        struct score_row row;

        near_file("s", files[i]);
        assert_ok(open_scores(&r, "s", NULL, 0, &err), &err);
        assert_int_equal(score_reader_next(r, &row, &err), 1);
        assert_string_equal(show(&row), "0.5|a|v 1|fake");
        assert_int_equal(score_reader_next(r, &row, &err), 1);
        assert_string_equal(show(&row), "-1|b|v2|real");
        assert_int_equal(score_reader_next(r, &row, &err), 0);
        score_reader_close(r);
    }
    near_leave(dir);
}

static void columns_by_alias_and_by_wish(void **state)
{
    static const char *const wish[] = {"score=p_fake", "id=score"};
    static const char *const wrong[] = {"colour=red"};
    char *dir = near_enter();
    struct err err = {0};
    struct score_reader *r;
    struct score_row row;

    (void)state;
    near_file("s", "File,LABEL,p_fake,score\nx.png,1,0.25,key\n");
    assert_ok(open_scores(&r, "s", wish, 2, &err), &err);
    assert_int_equal(score_reader_next(r, &row, &err), 1);
    assert_string_equal(show(&row), "0.25|key|-|1");
    assert_memory_equal(row.at[COLUMN_PATH], "x.png", 5);
    score_reader_close(r);
    assert_fails(open_scores(&r, "s", wrong, 1, &err), ERR_CONFIG, &err, "colour=red");
    near_file("s", "score,video,image,path\n1,v,b,a\n");
    assert_ok(open_scores(&r, "s", NULL, 0, &err), &err);
    assert_int_equal(score_reader_next(r, &row, &err), 1);
    assert_memory_equal(row.at[COLUMN_PATH], "a", 1);
    score_reader_close(r);
    near_leave(dir);
}

static void damaged_files(void **state)
{
    static const struct {
        const char *text, *part;
    } heads[] = {{"", "empty"},
                 {"# nothing\n\n", "empty"},
                 {"id\tvideo\n", "no column 'score'"},
                 {"score,label\n", "no column 'id', 'path' or 'video'"},
                 {"score,id,score\n", "there twice"},
                 {"score,\"id\n", "does not end"},
                 {"{\"score\":1\n", "line 1"}};
    char *dir = near_enter();
    struct err err = {0};
    struct score_reader *r;
    struct score_row row;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        near_file("s", heads[i].text);
        assert_fails(open_scores(&r, "s", NULL, 0, &err), ERR_DATA, &err, heads[i].part);
    }
    assert_fails(open_scores(&r, "missing", NULL, 0, &err), ERR_NOINPUT, &err, "missing");
    assert_fails(open_scores(&r, ".", NULL, 0, &err), ERR_NOINPUT, &err, "'.'");
    near_file("s", "score,id\n1\n2,b,c\n3,\"d\n4,e\n");
    assert_ok(open_scores(&r, "s", NULL, 0, &err), &err);
    assert_fails(score_reader_next(r, &row, &err), SCORE_LINE_BAD, &err, "line 2: fewer fields");
    assert_fails(score_reader_next(r, &row, &err), SCORE_LINE_BAD, &err, "line 3: more fields");
    assert_fails(score_reader_next(r, &row, &err), SCORE_LINE_BAD, &err, "line 4: a quoted field");
    assert_int_equal(score_reader_next(r, &row, &err), 1);
    assert_string_equal(show(&row), "4|e|-|-");
    score_reader_close(r);
    near_leave(dir);
}

/* Lines that straddle the pieces in which a file is read. */
static void long_files(void **state)
{
    char *dir = near_enter();
    struct err err = {0};
    struct score_reader *r;
    struct score_row row;
    FILE *fp = fopen("s", "w");
    int i;

    (void)state;
    fprintf(fp, "score,id,video\n");
    for (i = 0; i < 100000; i++)
        fprintf(fp, "%d,row-%d-%0*d,v\n", i, i, 1 + i % 60, 0);
    fclose(fp);
    assert_ok(open_scores(&r, "s", NULL, 0, &err), &err);
    for (i = 0; i < 100000; i++) {
        char want[128];

        assert_int_equal(score_reader_next(r, &row, &err), 1);
        assert_int_equal(row.line, i + 2);
        snprintf(want, sizeof(want), "%d|row-%d-%0*d|v|-", i, i, 1 + i % 60, 0);
        if (strcmp(show(&row), want))
            fail_msg("row %d is '%s'", i, show(&row));
    }
    assert_int_equal(score_reader_next(r, &row, &err), 0);
    score_reader_close(r);
    near_leave(dir);
}

/* ---- rows to frames --------------------------------------------------------------------------*/

static size_t load(const char *text, enum policy policy, const char *kind, struct dataset *d)
{
    struct dataset_policy p = {
        .bad_score = policy, .unknown = policy, .duplicate = policy, .mixed = policy};
    struct problems problems = {0};
    struct err err = {0};
    size_t n;

    near_file("s", text);
    memset(d, 0, sizeof(*d));
    assert_ok(dataset_scores(d, "s", &p, true, &problems, &err), &err);
    n = problems_of(&problems, kind);
    if (n && policy == POLICY_FAIL)
        assert_true(problems.fatal > 0);
    if (n && !strstr(problems.p[0].text, "'s' line "))
        fail_msg("'%s' does not say where", problems.p[0].text);
    problems_release(&problems);
    return n;
}

static void problems_are_named(void **state)
{
    char *dir = near_enter();
    struct dataset d;

    (void)state;
    assert_int_equal(
        load("score,label,video\nnan,1,a\n,0,b\n1,1,a\n", POLICY_DROP, "bad-score", &d), 2);
    assert_int_equal(d.model[0].n, 1);
    assert_int_equal(d.model[0].dropped, 2);
    dataset_release(&d);
    assert_int_equal(load("score,label,video\n1,1,a\n2,0,a\n", POLICY_DROP, "mixed-labels", &d), 1);
    dataset_release(&d);
    assert_int_equal(load("score,label,video\n1,maybe,a\n2,0,b\n", POLICY_DROP, "mixed-labels", &d),
                     1);
    dataset_release(&d);
    assert_int_equal(
        load("score,label,video,frame\n1,1,a,3\n2,1,a,4\n3,1,a,3\n", POLICY_DROP, "duplicate", &d),
        1);
    assert_int_equal(d.model[0].n, 2);
    dataset_release(&d);
    assert_int_equal(load("score,label,video,id\n1,1,a,x\n2,0,b,x\n", POLICY_FAIL, "duplicate", &d),
                     1);
    dataset_release(&d);
    assert_int_equal(
        load("score,label,video,face_id\n1,1,a,x\n2,1,a,y\n", POLICY_FAIL, "bad-row", &d), 1);
    dataset_release(&d);
    near_leave(dir);
}

/* The same name under two methods is two videos; a whole key says what its columns would. */
static void a_video_is_more_than_its_name(void **state)
{
    char *dir = near_enter();
    struct dataset d;
    size_t i;

    (void)state;
    load("score,label,video,method,dataset\n1,1,000_003,Deepfakes,ffpp\n1,1,000_003,FaceSwap,ffpp\n"
         "0,0,003,.,ffpp\n",
         POLICY_FAIL, "none", &d);
    assert_int_equal(d.n_videos, 3);
    assert_string_equal(names_text(&d.keys, 0), "ffpp/Deepfakes/-/000_003");
    dataset_release(&d);
    load("score,label,video\n1,1,ffpp/Deepfakes/c23/000_003\n1,0,ffpp/real/c23/000\n", POLICY_FAIL,
         "none", &d);
    assert_int_equal(d.n_videos, 2);
    assert_string_equal(names_text(&d.names, d.video[0].method), "Deepfakes");
    assert_string_equal(names_text(&d.names, d.video[0].compression), "c23");
    dataset_release(&d);
    load("score,label,video,dataset,method,compression\n"
         "1,1,ffpp/Deepfakes/c23/000_003,ffpp,Deepfakes,c23\n1,1,000_003,ffpp,Deepfakes,c23\n",
         POLICY_FAIL, "none", &d);
    assert_int_equal(d.n_videos, 1);
    for (i = 0; i < 2; i++)
        assert_int_equal(d.model[0].video[i], 0);
    dataset_release(&d);
    near_leave(dir);
}

static const char manifest[] =
    "#lp-manifest\tversion=1\tstage=align\ttool=0\tsettings=sha256:0\tinput=sha256:0\n"
    "id\tvideo\tlabel\timage\tstatus\treason\n"
    "a/1\td/m/c/a\tfake\tfaces/a/1.png\tok\t.\n"
    "a/2\td/m/c/a\tfake\tfaces/a/2.png\tok\t.\n"
    "b/1\td/real/c/b\treal\tfaces/b/1.png\tok\t.\n"
    "c/9\td/real/c/c\treal\t.\tfail\tno face\n";

static void frames_found_by_id_and_path(void **state)
{
    static const struct {
        const char *text;
        size_t n, unknown;
    } cases[] = {
        {"id,score\na/1,1\nb/1,0\n", 2, 0},
        {"id,score\na/1,1\na/3,0\n", 1, 1},
        {"path,score\nfaces/a/1.png,1\n/data/x/faces/b/1.png,0\n./faces/a/2.png,1\n", 3, 0},
        {"path,score\na/1.png,1\nb/1.png,0\n2.png,1\n", 3, 0},
        {"path,score\n1.png,1\nfaces/a/2.png,1\n", 1, 1}, /* two images end so */
        {"path,score\nces/a/1.png,1\nfaces/a/2.png,1\n", 1, 1},
        {"id,score\n.,1\na/2,1\n", 1, 0},
    };
    char *dir = near_enter();
    struct dataset_policy p = {
        .bad_score = POLICY_DROP, .unknown = POLICY_DROP, .duplicate = POLICY_DROP};
    struct err err = {0};
    size_t i;

    (void)state;
    near_file("m", manifest);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct problems problems = {0};
        struct dataset d = {0};

        near_file("s", cases[i].text);
        assert_ok(dataset_manifest(&d, "m", &err), &err);
        assert_ok(dataset_scores(&d, "s", &p, false, &problems, &err), &err);
        assert_int_equal(d.model[0].n, cases[i].n);
        assert_int_equal(problems_of(&problems, "unknown-id"), cases[i].unknown);
        assert_int_equal(d.video[d.model[0].video[0]].label, 1);
        problems_release(&problems);
        dataset_release(&d);
    }
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(numbers_hard_to_round),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(formats_say_the_same),
        cmocka_unit_test(columns_by_alias_and_by_wish),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(long_files),
        cmocka_unit_test(problems_are_named),
        cmocka_unit_test(a_video_is_more_than_its_name),
        cmocka_unit_test(frames_found_by_id_and_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
