#include "lib/conf.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/conf_schema.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/tool.h"

#define FILE_LIMIT ((size_t)1 << 20)

struct value {
    bool given;
    bool set; /* false: not set (an empty value) */
    long long i;
    double real;
    bool flag;
    int word;      /* enum */
    char *text;    /* string, path as usable from here, enum word */
    char *written; /* path as written */
    char **items;  /* list; NULL-terminated */
    size_t n_items;
};

struct conf {
    struct conf_schema schema;
    struct value *values; /* one a key */
};

/* Where a value comes from, for messages and for paths. */
struct origin {
    const char *file;
    unsigned long line; /* 0 = none */
    const char *folder; /* what a relative path is relative to; "" = here */
};

static int bad(const struct origin *o, const struct conf_key *k, struct err *err, const char *fmt,
               ...) LP_PRINTF(4, 5);

static int bad(const struct origin *o, const struct conf_key *k, struct err *err, const char *fmt,
               ...)
{
    struct str s = STR_INIT;
    va_list ap;

    str_add(&s, o->file);
    if (o->line)
        str_addf(&s, ":%lu", o->line);
    str_add(&s, ": ");
    if (k)
        str_addf(&s, "%s.%s: ", k->section, k->name);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    err_set(err, ERR_CONFIG, "%s", str_failed(&s) ? "bad configuration" : s.s);
    str_release(&s);
    return ERR_CONFIG;
}

static void value_clear(struct value *v)
{
    size_t i;

    for (i = 0; i < v->n_items; i++)
        free(v->items[i]);
    free(v->items);
    free(v->text);
    free(v->written);
    *v = (struct value){.given = v->given};
}

/* ---- one scalar ------------------------------------------------------------------------------*/

static int set_int(struct value *v, const struct conf_key *k, const char *text,
                   const struct origin *o, struct err *err)
{
    char *end;

    errno = 0;
    v->i = strtoll(text, &end, 10);
    if (end == text || *end || errno || text[0] == ' ')
        return bad(o, k, err, "'%s' is not a whole number", text);
    if ((double)v->i < k->lo || (double)v->i > k->hi)
        return bad(o, k, err, "%s is not in %.15g..%.15g", text, k->lo, k->hi);
    return 0;
}

static int set_real(struct value *v, const struct conf_key *k, const char *text,
                    const struct origin *o, struct err *err)
{
    char *end;

    v->real = strtod(text, &end);
    if (end == text || *end || !isfinite(v->real) || text[0] == ' ' || strchr(text, 'x'))
        return bad(o, k, err, "'%s' is not a number", text);
    if (v->real < k->lo || v->real > k->hi)
        return bad(o, k, err, "%s is not in %.15g..%.15g", text, k->lo, k->hi);
    return 0;
}

static int set_bool(struct value *v, const struct conf_key *k, const char *text,
                    const struct origin *o, struct err *err)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return bad(o, k, err, "'%s' is not true or false", text);
    v->flag = text[0] == 't';
    return 0;
}

/* "one of a, b, c" in a message. */
static int bad_word(const struct conf_key *k, const char *text, const struct origin *o,
                    struct err *err)
{
    struct str s = STR_INIT;
    size_t i;

    for (i = 0; i < k->n_words; i++)
        str_addf(&s, "%s%s", i ? ", " : "", k->words[i]);
    bad(o, k, err, "'%s' is not one of %s", text, str_failed(&s) ? "" : s.s);
    str_release(&s);
    return ERR_CONFIG;
}

static int find_word(const struct conf_key *k, const char *text)
{
    size_t i;

    for (i = 0; i < k->n_words; i++)
        if (strcmp(k->words[i], text) == 0)
            return (int)i;
    return -1;
}

static char *resolved(const struct origin *o, const char *path)
{
    struct str s = STR_INIT;

    fs_join(o->folder, path, &s);
    return str_take(&s);
}

static int set_scalar(struct value *v, const struct conf_key *k, const char *text,
                      const struct origin *o, struct err *err)
{
    v->set = true;
    switch (k->type) {
    case CONF_INT:
        return set_int(v, k, text, o, err);
    case CONF_REAL:
        return set_real(v, k, text, o, err);
    case CONF_BOOL:
        return set_bool(v, k, text, o, err);
    case CONF_ENUM:
        v->word = find_word(k, text);
        if (v->word < 0)
            return bad_word(k, text, o, err);
        v->text = strdup(text);
        return v->text ? 0 : err_nomem(err);
    case CONF_STRING:
        v->text = strdup(text);
        return v->text ? 0 : err_nomem(err);
    case CONF_PATH:
        v->written = strdup(text);
        v->text = resolved(o, text);
        return v->text && v->written ? 0 : err_nomem(err);
    case CONF_LIST:
        break;
    }
    return bad(o, k, err, "a list is needed, as in [a, b]");
}

static int add_item(struct value *v, const struct conf_key *k, const char *text,
                    const struct origin *o, struct err *err)
{
    char **items;

    v->set = true;
    if (k->list_of_words && find_word(k, text) < 0)
        return bad_word(k, text, o, err);
    items = mem_resize(v->items, v->n_items + 2, sizeof(*items));
    if (!items)
        return err_nomem(err);
    v->items = items;
    items[v->n_items] = k->list_of_paths ? resolved(o, text) : strdup(text);
    items[v->n_items + 1] = NULL;
    if (!items[v->n_items])
        return err_nomem(err);
    v->n_items++;
    return 0;
}

/* ---- the schema's own defaults and --set: text, lists as "[a, b]" or "a,b" --------------------*/

static int set_text(struct value *v, const struct conf_key *k, const char *text,
                    const struct origin *o, struct err *err)
{
    const char *p = text, *end = text + strlen(text);
    int r = 0;

    value_clear(v);
    if (k->type != CONF_LIST)
        return *text ? set_scalar(v, k, text, o, err) : 0;
    v->set = true;
    if (p < end && *p == '[' && end[-1] == ']') {
        p++;
        end--;
    }
    while (!r && p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma ? comma : end;
        char *item;

        while (p < stop && *p == ' ')
            p++;
        item = strndup(p, (size_t)(stop - p));
        r = item ? 0 : err_nomem(err);
        if (!r && *item)
            r = add_item(v, k, item, o, err);
        free(item);
        p = stop + 1;
    }
    return r;
}

int conf_new(struct conf **out, struct err *err)
{
    const struct origin o = {.file = "configs/default.yaml", .folder = ""};
    struct conf *c = mem_array(1, sizeof(*c));
    size_t i;
    int r;

    *out = NULL;
    if (!c)
        return err_nomem(err);
    r = conf_schema_read(conf_default_yaml, &c->schema, err);
    if (!r && !(c->values = mem_array(c->schema.n, sizeof(*c->values))))
        r = err_nomem(err);
    for (i = 0; !r && i < c->schema.n; i++) {
        const char *d = c->schema.keys[i].fallback;

        r = set_text(&c->values[i], &c->schema.keys[i], d ? d : "", &o, err);
    }
    if (r) {
        conf_free(c);
        return r;
    }
    *out = c;
    return 0;
}

void conf_free(struct conf *c)
{
    size_t i;

    if (!c)
        return;
    for (i = 0; c->values && i < c->schema.n; i++)
        value_clear(&c->values[i]);
    free(c->values);
    conf_schema_release(&c->schema);
    free(c);
}

static long long find(const struct conf *c, const char *section, size_t n, const char *name)
{
    size_t i;

    for (i = 0; i < c->schema.n; i++) {
        const struct conf_key *k = &c->schema.keys[i];

        if (strncmp(k->section, section, n) == 0 && k->section[n] == '\0' &&
            strcmp(k->name, name) == 0)
            return (long long)i;
    }
    return -1;
}

static bool has_section(const struct conf *c, const char *section)
{
    size_t i;

    for (i = 0; i < c->schema.n; i++)
        if (strcmp(c->schema.keys[i].section, section) == 0)
            return true;
    return false;
}

int conf_set(struct conf *c, const char *assignment, struct err *err)
{
    const struct origin o = {.file = "--set", .folder = ""};
    const char *dot = strchr(assignment, '.'), *equals = strchr(assignment, '=');
    char *name;
    long long i;

    if (!dot || !equals || dot > equals)
        return err_set(err, ERR_USAGE,
                       "invalid argument '%s' for --set; should be SECTION.KEY=VALUE", assignment);
    name = strndup(dot + 1, (size_t)(equals - dot) - 1);
    if (!name)
        return err_nomem(err);
    i = find(c, assignment, (size_t)(dot - assignment), name);
    free(name);
    if (i < 0)
        return bad(&o, NULL, err, "unknown key '%.*s'", (int)(equals - assignment), assignment);
    c->values[i].given = true;
    return set_text(&c->values[i], &c->schema.keys[i], equals + 1, &o, err);
}

/* ---- a user's file: section -> key -> scalar or sequence of scalars --------------------------*/

struct loader {
    struct conf *c;
    yaml_document_t doc;
    struct origin origin;
    struct err *err;
};

static const char *kind_name(const yaml_node_t *n)
{
    return n->type == YAML_SCALAR_NODE     ? "a single value"
           : n->type == YAML_SEQUENCE_NODE ? "a list"
                                           : "a group of keys";
}

static const char *text_of(const yaml_node_t *n)
{
    return (const char *)n->data.scalar.value;
}

/* YAML's ways to write "nothing" unquoted. */
static bool is_null(const yaml_node_t *n)
{
    const char *t = text_of(n);

    return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*t || strcmp(t, "~") == 0 || strcmp(t, "null") == 0);
}

static int load_value(struct loader *l, const struct conf_key *k, struct value *v,
                      const yaml_node_t *n)
{
    yaml_node_item_t *item;
    int r = 0;

    l->origin.line = n->start_mark.line + 1;
    value_clear(v);
    v->given = true;
    if (n->type == YAML_MAPPING_NODE || (n->type == YAML_SEQUENCE_NODE && k->type != CONF_LIST))
        return bad(&l->origin, k, l->err, "%s where %s is needed", kind_name(n),
                   k->type == CONF_LIST ? "a list" : "a single value");
    if (n->type == YAML_SCALAR_NODE && strlen(text_of(n)) != n->data.scalar.length)
        return bad(&l->origin, k, l->err, "the value holds a zero byte");
    if (n->type == YAML_SCALAR_NODE && is_null(n)) {
        if (k->type == CONF_INT || k->type == CONF_REAL || k->type == CONF_BOOL ||
            k->type == CONF_ENUM)
            return bad(&l->origin, k, l->err, "the value is missing");
        return 0;
    }
    if (n->type == YAML_SCALAR_NODE) /* one value does for a list of one */
        return k->type == CONF_LIST ? add_item(v, k, text_of(n), &l->origin, l->err)
                                    : set_scalar(v, k, text_of(n), &l->origin, l->err);
    v->set = true;
    for (item = n->data.sequence.items.start; !r && item < n->data.sequence.items.top; item++) {
        const yaml_node_t *e = yaml_document_get_node(&l->doc, *item);

        l->origin.line = e->start_mark.line + 1;
        r = e->type == YAML_SCALAR_NODE
                ? add_item(v, k, text_of(e), &l->origin, l->err)
                : bad(&l->origin, k, l->err, "%s inside of a list", kind_name(e));
    }
    return r;
}

static int load_section(struct loader *l, const char *section, const yaml_node_t *n)
{
    yaml_node_pair_t *p;
    int r = 0;

    l->origin.line = n->start_mark.line + 1;
    if (n->type == YAML_SCALAR_NODE && is_null(n))
        return 0; /* a section that is named and left empty */
    if (n->type != YAML_MAPPING_NODE)
        return bad(&l->origin, NULL, l->err, "%s where the keys of '%s' are needed", kind_name(n),
                   section);
    for (p = n->data.mapping.pairs.start; !r && p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);
        const yaml_node_t *value = yaml_document_get_node(&l->doc, p->value);
        long long i;

        l->origin.line = key->start_mark.line + 1;
        if (key->type != YAML_SCALAR_NODE)
            return bad(&l->origin, NULL, l->err, "a key of '%s' is not a word", section);
        i = find(l->c, section, strlen(section), text_of(key));
        if (i < 0)
            return bad(&l->origin, NULL, l->err, "unknown key '%s.%s'", section, text_of(key));
        r = load_value(l, &l->c->schema.keys[i], &l->c->values[i], value);
    }
    return r;
}

static int load_root(struct loader *l)
{
    const yaml_node_t *root = yaml_document_get_root_node(&l->doc);
    yaml_node_pair_t *p;
    int r = 0;

    if (!root || (root->type == YAML_SCALAR_NODE && is_null(root)))
        return 0; /* an empty file changes nothing */
    l->origin.line = root->start_mark.line + 1;
    if (root->type != YAML_MAPPING_NODE)
        return bad(&l->origin, NULL, l->err, "%s where sections are needed", kind_name(root));
    for (p = root->data.mapping.pairs.start; !r && p < root->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);

        l->origin.line = key->start_mark.line + 1;
        if (key->type != YAML_SCALAR_NODE || !has_section(l->c, text_of(key)))
            return bad(&l->origin, NULL, l->err, "unknown section '%s'",
                       key->type == YAML_SCALAR_NODE ? text_of(key) : "?");
        r = load_section(l, text_of(key), yaml_document_get_node(&l->doc, p->value));
    }
    return r;
}

int conf_load(struct conf *c, const char *path, struct err *err)
{
    struct loader l = {.c = c, .err = err, .origin = {.file = path}};
    struct str folder = STR_INIT;
    yaml_parser_t parser;
    char *text = NULL;
    size_t size;
    int r;

    r = fs_read(path, FILE_LIMIT, &text, &size, err);
    if (r)
        return r;
    fs_folder_of(path, &folder);
    if (str_failed(&folder) || !yaml_parser_initialize(&parser)) {
        str_release(&folder);
        free(text);
        return err_nomem(err);
    }
    l.origin.folder = strcmp(path, "-") == 0 ? "" : folder.s;
    yaml_parser_set_input_string(&parser, (unsigned char *)text, size);
    if (!yaml_parser_load(&parser, &l.doc)) {
        l.origin.line = parser.problem_mark.line + 1;
        r = bad(&l.origin, NULL, err, "not YAML: %s", parser.problem ? parser.problem : "?");
    } else {
        r = load_root(&l);
        yaml_document_delete(&l.doc);
    }
    yaml_parser_delete(&parser);
    str_release(&folder);
    free(text);
    return r;
}

/* ---- getters ---------------------------------------------------------------------------------*/

static long long index_of(const struct conf *c, const char *key)
{
    const char *dot = strchr(key, '.');

    assert(dot);
    return find(c, key, (size_t)(dot - key), dot + 1);
}

static const struct value *get(const struct conf *c, const char *key, enum conf_type type)
{
    long long i = index_of(c, key);

    assert(i >= 0 && "no such key in configs/default.yaml");
    assert(c->schema.keys[i].type == type && "the key has another type");
    return &c->values[i];
}

long long conf_int(const struct conf *c, const char *key)
{
    return get(c, key, CONF_INT)->i;
}

double conf_real(const struct conf *c, const char *key)
{
    return get(c, key, CONF_REAL)->real;
}

bool conf_bool(const struct conf *c, const char *key)
{
    return get(c, key, CONF_BOOL)->flag;
}

const char *conf_string(const struct conf *c, const char *key)
{
    long long i = index_of(c, key);
    const struct value *v;

    assert(i >= 0 && "no such key in configs/default.yaml");
    v = get(c, key, c->schema.keys[i].type);
    assert(c->schema.keys[i].type == CONF_STRING || c->schema.keys[i].type == CONF_PATH ||
           c->schema.keys[i].type == CONF_ENUM);
    return v->set ? v->text : "";
}

int conf_enum(const struct conf *c, const char *key)
{
    return get(c, key, CONF_ENUM)->word;
}

const char *const *conf_list(const struct conf *c, const char *key, size_t *n)
{
    static const char *const none[] = {NULL};
    const struct value *v = get(c, key, CONF_LIST);

    if (n)
        *n = v->n_items;
    return v->items ? (const char *const *)v->items : none;
}

bool conf_given(const struct conf *c, const char *key)
{
    long long i = index_of(c, key);

    assert(i >= 0);
    return c->values[i].given;
}

/* ---- printing --------------------------------------------------------------------------------*/

static void print_text(struct str *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+";

    if (*text && strspn(text, plain) == strlen(text) && strcmp(text, "null") != 0) {
        str_add(out, text);
        return;
    }
    str_add_c(out, '"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            str_addf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            str_addf(out, "\\x%02x", (unsigned)*text);
        else
            str_add_c(out, *text);
    str_add_c(out, '"');
}

static void print_value(struct str *out, const struct conf_key *k, const struct value *v)
{
    size_t i;

    switch (k->type) {
    case CONF_INT:
        str_addf(out, "%lld", v->i);
        return;
    case CONF_REAL:
        str_addf(out, "%.17g", v->real);
        return;
    case CONF_BOOL:
        str_add(out, v->flag ? "true" : "false");
        return;
    case CONF_LIST:
        str_add_c(out, '[');
        for (i = 0; i < v->n_items; i++) {
            str_add(out, i ? ", " : "");
            print_text(out, v->items[i]);
        }
        str_add_c(out, ']');
        return;
    case CONF_STRING:
    case CONF_ENUM:
        if (v->set)
            print_text(out, v->text);
        return;
    case CONF_PATH:
        if (v->set)
            print_text(out, v->written);
        return;
    }
}

static bool in_list(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (;;) {
        if (strncmp(list, word, n) == 0 && (list[n] == ',' || list[n] == '\0'))
            return true;
        list = strchr(list, ',');
        if (!list)
            return false;
        list++;
    }
}

static void print_sections(const struct conf *c, const char *sections, bool all, struct str *out)
{
    const char *open = "";
    size_t i;

    for (i = 0; i < c->schema.n; i++) {
        const struct conf_key *k = &c->schema.keys[i];

        if (!in_list(sections, k->section) || (k->harmless && !all))
            continue;
        if (strcmp(open, k->section) != 0)
            str_addf(out, "%s:\n", k->section);
        open = k->section;
        str_addf(out, "  %s: ", k->name);
        print_value(out, k, &c->values[i]);
        str_add_c(out, '\n');
    }
}

int conf_print(const struct conf *c, const char *sections, struct str *out, struct err *err)
{
    print_sections(c, sections, true, out);
    return str_failed(out) ? err_nomem(err) : 0;
}

int conf_hash(const struct conf *c, const char *sections, char hex[HASH_HEX], struct err *err)
{
    struct str s = STR_INIT;
    int r;

    str_addf(&s, "leakproof %s\n", TOOL_VERSION);
    print_sections(c, sections, false, &s);
    r = str_failed(&s) ? err_nomem(err) : hash_bytes(s.s, s.len, hex, err);
    str_release(&s);
    return r;
}
