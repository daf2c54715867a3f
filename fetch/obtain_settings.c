#include "fetch/obtain_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fetch/url.h"
#include "lib/fs.h"
#include "lib/msg.h"

static void read_net(struct obtain *o)
{
    const struct conf *c = o->args->conf;
    struct transfer_settings *t = &o->net.net;

    t->connections = (unsigned)conf_int(c, "fetch.connections");
    t->per_host = (unsigned)conf_int(c, "fetch.per_host");
    if (o->recipe == RECIPE_FFPP && t->per_host > FFPP_CONNECTIONS)
        t->per_host = FFPP_CONNECTIONS;
    if (t->per_host > t->connections)
        t->per_host = t->connections;
    t->bandwidth_bps = 1e6 * conf_real(c, "fetch.bandwidth");
    t->timeout_s = conf_real(c, "fetch.timeout_s");
    o->net.stall_s = conf_real(c, "fetch.stall_s");
    t->proxy = conf_string(c, "fetch.proxy");
    t->ca_file = conf_string(c, "fetch.ca_file");
    t->credentials = &o->credentials;
    o->net.retries = (unsigned)conf_int(c, "fetch.retries");
    o->net.retry_wait_s = conf_real(c, "fetch.retry_wait_s");
    o->net.jobs = o->args->jobs;
    o->net.root = o->root;
    o->net.folder = o->parts.s;
    o->unpack = (struct unpack_settings){
        .root = o->root, .folder = o->unpacking.s, .ratio = conf_real(c, "fetch.unpack_ratio")};
}

int obtain_settings(struct obtain *o, struct err *err)
{
    const struct conf *c = o->args->conf;
    const char *terms = conf_string(c, "fetch.terms");

    o->root = conf_string(c, "dataset.root");
    o->server = conf_string(c, "fetch.server");
    o->recipe = (enum recipe)conf_enum(c, "fetch.recipe");
    o->keep_archives = conf_bool(c, "fetch.keep_archives");
    o->agreed = conf_bool(c, "fetch.accept_terms");
    fs_join(o->root, ".lp-fetch", &o->work);
    fs_join(o->root, ".lp-fetch/parts", &o->parts);
    fs_join(o->root, ".lp-fetch/unpack", &o->unpacking);
    str_add(&o->terms, terms);
    if (!*terms && o->recipe == RECIPE_FFPP && url_is_http(o->server)) {
        str_release(&o->terms);
        url_join(o->server, FFPP_TERMS, &o->terms);
    }
    if (str_failed(&o->work) || str_failed(&o->parts) || str_failed(&o->unpacking) ||
        str_failed(&o->terms))
        return err_nomem(err);
    if (url_has_user(conf_string(c, "fetch.proxy")))
        return err_set(
            err, ERR_CONFIG,
            "fetch.proxy has a user or password in it: use the environment (https_proxy)");
    read_net(o);
    o->ffpp = (struct ffpp_recipe){
        .root = o->root, .masks = conf_bool(c, "fetch.masks"), .pairs = conf_int(c, "fetch.pairs")};
    o->ffpp.methods = conf_list(c, "dataset.methods", &o->ffpp.n_methods);
    o->ffpp.compressions = conf_list(c, "dataset.compression", &o->ffpp.n_compressions);
    return 0;
}

int obtain_items(struct obtain *o, struct err *err)
{
    const struct conf *c = o->args->conf;
    const char *list = conf_string(c, "fetch.list");
    size_t n, i;
    const char *const *from = conf_list(c, "fetch.from", &n);
    int r = 0;

    for (i = 0; i < n && !r; i++) {
        if (url_is_signed(from[i]))
            r = err_set(err, ERR_CONFIG,
                        "fetch.from: an address with a signature or a token is a secret: put it "
                        "into a file of your own and name that in fetch.list");
        else
            r = plan_add_item(&o->plan, from[i], "fetch.from", err);
    }
    if (!r && *list)
        r = plan_add_list(&o->plan, list, err);
    return r;
}

int obtain_sums(struct obtain *o, struct err *err)
{
    const char *path = conf_string(o->args->conf, "fetch.sums");
    size_t n;
    int r;

    if (!*path)
        return 0;
    r = plan_add_sums(&o->plan, path, &n, err);
    if (!r)
        msg_info("'%s' has the SHA-256 of %zu of %zu files", path, n, o->plan.n);
    return r;
}

int obtain_check_terms(struct obtain *o, struct err *err)
{
    struct str line = STR_INIT, path = STR_INIT;
    char when[32], *old = NULL;
    size_t size = 0;
    struct tm tm;
    time_t now = time(NULL);
    FILE *f;
    int r = 0;

    if (!o->terms.len)
        return 0;
    if (!o->agreed)
        return err_set(err, ERR_CONFIG,
                       "read the terms of use, %s, and if you agree set fetch.accept_terms: true",
                       o->terms.s);
    fs_join(o->work.s, "terms", &path);
    if (str_failed(&path))
        return err_nomem(err);
    if (fs_exists(path.s) && (r = fs_read(path.s, 1 << 20, &old, &size, err)))
        goto out;
    if (old && strstr(old, o->terms.s))
        goto out;
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    f = fopen(path.s, "ae");
    if (!f || fprintf(f, "%s accepted %s\n", when, o->terms.s) < 0 || fclose(f))
        r = err_set_errno(err, ERR_CREATE, errno, "cannot write '%s'", path.s);
out:
    free(old);
    str_release(&path);
    str_release(&line);
    return r;
}
