#include "fetch/transfer.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "fetch/retry.h"
#include "fetch/url.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "lib/tool.h"

#define MAX_REDIRECTS   10
#define BUFFER_BYTES    262144L
#define SMALL_BODY      65536 /* of an error: read to its end, which keeps the connection */
#define CREDENTIALS_MAX 4     /* for one host */

struct transfer {
    struct transfers *owner;
    struct transfer *prev, *next; /* running, or free */
    CURL *easy;
    struct curl_slist *headers;
    char *url; /* may be a secret */
    long long lo, hi;
    char *if_range;
    void *user;
    unsigned redirects;
    struct transfer_reply reply;
    bool told;    /* header() was called */
    bool stopped; /* by a callback */
    long long dropped;
    char words[CURL_ERROR_SIZE];
};

struct transfers {
    CURLM *multi;
    struct transfer_settings s;
    struct transfer_calls calls;
    struct transfer *running, *spare;
    unsigned n_running;
};

/* ---- answers ---------------------------------------------------------------------------------*/

/* The value of the header `name`, without blanks around it; false if the line is another one. */
static bool value_of(const char *line, size_t n, const char *name, char out[TRANSFER_TEXT])
{
    size_t m = strlen(name);

    if (n <= m || strncasecmp(line, name, m) != 0 || line[m] != ':')
        return false;
    line += m + 1;
    n -= m + 1;
    while (n && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }
    while (n && strchr(" \t\r\n", line[n - 1]))
        n--;
    if (n >= TRANSFER_TEXT)
        n = 0;
    memcpy(out, line, n);
    out[n] = '\0';
    return true;
}

static void read_range(struct transfer_reply *r, const char *text)
{
    long long lo, hi, total;

    if (sscanf(text, "bytes %lld-%lld/%lld", &lo, &hi, &total) == 3 && lo >= 0 && hi >= lo &&
        total > hi) {
        r->lo = lo;
        r->hi = hi;
        r->total = total;
    }
}

static void start_reply(struct transfer_reply *r, int status)
{
    *r = (struct transfer_reply){
        .status = status, .length = -1, .lo = -1, .hi = -1, .total = -1, .retry_after_s = -1};
}

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct transfer_reply *r = &t->reply;
    char text[TRANSFER_TEXT], *end;

    n *= size;
    if (n > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
        const char *blank = memchr(line, ' ', n);

        start_reply(r, blank ? (int)strtol(blank, NULL, 10) : 0);
        return n;
    }
    if (value_of(line, n, "content-length", text)) {
        r->length = strtoll(text, &end, 10);
        if (*end || end == text)
            r->length = -1;
    } else if (value_of(line, n, "content-range", text)) {
        read_range(r, text);
    } else if (value_of(line, n, "retry-after", text)) {
        r->retry_after_s = retry_after_s(text, time(NULL));
    } else if (value_of(line, n, "etag", r->etag) ||
               value_of(line, n, "last-modified", r->last_modified) ||
               value_of(line, n, "content-type", r->content_type)) {
        ;
    } else if ((n == 2 && line[0] == '\r') || (n == 1 && line[0] == '\n')) {
        if (r->status >= 200 && (r->status < 300 || r->status >= 400) && !t->told) {
            t->told = true;
            if (t->owner->calls.header(t->user, r)) {
                t->stopped = true;
                return 0;
            }
        }
    }
    return n;
}

static size_t on_data(char *bytes, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;

    n *= size;
    if (t->reply.status >= 300) {
        t->dropped += (long long)n;
        return t->dropped > SMALL_BODY ? 0 : n;
    }
    if (!t->told || t->owner->calls.data(t->user, bytes, n)) {
        t->stopped = true;
        return 0;
    }
    return n;
}

/* ---- questions -------------------------------------------------------------------------------*/

static int add_header(struct transfer *t, const char *name, const char *value, struct err *err)
{
    struct str line = STR_INIT;
    struct curl_slist *more;

    str_addf(&line, "%s: %s", name, value);
    more = str_failed(&line) ? NULL : curl_slist_append(t->headers, line.s);
    if (line.s)
        explicit_bzero(line.s, line.len);
    str_release(&line);
    if (!more)
        return err_nomem(err);
    t->headers = more;
    return 0;
}

static int add_s3(struct transfer *t, const struct credential *c, struct err *err)
{
    struct str provider = STR_INIT;
    int r;

    str_addf(&provider, "aws:amz:%s:s3", c->region);
    if (str_failed(&provider))
        return err_nomem(err);
    curl_easy_setopt(t->easy, CURLOPT_AWS_SIGV4, provider.s);
    curl_easy_setopt(t->easy, CURLOPT_USERNAME, c->user);
    curl_easy_setopt(t->easy, CURLOPT_PASSWORD, c->secret);
    str_release(&provider);
    r = add_header(t, "x-amz-content-sha256", "UNSIGNED-PAYLOAD", err);
    if (!r && c->session)
        r = add_header(t, "x-amz-security-token", c->session, err);
    if (!r && c->requester_pays)
        r = add_header(t, "x-amz-request-payer", "requester", err);
    return r;
}

static int add_credential(struct transfer *t, const struct credential *c, struct err *err)
{
    CURL *e = t->easy;

    switch (c->kind) {
    case CREDENTIAL_NETRC:
        curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_REQUIRED);
        curl_easy_setopt(e, CURLOPT_NETRC_FILE, c->file);
        break;
    case CREDENTIAL_BASIC:
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(e, CURLOPT_USERNAME, c->user);
        curl_easy_setopt(e, CURLOPT_PASSWORD, c->secret);
        break;
    case CREDENTIAL_BEARER:
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(e, CURLOPT_XOAUTH2_BEARER, c->secret);
        break;
    case CREDENTIAL_COOKIES:
        curl_easy_setopt(e, CURLOPT_COOKIEFILE, c->file);
        break;
    case CREDENTIAL_S3:
        return add_s3(t, c, err);
    }
    return 0;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
           strncmp(host, "localhost:", 10) == 0 || strncmp(host, "[::1]", 5) == 0;
}

/* Sets all of the request for t->url and gives it to curl. */
static int ask(struct transfer *t, struct err *err)
{
    const struct transfer_settings *s = &t->owner->s;
    char host[URL_HOST_MAX], range[64];
    CURL *e = t->easy;
    size_t i;
    int r = 0;

    curl_easy_setopt(e, CURLOPT_COOKIEFILE, NULL); /* reset would lose the memory of its list */
    curl_easy_reset(e);
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    t->told = t->stopped = false;
    t->dropped = 0;
    t->words[0] = '\0';
    start_reply(&t->reply, 0);
    if (!url_is_http(t->url) || !url_host(t->url, host))
        return err_set(err, ERR_CONFIG, "an address names no host");
    curl_easy_setopt(e, CURLOPT_COOKIELIST, "ALL"); /* none of an earlier request */
    curl_easy_setopt(e, CURLOPT_URL, t->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "leakproof/" TOOL_VERSION);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    /* libcurl looks at the limit after up to a hundred buffers. */
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE,
                     s->bandwidth_bps > 0
                         ? (long)fmin((double)BUFFER_BYTES, fmax(1024, s->bandwidth_bps / 400))
                         : BUFFER_BYTES);
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(1000 * s->timeout_s));
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->words);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    if (*s->proxy)
        curl_easy_setopt(e, CURLOPT_PROXY, s->proxy);
    if (*s->ca_file)
        curl_easy_setopt(e, CURLOPT_CAINFO, s->ca_file);
    if (t->lo > 0 || t->hi >= 0) {
        if (t->hi >= 0)
            snprintf(range, sizeof(range), "%lld-%lld", t->lo, t->hi);
        else
            snprintf(range, sizeof(range), "%lld-", t->lo);
        curl_easy_setopt(e, CURLOPT_RANGE, range);
        if (t->if_range)
            r = add_header(t, "If-Range", t->if_range, err);
    }
    for (i = 0; i < CREDENTIALS_MAX && !r && s->credentials; i++) {
        const struct credential *c = credentials_find(s->credentials, host, i);

        if (!c)
            break;
        if (!url_is_https(t->url) && !is_loopback(host))
            return err_set(err, ERR_CONFIG,
                           "fetch.credentials: what '%s' may be told is not sent over plain http",
                           host);
        r = add_credential(t, c, err);
    }
    if (t->headers)
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
    if (!r && curl_multi_add_handle(t->owner->multi, e) != CURLM_OK)
        r = err_nomem(err);
    return r;
}

/* ---- running ---------------------------------------------------------------------------------*/

static void share_bandwidth(struct transfers *ts)
{
    struct transfer *t;
    curl_off_t each;

    if (ts->s.bandwidth_bps <= 0 || !ts->n_running)
        return;
    each = (curl_off_t)fmax(1024, ts->s.bandwidth_bps / ts->n_running);
    for (t = ts->running; t; t = t->next)
        curl_easy_setopt(t->easy, CURLOPT_MAX_RECV_SPEED_LARGE, each);
}

static void unlink_running(struct transfers *ts, struct transfer *t)
{
    if (t->prev)
        t->prev->next = t->next;
    else
        ts->running = t->next;
    if (t->next)
        t->next->prev = t->prev;
    ts->n_running--;
}

/* Out of the running ones, ready for another request. */
static void retire(struct transfers *ts, struct transfer *t)
{
    unlink_running(ts, t);
    if (t->url)
        explicit_bzero(t->url, strlen(t->url));
    free(t->url);
    free(t->if_range);
    t->url = t->if_range = NULL;
    t->prev = NULL;
    t->next = ts->spare;
    ts->spare = t;
    share_bandwidth(ts);
}

static int start(struct transfers *ts, struct transfer *t, const char *url, long long lo,
                 long long hi, const char *if_range, struct err *err)
{
    t->owner = ts;
    t->lo = lo;
    t->hi = hi;
    t->redirects = 0;
    t->url = mem_strdup(url);
    t->if_range = if_range && *if_range ? mem_strdup(if_range) : NULL;
    if (!t->url || (if_range && *if_range && !t->if_range))
        return err_nomem(err);
    return ask(t, err);
}

int transfer_start(struct transfers *ts, const char *url, long long lo, long long hi,
                   const char *if_range, void *user, struct transfer **out, struct err *err)
{
    struct transfer *t = ts->spare;
    int r;

    if (t) {
        ts->spare = t->next;
    } else {
        t = mem_array(1, sizeof(*t));
        if (!t || !(t->easy = curl_easy_init())) {
            free(t);
            return err_nomem(err);
        }
    }
    t->user = user;
    t->prev = NULL;
    t->next = ts->running;
    if (ts->running)
        ts->running->prev = t;
    ts->running = t;
    ts->n_running++;
    r = start(ts, t, url, lo, hi, if_range, err);
    if (r) {
        retire(ts, t);
        return r;
    }
    share_bandwidth(ts);
    *out = t;
    return 0;
}

void transfer_stop(struct transfers *ts, struct transfer *t)
{
    curl_multi_remove_handle(ts->multi, t->easy);
    retire(ts, t);
}

static enum transfer_end judge(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return TRANSFER_DONE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return TRANSFER_REFUSED;
    default:
        return TRANSFER_BROKEN;
    }
}

static void finish(struct transfers *ts, struct transfer *t, enum transfer_end how,
                   const char *text)
{
    void *user = t->user;
    char words[CURL_ERROR_SIZE];

    snprintf(words, sizeof(words), "%s", text);
    retire(ts, t);
    ts->calls.end(user, how, words);
}

/* Goes where a redirect points, or ends. */
static int follow(struct transfers *ts, struct transfer *t, struct err *err)
{
    char *to = NULL, *copy;
    bool down;
    int r;

    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to || !*to) {
        finish(ts, t, TRANSFER_REFUSED, "a redirect without an address");
        return 0;
    }
    if (!url_is_http(to)) {
        finish(ts, t, TRANSFER_REFUSED, "a redirect to something that is not http or https");
        return 0;
    }
    down = url_is_https(t->url) && !url_is_https(to);
    if (down) {
        finish(ts, t, TRANSFER_REFUSED, "a redirect from https to http");
        return 0;
    }
    if (++t->redirects > MAX_REDIRECTS) {
        finish(ts, t, TRANSFER_REFUSED, "too many redirects");
        return 0;
    }
    copy = mem_strdup(to);
    if (!copy)
        return err_nomem(err);
    explicit_bzero(t->url, strlen(t->url));
    free(t->url);
    t->url = copy;
    r = ask(t, err);
    if (!r)
        share_bandwidth(ts);
    return r;
}

static int handle_ends(struct transfers *ts, struct err *err)
{
    CURLMsg *m;
    int left, r = 0;

    while (!r && (m = curl_multi_info_read(ts->multi, &left))) {
        struct transfer *t = NULL;
        CURLcode code;
        int status;

        if (m->msg != CURLMSG_DONE)
            continue;
        code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        curl_multi_remove_handle(ts->multi, t->easy);
        status = t->reply.status;
        if (code == CURLE_OUT_OF_MEMORY)
            r = err_nomem(err);
        else if (t->stopped)
            finish(ts, t, TRANSFER_STOPPED, "");
        else if ((code == CURLE_OK || t->dropped > SMALL_BODY) && status >= 300 && status < 400)
            r = follow(ts, t, err);
        else if (t->told && t->dropped > SMALL_BODY) /* a long page about an error */
            finish(ts, t, TRANSFER_DONE, "");
        else if (code == CURLE_OK && !t->told)
            finish(ts, t, TRANSFER_BROKEN, "an answer without a head");
        else
            finish(ts, t, judge(code), t->words[0] ? t->words : curl_easy_strerror(code));
    }
    return r;
}

int transfers_run(struct transfers *ts, double wait_s, struct err *err)
{
    unsigned before = ts->n_running;
    int running, r;

    if (curl_multi_perform(ts->multi, &running) != CURLM_OK)
        return err_set(err, ERR_FAULT, "libcurl does not go on");
    if ((r = handle_ends(ts, err)))
        return r;
    /* Not when a request ended: another one may begin. */
    if (wait_s > 0 && ts->n_running == before && (unsigned)running == before)
        curl_multi_poll(ts->multi, NULL, 0, (int)ceil(1000 * wait_s), NULL);
    return 0;
}

void transfers_wake(struct transfers *ts)
{
    curl_multi_wakeup(ts->multi);
}

int transfers_new(struct transfers **out, const struct transfer_settings *s,
                  const struct transfer_calls *calls, struct err *err)
{
    struct transfers *ts = mem_array(1, sizeof(*ts));

    *out = NULL;
    if (!ts)
        return err_nomem(err);
    ts->s = *s;
    ts->calls = *calls;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) || !(ts->multi = curl_multi_init())) {
        free(ts);
        return err_set(err, ERR_SYSTEM, "libcurl does not start");
    }
    curl_multi_setopt(ts->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)s->connections);
    curl_multi_setopt(ts->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)s->per_host);
    curl_multi_setopt(ts->multi, CURLMOPT_MAXCONNECTS, (long)s->connections);
    *out = ts;
    return 0;
}

void transfers_free(struct transfers *ts)
{
    struct transfer *t;

    if (!ts)
        return;
    while (ts->running)
        transfer_stop(ts, ts->running);
    while ((t = ts->spare)) {
        ts->spare = t->next;
        curl_easy_cleanup(t->easy);
        curl_slist_free_all(t->headers);
        free(t);
    }
    curl_multi_cleanup(ts->multi);
    curl_global_cleanup();
    free(ts);
}
