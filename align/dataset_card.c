#include "align/dataset_card.h"

#include <stdlib.h>
#include <string.h>

#include "lib/atomic_file.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/video_key.h"

/* Videos of one data set, method, compression, label and split. */
struct kind {
    char *name[5];
    size_t videos, videos_without, faces, left_out, least, most;
    size_t people, components; /* in the videos that have faces */
};
static const char *const kind_names[5] = {"dataset", "method", "compression", "label", "split"};

/* Who is in a video. */
struct cast {
    size_t kind;
    char *person;   /* or NULL */
    bool component; /* it is one, and not a face_id */
};

struct reason {
    char *text;
    size_t n;
};

struct card {
    const struct export_input *in;
    struct manifest_row row;
    struct kind *kinds;
    size_t n_kinds, kinds_cap;
    struct cast *cast;
    size_t n_cast, cast_cap;
    struct reason *reasons;
    size_t n_reasons, reasons_cap;
    size_t videos, faces, left_out, people, components;
    size_t crossing;     /* components in more than one split */
    size_t landmarks[2]; /* faces with 68 and with 81 measured points */
    size_t masks;
    char *template, *size, *variant;
    const struct export_done *done;
    size_t n_done;
};

/* ---- counting --------------------------------------------------------------------------------*/

static int kind_of(struct card *c, const char *const name[5], size_t *found, struct err *err)
{
    size_t i;
    int k;

    for (i = 0; i < c->n_kinds; i++) {
        for (k = 0; k < 5 && strcmp(c->kinds[i].name[k], name[k]) == 0;)
            k++;
        if (k == 5) {
            *found = i;
            return 0;
        }
    }
    if (mem_grow(&c->kinds, &c->kinds_cap, c->n_kinds + 1, sizeof(*c->kinds)))
        return err_nomem(err);
    c->kinds[i] = (struct kind){.least = (size_t)-1};
    c->n_kinds++;
    for (k = 0; k < 5; k++)
        if (!(c->kinds[i].name[k] = mem_strdup(name[k])))
            return err_nomem(err);
    *found = i;
    return 0;
}

static int add_cast(struct card *c, size_t kind, const char *person, bool component,
                    struct err *err)
{
    if (!person)
        return 0;
    if (mem_grow(&c->cast, &c->cast_cap, c->n_cast + 1, sizeof(*c->cast)))
        return err_nomem(err);
    c->cast[c->n_cast] = (struct cast){kind, mem_strdup(person), component};
    return c->cast[c->n_cast++].person ? 0 : err_nomem(err);
}

/* Reasons that differ only in what they quote are one: "'...' holds no video". */
static int add_reason(struct card *c, const char *text, struct err *err)
{
    struct str plain = STR_INIT;
    size_t i;
    int r = 0;

    for (text = text ? text : "no reason given"; *text; text++) {
        const char *end = *text == '\'' ? strchr(text + 1, '\'') : NULL;

        str_add_c(&plain, *text);
        if (end) {
            str_add(&plain, "...'");
            text = end;
        }
    }
    for (i = 0; i < c->n_reasons && !str_failed(&plain); i++)
        if (strcmp(c->reasons[i].text, plain.s) == 0)
            break;
    if (str_failed(&plain) ||
        (i == c->n_reasons && mem_grow(&c->reasons, &c->reasons_cap, i + 1, sizeof(*c->reasons)))) {
        r = err_nomem(err);
    } else if (i == c->n_reasons) {
        c->reasons[i] = (struct reason){str_take(&plain), 0};
        c->n_reasons++;
    }
    if (!r)
        c->reasons[i].n++;
    str_release(&plain);
    return r;
}

/* What a face of the row at hand says of all. */
static int count_face(struct card *c, struct err *err)
{
    const int *col = c->in->column;
    const char *const *f = c->row.field;
    const char *kind = f[col[EXPORT_LANDMARK_KIND]];

    c->masks += f[col[EXPORT_MASK]] != NULL;
    if (kind)
        c->landmarks[strcmp(kind, "measured81") == 0]++;
    if (c->template)
        return 0;
    c->template = mem_strdup(f[col[EXPORT_TEMPLATE]] ? f[col[EXPORT_TEMPLATE]] : ".");
    c->size = mem_strdup(f[col[EXPORT_SIZE]] ? f[col[EXPORT_SIZE]] : ".");
    c->variant = mem_strdup(f[col[EXPORT_VARIANT]] ? f[col[EXPORT_VARIANT]] : "");
    return c->template && c->size && c->variant ? 0 : err_nomem(err);
}

/* One video: rows lo .. hi-1. */
static int count_video(struct card *c, size_t lo, size_t hi, struct err *err)
{
    const int *col = c->in->column;
    const char *const *f = c->row.field;
    struct video_key key;
    struct kind *k;
    size_t i, kind = 0, faces = 0;
    int r = manifest_read(c->in->manifest, lo, &c->row, err);

    if (!r)
        r = video_key_parse(f[col[EXPORT_VIDEO]] ? f[col[EXPORT_VIDEO]] : "", &key, err);
    if (!r)
        r = kind_of(c,
                    (const char *const[5]){key.dataset, key.method, key.compression,
                                           f[col[EXPORT_LABEL]] ? f[col[EXPORT_LABEL]] : ".",
                                           f[col[EXPORT_SPLIT]] ? f[col[EXPORT_SPLIT]] : "-"},
                    &kind, err);
    for (i = lo; i < hi && !r; i++) {
        r = manifest_read(c->in->manifest, i, &c->row, err);
        if (!r && manifest_row_ok(&c->row))
            faces++;
        else if (!r)
            r = add_reason(c, f[col[EXPORT_REASON]], err);
        if (!r && manifest_row_ok(&c->row))
            r = count_face(c, err);
    }
    if (r)
        return r;
    k = &c->kinds[kind];
    k->videos++;
    k->videos_without += faces == 0;
    k->faces += faces;
    k->left_out += hi - lo - faces;
    k->least = faces < k->least ? faces : k->least;
    k->most = faces > k->most ? faces : k->most;
    c->videos++;
    c->faces += faces;
    c->left_out += hi - lo - faces;
    if (faces)
        r = add_cast(c, kind, f[col[EXPORT_FACE_ID]], false, err);
    return r || !faces ? r : add_cast(c, kind, f[col[EXPORT_COMPONENT]], true, err);
}

static int count_videos(struct card *c, struct err *err)
{
    const struct manifest *m = c->in->manifest;
    struct str video = STR_INIT;
    size_t i, lo = 0;
    int r = 0;

    for (i = 0; i <= m->n_rows && !r; i++) {
        const char *name = NULL;

        if (i < m->n_rows) {
            r = manifest_read(m, i, &c->row, err);
            name = r ? NULL : c->row.field[c->in->column[EXPORT_VIDEO]];
        }
        if (r || (i > lo && name && strcmp(name, video.s) == 0))
            continue;
        str_clear(&video);
        str_add(&video, name ? name : "");
        if (str_failed(&video))
            r = err_nomem(err);
        else if (i > lo)
            r = count_video(c, lo, i, err);
        lo = i;
    }
    str_release(&video);
    return r;
}

static int by_kind_and_person(const void *a, const void *b)
{
    const struct cast *x = a, *y = b;

    if (x->component != y->component)
        return x->component ? 1 : -1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->person, y->person);
}

static int by_person(const void *a, const void *b)
{
    const struct cast *x = a, *y = b;

    return x->component != y->component ? (x->component ? 1 : -1) : strcmp(x->person, y->person);
}

static int by_kind_name(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    int k, d = 0;

    for (k = 0; k < 5 && !d; k++)
        d = strcmp(x->name[k], y->name[k]);
    return d;
}

static int by_number(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;

    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->text, y->text);
}

/* Components whose videos are in more than one split: what is learnt of people in one is of use in
 * the other. The cast is sorted by person; what is in no split does not count. */
static void count_crossing(struct card *c)
{
    const char *split = NULL;
    bool counted = false;
    size_t i;

    for (i = 0; i < c->n_cast; i++) {
        const char *own = c->kinds[c->cast[i].kind].name[4];

        if (i == 0 || by_person(&c->cast[i - 1], &c->cast[i]) != 0) {
            split = NULL;
            counted = false;
        }
        if (!c->cast[i].component || strcmp(own, "-") == 0)
            continue;
        if (split && strcmp(split, own) != 0 && !counted) {
            c->crossing++;
            counted = true;
        }
        split = own;
    }
}

/* Different people, in each kind and altogether; then everything into its order. */
static void count_people(struct card *c)
{
    size_t i;

    if (c->n_cast)
        qsort(c->cast, c->n_cast, sizeof(*c->cast), by_kind_and_person);
    for (i = 0; i < c->n_cast; i++)
        if (i == 0 || by_kind_and_person(&c->cast[i - 1], &c->cast[i]) != 0) {
            struct kind *k = &c->kinds[c->cast[i].kind];

            ++*(c->cast[i].component ? &k->components : &k->people);
        }
    if (c->n_cast)
        qsort(c->cast, c->n_cast, sizeof(*c->cast), by_person);
    for (i = 0; i < c->n_cast; i++)
        if (i == 0 || by_person(&c->cast[i - 1], &c->cast[i]) != 0)
            ++*(c->cast[i].component ? &c->components : &c->people);
    count_crossing(c);
    if (c->n_kinds)
        qsort(c->kinds, c->n_kinds, sizeof(*c->kinds), by_kind_name);
    if (c->n_reasons)
        qsort(c->reasons, c->n_reasons, sizeof(*c->reasons), by_number);
}

/* ---- writing ---------------------------------------------------------------------------------*/

static void write_json(const struct card *c, const char *settings, struct str *out)
{
    const struct manifest *m = c->in->manifest;
    struct jsonw w;
    size_t i;
    int k;

    jsonw_begin(&w, out, 1);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "version", 1);
    jsonw_int(&w, "videos", (long long)c->videos);
    jsonw_int(&w, "faces", (long long)c->faces);
    jsonw_int(&w, "left_out", (long long)c->left_out);
    jsonw_int(&w, "people", (long long)c->people);
    jsonw_int(&w, "components", (long long)c->components);
    jsonw_int(&w, "components_in_several_splits", (long long)c->crossing);
    jsonw_text(&w, "template", c->template);
    jsonw_int(&w, "size_px", c->size ? strtoll(c->size, NULL, 10) : 0);
    jsonw_text(&w, "variant", c->variant && *c->variant ? c->variant : NULL);
    jsonw_object(&w, "landmarks");
    jsonw_int(&w, "measured68", (long long)c->landmarks[0]);
    jsonw_int(&w, "measured81", (long long)c->landmarks[1]);
    jsonw_object_end(&w);
    jsonw_int(&w, "masks", (long long)c->masks);
    jsonw_array(&w, "kinds");
    for (i = 0; i < c->n_kinds; i++) {
        const struct kind *x = &c->kinds[i];

        jsonw_object(&w, NULL);
        for (k = 0; k < 5; k++)
            jsonw_text(&w, kind_names[k], x->name[k]);
        jsonw_int(&w, "videos", (long long)x->videos);
        jsonw_int(&w, "videos_without_a_face", (long long)x->videos_without);
        jsonw_int(&w, "faces", (long long)x->faces);
        jsonw_int(&w, "left_out", (long long)x->left_out);
        jsonw_int(&w, "least_faces_a_video", (long long)x->least);
        jsonw_int(&w, "most_faces_a_video", (long long)x->most);
        jsonw_int(&w, "people", (long long)x->people);
        jsonw_int(&w, "components", (long long)x->components);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_array(&w, "reasons");
    for (i = 0; i < c->n_reasons; i++) {
        jsonw_object(&w, NULL);
        jsonw_text(&w, "reason", c->reasons[i].text);
        jsonw_int(&w, "rows", (long long)c->reasons[i].n);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_array(&w, "exports");
    for (i = 0; i < c->n_done; i++) {
        const char *p = c->done[i].notes.len ? c->done[i].notes.s : "";

        jsonw_object(&w, NULL);
        jsonw_text(&w, "name", c->done[i].export->name);
        jsonw_text(&w, "what", c->done[i].export->help);
        jsonw_array(&w, "notes");
        for (; *p; p += strcspn(p, "\n") + 1) {
            struct str line = STR_INIT;

            str_add_n(&line, p, strcspn(p, "\n"));
            jsonw_text(&w, NULL, line.s);
            out->oom |= str_failed(&line);
            str_release(&line);
        }
        jsonw_array_end(&w);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    jsonw_object(&w, "sha256");
    jsonw_text(&w, "align.tsv", m->hash);
    jsonw_text(&w, "settings", m->settings_hash);
    jsonw_text(&w, "input", m->input_hash);
    jsonw_object_end(&w);
    jsonw_text(&w, "settings", settings);
    jsonw_object_end(&w);
    str_add_c(out, '\n');
}

static void write_markdown(const struct card *c, const char *settings, struct str *out)
{
    const struct manifest *m = c->in->manifest;
    size_t i;

    str_addf(out,
             "# Data-set card\n\n%zu aligned faces from %zu videos: %zu people, %zu components "
             "(people tied by fakes or a common source video). Template `%s`, %s pixels. %zu rows "
             "were left out.\n\n",
             c->faces, c->videos, c->people, c->components, c->template ? c->template : "-",
             c->size ? c->size : "-", c->left_out);
    if (c->variant && *c->variant)
        str_addf(out, "All pictures went through `%s`.\n\n", c->variant);
    if (c->crossing)
        str_addf(
            out,
            "**%zu components are in more than one split**: what a model learns of people in one "
            "helps it in the other (lp-fetch --audit lists them, dataset.split: disjoint moves "
            "them).\n\n",
            c->crossing);
    str_addf(out,
             "Landmarks: %zu faces with 68 measured points, %zu with 81. The data set's own masks: "
             "%zu faces.\n\n",
             c->landmarks[0], c->landmarks[1], c->masks);
    str_add(out, "| data set | method | compression | label | split | videos | without a face | "
                 "faces | a video | left out | people | components |\n"
                 "| --- | --- | --- | --- | --- | --: | --: | --: | --: | --: | --: | --: |\n");
    for (i = 0; i < c->n_kinds; i++) {
        const struct kind *x = &c->kinds[i];

        str_addf(out, "| %s | %s | %s | %s | %s | %zu | %zu | %zu | %zu to %zu | %zu | ",
                 x->name[0], x->name[1], x->name[2], x->name[3], x->name[4], x->videos,
                 x->videos_without, x->faces, x->least, x->most, x->left_out);
        /* Nobody known is not nobody. */
        str_addf(out, x->people ? "%zu | " : "not known | ", x->people);
        str_addf(out, x->components ? "%zu |\n" : "not known |\n", x->components);
    }
    str_add(out, "\n## Exports\n\n");
    for (i = 0; i < c->n_done; i++) {
        const char *p = c->done[i].notes.len ? c->done[i].notes.s : "";

        str_addf(out, "- `%s`: %s\n", c->done[i].export->name, c->done[i].export->help);
        for (; *p; p += strcspn(p, "\n") + 1)
            str_addf(out, "  - %.*s\n", (int)strcspn(p, "\n"), p);
    }
    if (c->n_reasons)
        str_add(out, "\n## Left out\n\n| rows | why |\n| --: | --- |\n");
    for (i = 0; i < c->n_reasons; i++)
        str_addf(out, "| %zu | %s |\n", c->reasons[i].n, c->reasons[i].text);
    str_addf(out,
             "\n## Where it comes from\n\n- SHA-256 of align.tsv: `%s`\n- settings: `%s`\n"
             "- input: `%s`\n\n```yaml\n%s```\n",
             m->hash, m->settings_hash, m->input_hash, settings);
}

static int write_file(const struct export_input *in, const char *name, const struct str *text,
                      struct err *err)
{
    struct str path = STR_INIT;
    int r;

    str_addf(&path, "%s/exports/%s", in->folder, name);
    r = str_failed(&path) || str_failed(text) ? err_nomem(err)
                                              : atomic_write(path.s, text->s, text->len, err);
    str_release(&path);
    return r;
}

static void release(struct card *c)
{
    size_t i;
    int k;

    for (i = 0; i < c->n_kinds; i++)
        for (k = 0; k < 5; k++)
            free(c->kinds[i].name[k]);
    for (i = 0; i < c->n_cast; i++)
        free(c->cast[i].person);
    for (i = 0; i < c->n_reasons; i++)
        free(c->reasons[i].text);
    free(c->kinds);
    free(c->cast);
    free(c->reasons);
    free(c->template);
    free(c->size);
    free(c->variant);
    manifest_row_release(&c->row);
}

int card_write(const struct export_input *in, const struct export_done *done, size_t n,
               struct err *err)
{
    struct card c = {.in = in, .done = done, .n_done = n};
    struct str settings = STR_INIT, json = STR_INIT, markdown = STR_INIT;
    int r = count_videos(&c, err);

    if (!r)
        r = conf_print(in->conf, "align", &settings, err);
    if (!r) {
        count_people(&c);
        write_json(&c, settings.s, &json);
        write_markdown(&c, settings.s, &markdown);
        r = write_file(in, "card.json", &json, err);
    }
    if (!r)
        r = write_file(in, "card.md", &markdown, err);
    release(&c);
    str_release(&settings);
    str_release(&json);
    str_release(&markdown);
    return r;
}
