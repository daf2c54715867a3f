/*
 * bench_fetch: what cataloguing costs. TSV lines `name value unit`:
 *   sha256       hash_file, beside sha256sum on the same file (64 MiB in the page cache)
 *   audit        components and audit of a data set of 6000 videos, made in memory
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fetch/audit.h"
#include "fetch/catalogue.h"
#include "lib/hash.h"
#include "lib/msg.h"

#define MIB 64

static int bench_hash(struct err *err)
{
    char path[] = "/tmp/lp-bench-XXXXXX", command[64], hex[HASH_HEX];
    static char block[1 << 20];
    double ours = INFINITY, theirs = INFINITY;
    int fd = mkstemp(path), i, r = 0;

    for (i = 0; i < MIB && fd >= 0; i++)
        if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
            r = err_set(err, ERR_IO, "cannot write '%s'", path);
    if (fd < 0)
        return err_set(err, ERR_CREATE, "cannot create '%s'", path);
    close(fd);
    snprintf(command, sizeof(command), "sha256sum %s >/dev/null", path);
    for (i = 0; i < 3 && !r; i++) {
        double start = msg_now_s();

        r = hash_file(path, hex, err);
        ours = fmin(ours, msg_now_s() - start);
        start = msg_now_s();
        if (system(command) == 0)
            theirs = fmin(theirs, msg_now_s() - start);
    }
    unlink(path);
    printf("fetch.sha256\t%.6g\tMiB/s\nfetch.sha256sum\t%.6g\tMiB/s\n", MIB / ours, MIB / theirs);
    return r;
}

static int bench_audit(struct err *err)
{
    struct catalogue c = {.dataset = "b", .root = "."};
    struct str rows = STR_INIT;
    double start = msg_now_s();
    size_t n;
    int i, r = 0;

    for (i = 0; i < 6000 && !r; i++) {
        char name[64], person[16];
        struct entry *e;

        snprintf(name, sizeof(name), "%d.mp4", i);
        r = catalogue_add(&c, "m", "-", NULL, name, 1, &e, err);
        snprintf(person, sizeof(person), "%d", i % 1000);
        if (!r)
            r = catalogue_person(&c, "", person, &e->target, err);
        snprintf(person, sizeof(person), "%d", (i + i / 1000) % 1000);
        if (!r)
            r = catalogue_person(&c, "", person, &e->donor, err);
        if (!r)
            e->split = (enum split)(1 + i % 3);
    }
    if (!r)
        r = catalogue_finish(&c, err);
    if (!r)
        r = audit_rows(&c, &rows, &n, err);
    if (!r)
        printf("fetch.audit\t%.6g\tvideos/s\n", 6000 / (msg_now_s() - start));
    catalogue_release(&c);
    str_release(&rows);
    return r;
}

int main(void)
{
    struct err err = {0};
    int r = bench_hash(&err);

    if (!r)
        r = bench_audit(&err);
    if (r)
        fprintf(stderr, "bench_fetch: %s\n", err.text);
    return r != 0;
}
