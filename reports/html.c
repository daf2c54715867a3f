#include "reports/html.h"

#include <stdarg.h>
#include <stdint.h>

#include "reports/words.h"

void html_text(struct str *out, const char *text)
{
    struct str clean = STR_INIT;
    const char *s;

    if (!text)
        return;
    words_clean(&clean, text);
    if (str_failed(&clean))
        out->oom = true;
    for (s = clean.s; s && *s; s++) {
        switch (*s) {
        case '&':
            str_add(out, "&amp;");
            break;
        case '<':
            str_add(out, "&lt;");
            break;
        case '>':
            str_add(out, "&gt;");
            break;
        case '"':
            str_add(out, "&quot;");
            break;
        case '\'':
            str_add(out, "&#39;");
            break;
        default:
            str_add_c(out, *s);
        }
    }
    str_release(&clean);
}

void html_textf(struct str *out, const char *fmt, ...)
{
    struct str text = STR_INIT;
    va_list ap;

    va_start(ap, fmt);
    str_addv(&text, fmt, ap);
    va_end(ap);
    if (str_failed(&text))
        out->oom = true;
    html_text(out, text.s);
    str_release(&text);
}

void html_cell(struct str *out, const char *text)
{
    str_add(out, "<td>");
    html_text(out, text);
    str_add(out, "</td>");
}

void html_count(struct str *out, long long value)
{
    char number[WORDS_MAX];

    str_addf(out, "<td class=\"n\">%s</td>", words_count(value, number));
}

void html_head(struct str *out, const char *const *names)
{
    str_add(out, "<thead><tr>");
    for (; *names; names++) {
        bool number = **names == '#';

        str_add(out, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        html_text(out, *names + number);
        str_add(out, "</th>");
    }
    str_add(out, "</tr></thead>\n");
}

void html_row_name(struct str *out, const char *text)
{
    str_add(out, "<th scope=\"row\">");
    html_text(out, text);
    str_add(out, "</th>");
}

void html_table(struct str *out, const char *label)
{
    str_add(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_text(out, label);
    str_add(out, "\"><table>\n");
}

void html_table_end(struct str *out)
{
    str_add(out, "</table></div>\n");
}

void html_note(struct str *out, const char *kind, const char *text)
{
    str_addf(out, "<p class=\"%s\">", kind);
    html_text(out, text);
    str_add(out, "</p>\n");
}

/* RFC 4648, section 4. */
void html_data_uri(struct str *out, const char *type, const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *b = bytes;
    size_t i;

    str_addf(out, "data:%s;base64,", type);
    for (i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t v = (uint32_t)b[i] << 16;
        char four[4];

        if (left > 1)
            v |= (uint32_t)b[i + 1] << 8;
        if (left > 2)
            v |= b[i + 2];
        four[0] = digits[v >> 18];
        four[1] = digits[v >> 12 & 63];
        four[2] = left > 1 ? digits[v >> 6 & 63] : '=';
        four[3] = left > 2 ? digits[v & 63] : '=';
        str_add_n(out, four, 4);
    }
}
