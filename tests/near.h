/* What the tests add to cmocka: its includes in the order it wants, closeness of reals, equality
 * of bytes with the first difference, scratch folders. Include first, alone. */
#ifndef LP_NEAR_H
#define LP_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/fs.h"

/* |a - b| <= abs + rel * |b| */
#define assert_near(a, b, abs, rel) near_check((a), (b), (abs), (rel), #a, __FILE__, __LINE__)

static inline void near_check(double a, double b, double abs_tol, double rel_tol, const char *what,
                              const char *file, int line)
{
    if (!(fabs(a - b) <= abs_tol + rel_tol * fabs(b))) {
        print_error("%s is %.17g, should be %.17g (off by %.3g)\n", what, a, b, fabs(a - b));
        _fail(file, line);
    }
}

#define assert_bytes(a, b, n) near_bytes((a), (b), (n), __FILE__, __LINE__)

static inline void near_bytes(const void *a, const void *b, size_t n, const char *file, int line)
{
    const unsigned char *x = a, *y = b;
    size_t i;

    for (i = 0; i < n; i++)
        if (x[i] != y[i]) {
            print_error("byte %zu of %zu is %u, should be %u\n", i, n, x[i], y[i]);
            _fail(file, line);
        }
}

/* Passes if r is 0; else shows the words of err. */
#define assert_ok(r, e) near_ok((r), (e), __FILE__, __LINE__)

static inline void near_ok(int r, const struct err *e, const char *file, int line)
{
    if (r < 0) {
        print_error("failed with %d: %s\n", r, e->text);
        _fail(file, line);
    }
}

/* Passes if r is `code` and the words hold `part`. Clears err for the next step. */
#define assert_fails(r, code, e, part) near_fails((r), (code), (e), (part), __FILE__, __LINE__)

static inline void near_fails(int r, int code, struct err *e, const char *part, const char *file,
                              int line)
{
    if (r != code || e->code != code || !strstr(e->text, part)) {
        print_error("returned %d (err %d: '%s'), should be %d with '%s'\n", r, e->code, e->text,
                    code, part);
        _fail(file, line);
    }
    err_clear(e);
}

/* Makes a scratch folder and moves into it; near_leave() removes it. */
static inline char *near_enter(void)
{
    char *dir = strdup("/tmp/lp-test-XXXXXX");

    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    return dir;
}

static inline void near_leave(char *dir)
{
    struct err err = {0};

    assert_int_equal(chdir("/"), 0);
    assert_int_equal(fs_remove_tree(dir, &err), 0);
    free(dir);
}

/* Writes a small text file. */
static inline void near_file(const char *path, const char *text)
{
    FILE *fp = fopen(path, "w");

    assert_non_null(fp);
    assert_true(fputs(text, fp) >= 0);
    assert_int_equal(fclose(fp), 0);
}

/* The content of a small file, for the caller to free. */
static inline char *near_read(const char *path)
{
    struct err err = {0};
    char *data;
    size_t size;

    assert_ok(fs_read(path, (size_t)1 << 26, &data, &size, &err), &err);
    return data;
}

#endif
