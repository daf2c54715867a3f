#include "tests/near.h"

#include "align/family.h"

static const struct family *find(const struct conf *c, const char *dataset, const char *a,
                                 const char *b)
{
    const char *methods[2] = {a, b};

    return family_find(c, dataset, methods, b ? 2 : a ? 1 : 0);
}

static void a_family_is_known_by_its_name(void **state)
{
    static const char *const names[][2] = {
        {"ffpp", "FaceForensics++"},
        {"FaceForensics++", "FaceForensics++"},
        {"Celeb-DF-v2", "Celeb-DF-v2"},
        {"celeb_df", "Celeb-DF-v2"},
        {"Celeb-DF-v1", "Celeb-DF-v1"},
        {"DFDC", "DFDC"},
        {"dfdc-preview", "DFDCP"},
        {"DeeperForensics-1.0", "DeeperForensics-1.0"},
        {"UADFV", "UADFV"},
    };
    struct conf *c;
    size_t i;

    (void)state;
    assert_int_equal(conf_new(&c, NULL), 0);
    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_string_equal(find(c, names[i][0], "whatever", NULL)->dataset, names[i][1]);
    assert_null(find(c, "mine", "whatever", NULL));
    assert_null(find(c, "cele", "whatever", NULL)); /* no part of a name */
    conf_free(c);
}

static void or_by_its_methods(void **state)
{
    struct conf *c;

    (void)state;
    assert_int_equal(conf_new(&c, NULL), 0);
    assert_string_equal(find(c, "heads", "original", "Deepfakes")->dataset, "FaceForensics++");
    assert_string_equal(find(c, "x", "original", "method_A")->dataset, "DFDCP");
    assert_string_equal(find(c, "x", "original", "undisclosed")->dataset, "DFDC");
    assert_string_equal(find(c, "x", "Celeb-real", "Celeb-synthesis")->dataset, "Celeb-DF-v2");
    assert_null(find(c, "x", "original", NULL));        /* of real videos alone, nobody can tell */
    assert_null(find(c, "x", "Deepfakes", "MyMethod")); /* one is not its own */
    conf_free(c);
}

static void or_as_the_settings_say(void **state)
{
    struct err err = {0};
    struct conf *c;

    (void)state;
    assert_int_equal(conf_new(&c, NULL), 0);
    assert_ok(conf_set(c, "align.family=celeb-df-v1", &err), &err);
    assert_string_equal(find(c, "ffpp", "Deepfakes", NULL)->dataset, "Celeb-DF-v1");
    assert_ok(conf_set(c, "align.family=uadfv", &err), &err);
    assert_string_equal(find(c, "ffpp", "Deepfakes", NULL)->dataset, "UADFV");
    assert_ok(conf_set(c, "align.family=none", &err), &err);
    assert_null(find(c, "ffpp", "Deepfakes", NULL));
    conf_free(c);
}

/* Every label of the tables is in DeepfakeBench's label_dict, and fakes and reals agree. */
static void labels_are_deepfakebenchs(void **state)
{
    static const char *const datasets[] = {"ffpp",  "celebdfv1",       "celebdfv2", "dfdc",
                                           "dfdcp", "deeperforensics", "uadfv"};
    struct conf *c;
    size_t i;

    (void)state;
    assert_int_equal(conf_new(&c, NULL), 0);
    for (i = 0; i < sizeof(datasets) / sizeof(*datasets); i++) {
        const struct family *f = find(c, datasets[i], NULL, NULL);
        const struct family_method *m;

        assert_non_null(f);
        for (m = f->methods; m->method; m++) {
            assert_true(family_label_known(m->label));
            assert_non_null(m->files[0]);
            assert_int_equal(family_file_has_compression(m->files[0]), f->compression);
            assert_ptr_equal(family_method(f, m->method), m);
            assert_null(strstr(m->folder, "frames"));
        }
    }
    assert_false(family_label_known("MyMethod"));
    conf_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_is_known_by_its_name),
        cmocka_unit_test(or_by_its_methods),
        cmocka_unit_test(or_as_the_settings_say),
        cmocka_unit_test(labels_are_deepfakebenchs),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("family", tests, NULL, NULL);
}
