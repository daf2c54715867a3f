#include "fetch/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool url_is_https(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0;
}

bool url_is_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || url_is_https(url);
}

bool url_has_scheme(const char *url)
{
    size_t n = 0;

    while (isalnum((unsigned char)url[n]) || (n && strchr("+-.", url[n]) && url[n]))
        n++;
    return n > 0 && isalpha((unsigned char)url[0]) && strncmp(url + n, "://", 3) == 0;
}

/* Where the host and what precedes it begin, and how long that is. */
static const char *authority(const char *url, size_t *n)
{
    const char *p = strstr(url, "://");

    p = p ? p + 3 : url + strlen(url);
    *n = strcspn(p, "/?#");
    return p;
}

bool url_has_user(const char *url)
{
    size_t n;
    const char *p = authority(url, &n);

    return memchr(p, '@', n) != NULL;
}

bool url_is_signed(const char *url)
{
    static const char *const names[] = {
        "signature",
        "sig",
        "x-amz-signature",
        "x-amz-security-token",
        "x-goog-signature",
        "token",
        "sastoken",
        "access_token",
        "auth",
        "password",
        "key",
        "api_key",
        "key-pair-id",
    };
    const char *p = strchr(url, '?');

    while (p && *p) {
        size_t n = strcspn(++p, "=&#"), i;

        for (i = 0; i < sizeof(names) / sizeof(*names); i++)
            if (strlen(names[i]) == n && strncasecmp(p, names[i], n) == 0)
                return true;
        p += strcspn(p, "&");
    }
    return false;
}

bool url_host(const char *url, char out[URL_HOST_MAX])
{
    const char *c, *p, *at, *own;
    size_t n, i;

    out[0] = '\0';
    for (c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 127)
            return false;
    p = authority(url, &n);
    if (memchr(p, '\\', n)) /* some would read what is behind it as a path */
        return false;
    at = memrchr(p, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    if (n == 0 || n >= URL_HOST_MAX || *p == ':')
        return false;
    for (i = 0; i < n; i++)
        out[i] = (char)tolower((unsigned char)p[i]);
    out[n] = '\0';
    own = url_is_https(url) ? ":443" : ":80";
    if (n > strlen(own) && strcmp(out + n - strlen(own), own) == 0 && out[n - 1] != ']')
        out[n - strlen(own)] = '\0';
    return true;
}

void url_public(const char *url, struct str *out)
{
    size_t n;
    const char *p = authority(url, &n), *at = memrchr(p, '@', n), *host = at ? at + 1 : p;

    str_clear(out);
    str_add_n(out, url, (size_t)(p - url));
    str_add_n(out, host, strcspn(host, "?#"));
    if (strchr(host, '?'))
        str_add(out, "?...");
}

static bool is_plain(unsigned char c)
{
    return isalnum(c) || strchr("-._~/+,:=@!$&'()*;", c);
}

void url_join(const char *base, const char *name, struct str *out)
{
    const char *c;

    str_clear(out);
    if (url_has_scheme(name)) {
        str_add(out, name);
        return;
    }
    str_add(out, base);
    if (!out->len || out->s[out->len - 1] != '/')
        str_add_c(out, '/');
    for (c = name; *c; c++) {
        /* What is encoded already stays as it is. */
        bool encoded = *c == '%' && isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2]);

        if (encoded || is_plain((unsigned char)*c))
            str_add_c(out, *c);
        else
            str_addf(out, "%%%02X", (unsigned char)*c);
    }
}

static void decode(const char *p, size_t n, struct str *out)
{
    size_t i;

    for (i = 0; i < n; i++) {
        char hex[3] = {0};

        if (p[i] == '%' && i + 2 < n && isxdigit((unsigned char)p[i + 1]) &&
            isxdigit((unsigned char)p[i + 2])) {
            memcpy(hex, p + i + 1, 2);
            str_add_c(out, (char)strtol(hex, NULL, 16));
            i += 2;
        } else {
            str_add_c(out, p[i]);
        }
    }
}

void url_last_part(const char *url, struct str *out)
{
    size_t n;
    const char *p = url, *end, *slash;

    str_clear(out);
    if (url_has_scheme(url)) {
        p = authority(url, &n);
        p += n;
    }
    end = p + strcspn(p, "?#");
    slash = memrchr(p, '/', (size_t)(end - p));
    p = slash ? slash + 1 : p;
    decode(p, (size_t)(end - p), out);
    if (!out->s)
        str_add(out, "");
}

bool url_file_path(const char *url, struct str *out)
{
    const char *p;

    str_clear(out);
    if (strncasecmp(url, "file://", 7) != 0)
        return false;
    p = url + 7;
    if (strncasecmp(p, "localhost/", 10) == 0)
        p += 9;
    if (*p != '/')
        return false;
    decode(p, strlen(p), out);
    return true;
}
