#include "reports/svg.h"

#include <ctype.h>
#include <string.h>

#include "reports/html.h"

/* True if `word` stands at p (before end). */
static bool at(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

/* gnuplot opens a group for each change of colour or width, mostly to put nothing into it. */
static const char *skip_empty_group(const char *p, const char *end)
{
    const char *close;

    if (!at(p, end, "<g fill=\"none\""))
        return p;
    close = memchr(p, '>', (size_t)(end - p));
    if (!close)
        return p;
    for (close++; close < end && isspace((unsigned char)*close); close++)
        ;
    return at(close, end, "</g>") ? close + 4 : p;
}

/* The longest run of `from` that needs no change is copied; ids and references get the prefix. */
static void copy_prefixed(const char *p, const char *end, const char *prefix, struct str *out)
{
    static const char *const before_id[] = {" id=\"", " id='", "href='#", "href=\"#", "url(#"};
    size_t i;

    while (p < end) {
        const char *next = skip_empty_group(p, end);

        if (next != p) {
            p = next;
            continue;
        }
        if (isspace((unsigned char)*p) && p + 1 < end && isspace((unsigned char)p[1])) {
            const char *stop = p;
            bool line = false;

            for (; stop < end && isspace((unsigned char)*stop); stop++)
                line = line || *stop == '\n';
            str_add_c(out, line ? '\n' : ' ');
            p = stop;
            continue;
        }
        for (i = 0; i < sizeof(before_id) / sizeof(*before_id); i++)
            if (at(p, end, before_id[i]))
                break;
        if (i < sizeof(before_id) / sizeof(*before_id)) {
            str_add(out, before_id[i]);
            str_addf(out, "%s-", prefix);
            p += strlen(before_id[i]);
        } else {
            str_add_c(out, *p++);
        }
    }
}

int svg_fit(const char *svg, size_t size, const char *prefix, const char *title,
            const char *description, struct str *out, struct err *err)
{
    const char *end = svg + size;
    const char *head = memmem(svg, size, "<svg", 4);
    const char *body = memmem(svg, size, "</desc>", 7);
    const char *view = memmem(svg, size, "viewBox=\"", 9);
    const char *view_end;

    if (!head || !body || !view || !(view_end = memchr(view + 9, '"', (size_t)(end - view - 9))) ||
        !memmem(body, (size_t)(end - body), "</svg>", 6))
        return err_set(err, ERR_FAULT, "gnuplot's drawing of '%s' is no SVG", prefix);
    str_addf(out,
             "<svg role=\"img\" aria-labelledby=\"%s-t %s-d\" %.*s\" "
             "xmlns=\"http://www.w3.org/2000/svg\" "
             "xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n<title id=\"%s-t\">",
             prefix, prefix, (int)(view_end - view), view, prefix);
    html_text(out, title);
    str_addf(out, "</title>\n<desc id=\"%s-d\">", prefix);
    html_text(out, description);
    str_add(out, "</desc>");
    copy_prefixed(body + 7, end, prefix, out);
    return str_failed(out) ? err_nomem(err) : 0;
}

void pdf_set_date(char *pdf, size_t size)
{
    static const char key[] = "/CreationDate (D:", date[] = "19700101000000";
    char *p = pdf, *end = pdf + size;

    while ((p = memmem(p, (size_t)(end - p), key, sizeof(key) - 1))) {
        p += sizeof(key) - 1;
        if ((size_t)(end - p) >= sizeof(date) - 1 && isdigit((unsigned char)*p))
            memcpy(p, date, sizeof(date) - 1);
    }
}
