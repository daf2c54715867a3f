#include "tests/near.h"

#include "lib/str.h"
#include "reports/figure.h"
#include "reports/gnuplot.h"
#include "reports/svg.h"

static void ids_and_references_get_the_prefix(void **state)
{
    static const char in[] = "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 10 20\"\n "
                             "xmlns=\"u\">\n<title>Gnuplot</title>\n"
                             "<desc>Produced by GNUPLOT</desc>\n<g id=\"gnuplot_canvas\">\n"
                             "<circle id='gpDot' r='1'/><use xlink:href='#gpDot' id='gpPt6'/>"
                             "<rect fill=\"url(#pattern1)\"/>\n"
                             "<g fill=\"none\" color=\"black\">\n</g>\n"
                             "<g fill=\"none\" color=\"red\">\n<path d='M1,2'/></g>\n"
                             "<text>id=\"not one\"</text></g>\n</svg>\n";
    struct str out = STR_INIT;
    struct err err = {0};

    (void)state;
    assert_ok(svg_fit(in, sizeof(in) - 1, "roc-video", "A <title>", "what is seen", &out, &err),
              &err);
    assert_ptr_equal(strstr(out.s, "<svg role=\"img\""), out.s);
    assert_non_null(strstr(out.s, "viewBox=\"0 0 10 20\""));
    assert_non_null(strstr(out.s, "<title id=\"roc-video-t\">A &lt;title&gt;</title>"));
    assert_non_null(strstr(out.s, "<desc id=\"roc-video-d\">what is seen</desc>"));
    assert_non_null(strstr(out.s, "aria-labelledby=\"roc-video-t roc-video-d\""));
    assert_non_null(strstr(out.s, "id=\"roc-video-gnuplot_canvas\""));
    assert_non_null(strstr(out.s, "xlink:href='#roc-video-gpDot' id='roc-video-gpPt6'"));
    assert_non_null(strstr(out.s, "url(#roc-video-pattern1)"));
    assert_null(strstr(out.s, "color=\"black\""));
    assert_non_null(strstr(out.s, "color=\"red\""));
    assert_null(strstr(out.s, "GNUPLOT"));
    assert_non_null(strstr(out.s, "</svg>"));
    str_release(&out);
}

static void what_is_no_svg_is_refused(void **state)
{
    static const char *const bad[] = {"", "<svg", "<svg viewBox=\"0 0 1 1\"></desc>",
                                      "<svg viewBox=\"0 0", "</desc></svg>"};
    struct err err = {0};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct str out = STR_INIT;

        assert_fails(svg_fit(bad[i], strlen(bad[i]), "x", "", "", &out, &err), ERR_FAULT, &err,
                     "no SVG");
        str_release(&out);
    }
}

static void the_date_of_a_pdf_is_fixed(void **state)
{
    char pdf[] = "x\n   /CreationDate (D:20261123032430Z)\n \0 /CreationDate (D:2026";
    static const char want[] = "x\n   /CreationDate (D:19700101000000Z)\n \0 /CreationDate (D:2026";

    (void)state;
    pdf_set_date(pdf, sizeof(pdf) - 1);
    assert_bytes(pdf, want, sizeof(want));
}

static void names_are_quoted_for_gnuplot(void **state)
{
    struct str s = STR_INIT;

    (void)state;
    figure_quote(&s, "it's `touch x` 5%\n\"", 100, false);
    assert_string_equal(s.s, "'it''s `touch x` 5% \"'");
    str_clear(&s);
    figure_quote(&s, "5%", 100, true);
    assert_string_equal(s.s, "'5%%'");
    str_release(&s);
}

static void tics_stay_apart(void **state)
{
    (void)state;
    assert_near(figure_tic_step(1.0), 0.5, 0, 1e-12);
    assert_near(figure_tic_step(0.6), 0.2, 0, 1e-12);
    assert_near(figure_tic_step(0.35), 0.1, 0, 1e-9);
    assert_near(figure_tic_step(0), 1, 0, 1e-12);
}

static struct figure *sketch(struct figures *list, const char *name, const char *title)
{
    struct figure *f = figures_add(list, name);
    double a[2] = {0, 1}, b[2] = {1, NAN}, c[2] = {2, 3};

    figure_begin(f, 300);
    figure_block(f, "points");
    figure_row(f, a, 2);
    figure_row(f, b, 2);
    figure_row(f, c, 2);
    str_addf(&f->script, "plot '%s.dat' index 0 using 1:2 with lines title ", name);
    figure_quote(&f->script, title, 80, false);
    str_add_c(&f->script, '\n');
    figure_end(f);
    return f;
}

static void a_figure_is_drawn_the_same_twice(void **state)
{
    static const char evil[] = "`touch pwned` 'q' <b>&amp; {/Bold x} %s a_b $x @m";
    struct figures list[2] = {{0}, {0}};
    struct err err = {0};
    char *dir = near_enter(), *svg[2], *pdf[2];
    int k;

    (void)state;
    for (k = 0; k < 2; k++) {
        char path[32];

        sketch(&list[k], "one", evil);
        sketch(&list[k], "two", "second")->drawn = k == 0;
        snprintf(path, sizeof(path), "out%d", k);
        assert_ok(figures_draw(&list[k], path, k + 1, &err), &err);
        snprintf(path, sizeof(path), "out%d/one.svg", k);
        svg[k] = near_read(path);
        snprintf(path, sizeof(path), "out%d/one.pdf", k);
        pdf[k] = near_read(path);
    }
    assert_string_equal(svg[0], svg[1]);
    assert_non_null(strstr(svg[0], "`touch pwned` 'q' &lt;b>&amp;amp; {/Bold x} %s a_b $x @m"));
    assert_false(fs_exists("pwned") || fs_exists("out0/pwned"));
    assert_memory_equal(pdf[0], "%PDF-", 5);
    assert_true(fs_exists("out0/one.gp") && fs_exists("out0/one.dat") && fs_exists("out0/two.svg"));
    assert_false(fs_exists("out1/two.svg") || fs_exists("out0/.work"));
    assert_non_null(strstr(list[0].figure[0].svg.s, "one-gpDot"));
    assert_non_null(strstr(list[0].figure[1].svg.s, "two-gpDot"));
    assert_null(list[1].figure[1].svg.s);
    /* Drawn no more: its files go, other people's stay. */
    near_file("out0/mine.txt", "x");
    near_file("out0/old.svg", "x");
    list[0].figure[1].drawn = false;
    str_clear(&list[0].figure[0].svg);
    assert_ok(figures_draw(&list[0], "out0", 1, &err), &err);
    assert_false(fs_exists("out0/two.svg") || fs_exists("out0/two.gp") ||
                 fs_exists("out0/old.svg"));
    assert_true(fs_exists("out0/mine.txt") && fs_exists("out0/one.svg"));
    for (k = 0; k < 2; k++) {
        free(svg[k]);
        free(pdf[k]);
        figures_release(&list[k]);
    }
    near_leave(dir);
}

static void a_drawing_can_be_made_again_alone(void **state)
{
    struct figures list = {0};
    struct err err = {0};
    char *dir = near_enter();

    (void)state;
    sketch(&list, "one", "x");
    assert_ok(figures_draw(&list, "out", 1, &err), &err);
    assert_int_equal(unlink("out/one.svg") | unlink("out/one.pdf"), 0);
    assert_ok(gnuplot_run("out", "one.gp", &err), &err);
    assert_true(fs_exists("out/one.svg") && fs_exists("out/one.pdf"));
    figures_release(&list);
    near_leave(dir);
}

static void gnuplot_s_words_come_back(void **state)
{
    struct figures list = {0};
    struct err err = {0};
    char *dir = near_enter();
    struct figure *f;

    (void)state;
    f = figures_add(&list, "bad");
    figure_begin(f, 100);
    str_add(&f->script, "plot nonsense(x)\n");
    assert_fails(figures_draw(&list, "out", 1, &err), ERR_FAULT, &err, "undefined function");
    assert_null(strchr(err.text, '\n'));
    assert_false(fs_exists("out/bad.svg") || fs_exists("out/.work"));
    figures_release(&list);
    near_leave(dir);
}

static void a_missing_gnuplot_names_its_package(void **state)
{
    char *path = strdup(getenv("PATH")), text[64];
    struct err err = {0};

    (void)state;
    setenv("PATH", "/nonexistent", 1);
    assert_fails(gnuplot_version(text, sizeof(text), &err), ERR_MISSING, &err, "gnuplot-nox");
    assert_fails(gnuplot_run("/", "x.gp", &err), ERR_MISSING, &err, "gnuplot-nox");
    setenv("PATH", path, 1);
    assert_ok(gnuplot_version(text, sizeof(text), &err), &err);
    assert_memory_equal(text, "gnuplot ", 8);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_references_get_the_prefix),
        cmocka_unit_test(what_is_no_svg_is_refused),
        cmocka_unit_test(the_date_of_a_pdf_is_fixed),
        cmocka_unit_test(names_are_quoted_for_gnuplot),
        cmocka_unit_test(tics_stay_apart),
        cmocka_unit_test(a_figure_is_drawn_the_same_twice),
        cmocka_unit_test(a_drawing_can_be_made_again_alone),
        cmocka_unit_test(gnuplot_s_words_come_back),
        cmocka_unit_test(a_missing_gnuplot_names_its_package),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
