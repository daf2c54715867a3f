#include "reports/measure.h"

#include <math.h>

#include "reports/html.h"
#include "reports/words.h"

struct measure measure_make(double value, double lo, double hi, const char *undefined)
{
    struct measure m = {.there = true,
                        .defined = isfinite(value),
                        .value = value,
                        .lo = lo,
                        .hi = hi,
                        .design_effect = NAN,
                        .n = -1,
                        .n_positive = -1};

    m.interval = m.defined && isfinite(lo) && isfinite(hi);
    if (!m.defined)
        m.undefined = undefined ? undefined : "no reason is given";
    return m;
}

struct measure measure_read(const struct jsonr *n)
{
    const struct jsonr *ci = jsonr_get(n, "ci95");
    double value = NAN, lo = NAN, hi = NAN;
    struct measure m;

    if (jsonr_kind_of(n) != JSONR_OBJECT) {
        if (!jsonr_as_real(n, &value))
            return (struct measure){.design_effect = NAN, .n = -1, .n_positive = -1};
        return measure_make(value, lo, hi, NULL);
    }
    jsonr_as_real(jsonr_get(n, "value"), &value);
    if (!jsonr_as_real(jsonr_at(ci, 0), &lo) || !jsonr_as_real(jsonr_at(ci, 1), &hi))
        lo = hi = NAN;
    m = measure_make(value, lo, hi, jsonr_as_text(jsonr_get(n, "undefined")));
    jsonr_as_real(jsonr_get(n, "design_effect"), &m.design_effect);
    jsonr_as_int(jsonr_get(n, "n"), &m.n);
    jsonr_as_int(jsonr_get(n, "n_positive"), &m.n_positive);
    m.method = jsonr_as_text(jsonr_get(n, "method"));
    return m;
}

void measure_text(struct str *out, const struct measure *m)
{
    char a[WORDS_MAX], b[WORDS_MAX];

    if (!m->there) {
        str_add(out, "not measured");
        return;
    }
    if (!m->defined) {
        str_add(out, "undefined: ");
        words_clean(out, m->undefined);
        return;
    }
    str_add(out, words_real(m->value, a));
    if (m->interval)
        str_addf(out, " [%s, %s]", words_real(m->lo, a), words_real(m->hi, b));
}

void measure_cell(struct str *out, const struct measure *m, const char *unit)
{
    char a[WORDS_MAX], b[WORDS_MAX];

    if (!m->there) {
        str_add(out, "<td class=\"m none\">not measured</td>");
        return;
    }
    if (!m->defined) {
        str_add(out, "<td class=\"m undefined\">undefined: ");
        html_text(out, m->undefined);
    } else {
        str_addf(out, "<td class=\"m\"><b>%s</b>", words_real(m->value, a));
        if (m->interval)
            str_addf(out, " <span class=\"ci\">[%s, %s]</span>", words_real(m->lo, a),
                     words_real(m->hi, b));
    }
    if (unit && m->n >= 0) {
        str_addf(out, "<small>%s %s", words_count(m->n, a), words_plural(m->n, unit, b));
        if (m->n_positive >= 0)
            str_addf(out, ", %s fake", words_count(m->n_positive, a));
        if (isfinite(m->design_effect))
            str_addf(out, ", design effect %.2g", m->design_effect);
        str_add(out, "</small>");
    }
    str_add(out, "</td>");
}
