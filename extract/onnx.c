#include "extract/onnx.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* Field numbers of onnx.proto3. */
enum { MODEL_GRAPH = 7 };
enum { GRAPH_NODE = 1, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_OP = 4, NODE_ATTRIBUTE = 5, NODE_DOMAIN = 7 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_S, ATTRIBUTE_T, ATTRIBUTE_INTS = 8 };
enum {
    TENSOR_DIMS = 1,
    TENSOR_TYPE = 2,
    TENSOR_SEGMENT = 3,
    TENSOR_FLOATS = 4,
    TENSOR_INT64S = 7,
    TENSOR_NAME = 8,
    TENSOR_RAW = 9,
    TENSOR_EXTERNAL = 13,
    TENSOR_LOCATION = 14
};
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_TYPE_SHAPE = 2, SHAPE_DIM = 1 };
enum { DIM_VALUE = 1 };

struct parser {
    struct onnx_graph *g;
    size_t tensors_cap, nodes_cap;
    const char *name;
    struct err *err;
};

static int refuse(const struct parser *p, const char *why)
{
    return err_set(p->err, ERR_DATA, "'%s' is no ONNX model: %s", p->name, why);
}

bool onnx_same(struct pb a, struct pb b)
{
    size_t n = pb_size(&a);

    return n == pb_size(&b) && (n == 0 || memcmp(a.at, b.at, n) == 0);
}

/* ---- tensors ---------------------------------------------------------------------------------*/

/* Runs over repeated numbers, packed into one field or a field each. False at the end, or when
 * they are damaged or of another wire type (then m->damaged). */
struct numbers {
    struct pb message, packed;
    uint32_t number;
    enum pb_type type; /* of a single one: PB_VARINT or PB_FIXED32 */
};

static bool next_number(struct numbers *n, uint64_t *value)
{
    struct pb_field f;

    for (;;) {
        if (pb_size(&n->packed) > 0) {
            if (n->type == PB_VARINT) {
                if (pb_varint(&n->packed, value))
                    return true;
                n->message.damaged = true;
                return false;
            }
            if (pb_size(&n->packed) < 4) {
                n->message.damaged = true;
                return false;
            }
            *value = (uint64_t)n->packed.at[0] | (uint64_t)n->packed.at[1] << 8 |
                     (uint64_t)n->packed.at[2] << 16 | (uint64_t)n->packed.at[3] << 24;
            n->packed.at += 4;
            return true;
        }
        if (!pb_next(&n->message, &f))
            return false;
        if (f.number != n->number)
            continue;
        if (f.type == n->type) {
            *value = f.value;
            return true;
        }
        if (f.type != PB_BYTES) {
            n->message.damaged = true;
            return false;
        }
        n->packed = f.bytes;
    }
}

/* Makes sure that there are exactly t->count numbers. */
static int check_count(const struct parser *p, const struct onnx_tensor *t)
{
    struct numbers n = {.message = t->message,
                        .number = t->type == ONNX_FLOAT ? TENSOR_FLOATS : TENSOR_INT64S,
                        .type = t->type == ONNX_FLOAT ? PB_FIXED32 : PB_VARINT};
    size_t count = 0;
    uint64_t value;

    if (pb_size(&t->raw) > 0)
        return pb_size(&t->raw) == t->count * (t->type == ONNX_FLOAT ? 4 : 8)
                   ? 0
                   : refuse(p, "a tensor's size is not that of its shape");
    while (next_number(&n, &value))
        count++;
    if (n.message.damaged || count != t->count)
        return refuse(p, "a tensor's size is not that of its shape");
    return 0;
}

static int add_dims(struct onnx_tensor *t, const struct pb_field *f)
{
    struct numbers n = {.packed = f->bytes, .type = PB_VARINT};
    uint64_t value = f->value;

    if (f->type != PB_BYTES && f->type != PB_VARINT)
        return -1;
    if (f->type == PB_BYTES && !next_number(&n, &value))
        return n.message.damaged ? -1 : 0;
    do {
        if (t->n_dims == ONNX_MAX_DIMS || value < 1 || value > SIZE_MAX / 16 / t->count)
            return -1;
        t->dims[t->n_dims++] = (int64_t)value;
        t->count *= (size_t)value;
    } while (f->type == PB_BYTES && next_number(&n, &value));
    return n.message.damaged ? -1 : 0;
}

static int add_tensor(struct parser *p, struct pb message)
{
    struct onnx_graph *g = p->g;
    struct onnx_tensor *t;
    struct pb m = message;
    struct pb_field f;

    if (g->n_tensors == ONNX_MAX_TENSORS)
        return refuse(p, "it has too many tensors");
    if (mem_grow(&g->tensors, &p->tensors_cap, (size_t)g->n_tensors + 1, sizeof(*g->tensors)))
        return err_nomem(p->err);
    t = &g->tensors[g->n_tensors++];
    *t = (struct onnx_tensor){.message = message, .count = 1};
    while (pb_next(&m, &f)) {
        switch (f.number) {
        case TENSOR_DIMS:
            if (add_dims(t, &f))
                return refuse(p, "a tensor has no usable shape");
            break;
        case TENSOR_TYPE:
            t->type = f.value == ONNX_FLOAT || f.value == ONNX_INT64 ? (enum onnx_type)f.value : 0;
            break;
        case TENSOR_NAME:
            t->name = f.bytes;
            break;
        case TENSOR_RAW:
            t->raw = f.bytes;
            break;
        case TENSOR_LOCATION:
            if (f.value == 0)
                break;
            return refuse(p, "a tensor lies in another file");
        case TENSOR_SEGMENT:
        case TENSOR_EXTERNAL:
            return refuse(p, "a tensor lies in another file");
        default:
            break;
        }
    }
    if (m.damaged || !t->type)
        return refuse(p, m.damaged ? "a tensor is damaged"
                                   : "a tensor holds neither floats nor 64-bit numbers");
    return check_count(p, t);
}

void onnx_floats(const struct onnx_tensor *t, float *to)
{
    struct numbers n = {
        .message = t->message, .packed = t->raw, .number = TENSOR_FLOATS, .type = PB_FIXED32};
    uint64_t value = 0;
    uint32_t bits;
    size_t i;

    for (i = 0; i < t->count && next_number(&n, &value); i++) {
        bits = (uint32_t)value;
        memcpy(&to[i], &bits, sizeof(bits));
    }
}

void onnx_ints(const struct onnx_tensor *t, int64_t *to)
{
    struct numbers n = {.message = t->message, .number = TENSOR_INT64S, .type = PB_VARINT};
    uint64_t value = 0;
    size_t i, k;

    for (i = 0; i < t->count; i++) {
        if (pb_size(&t->raw) > 0)
            for (value = 0, k = 0; k < 8; k++)
                value |= (uint64_t)t->raw.at[8 * i + k] << (8 * k);
        else
            next_number(&n, &value);
        to[i] = (int64_t)value;
    }
}

const struct onnx_tensor *onnx_find(const struct onnx_graph *g, struct pb name)
{
    int i;

    for (i = 0; i < g->n_tensors; i++)
        if (onnx_same(g->tensors[i].name, name))
            return &g->tensors[i];
    return NULL;
}

/* ---- nodes -----------------------------------------------------------------------------------*/

static int add_node(struct parser *p, struct pb message)
{
    struct onnx_graph *g = p->g;
    struct onnx_node *n;
    struct pb m = message;
    struct pb_field f;
    bool foreign = false;
    int n_out = 0;

    if (g->n_nodes == ONNX_MAX_NODES)
        return refuse(p, "it has too many nodes");
    if (mem_grow(&g->nodes, &p->nodes_cap, (size_t)g->n_nodes + 1, sizeof(*g->nodes)))
        return err_nomem(p->err);
    n = &g->nodes[g->n_nodes++];
    *n = (struct onnx_node){.message = message};
    while (pb_next(&m, &f)) {
        if (f.number == NODE_INPUT && n->n_in == ONNX_MAX_INPUTS)
            return refuse(p, "a node has too many inputs");
        if (f.number == NODE_INPUT)
            n->in[n->n_in++] = f.bytes;
        else if (f.number == NODE_OUTPUT && n_out++ == 0)
            n->out = f.bytes;
        else if (f.number == NODE_OP)
            n->op = f.bytes;
        else if (f.number == NODE_DOMAIN)
            foreign = pb_size(&f.bytes) > 0 && !pb_equals(&f.bytes, "ai.onnx");
    }
    if (m.damaged || n_out != 1 || foreign)
        return refuse(p, m.damaged ? "a node is damaged"
                         : foreign ? "a node is of a foreign operator set"
                                   : "a node has not one output");
    return 0;
}

static bool is_attribute(const struct pb_field *f, const char *name)
{
    struct pb m = f->bytes;
    struct pb_field a;

    while (f->number == NODE_ATTRIBUTE && pb_next(&m, &a))
        if (a.number == ATTRIBUTE_NAME)
            return pb_equals(&a.bytes, name);
    return false;
}

int onnx_attribute(const struct onnx_node *n, const char *name, int64_t *to, int max)
{
    struct pb m = n->message, a;
    struct pb_field f, v;
    struct numbers ints;
    uint64_t value;
    int count = 0;

    while (pb_next(&m, &f) && !is_attribute(&f, name))
        ;
    if (f.number != NODE_ATTRIBUTE || !is_attribute(&f, name))
        return 0;
    a = f.bytes;
    while (pb_next(&a, &v)) {
        if (v.number == ATTRIBUTE_F || v.number == ATTRIBUTE_S || v.number == ATTRIBUTE_T)
            return -1;
        if (v.number == ATTRIBUTE_I && v.type == PB_VARINT && count < max)
            to[count++] = (int64_t)v.value;
    }
    ints = (struct numbers){.message = f.bytes, .number = ATTRIBUTE_INTS, .type = PB_VARINT};
    while (next_number(&ints, &value)) {
        if (count == max)
            return -1;
        to[count++] = (int64_t)value;
    }
    return a.damaged || ints.message.damaged || count == 0 ? -1 : count;
}

/* ---- inputs and outputs ----------------------------------------------------------------------*/

/* The first field `number` of m that holds bytes; empty if there is none. */
static struct pb part(struct pb m, uint32_t number)
{
    struct pb_field f;

    while (pb_next(&m, &f))
        if (f.number == number && f.type == PB_BYTES)
            return f.bytes;
    return (struct pb){.at = m.end, .end = m.end};
}

static int add_value(const struct parser *p, struct pb message, struct onnx_value *v)
{
    struct pb type = part(message, VALUE_TYPE), tensor = part(type, TYPE_TENSOR);
    struct pb shape = part(tensor, TENSOR_TYPE_SHAPE);
    struct pb_field f;

    *v = (struct onnx_value){.name = part(message, VALUE_NAME)};
    while (pb_next(&shape, &f)) {
        struct pb dim = f.bytes;
        struct pb_field d;

        if (f.number != SHAPE_DIM)
            continue;
        if (v->n_dims == ONNX_MAX_DIMS)
            return refuse(p, "an input or output has too many dimensions");
        while (pb_next(&dim, &d))
            if (d.number == DIM_VALUE && d.type == PB_VARINT && d.value <= INT32_MAX)
                v->dims[v->n_dims] = (int64_t)d.value;
        v->n_dims++;
    }
    return 0;
}

static int parse_graph(struct parser *p, struct pb m)
{
    struct onnx_graph *g = p->g;
    struct pb_field f;
    int i, k, r = 0;

    while (!r && pb_next(&m, &f)) {
        if (f.type != PB_BYTES)
            continue;
        if (f.number == GRAPH_NODE)
            r = add_node(p, f.bytes);
        else if (f.number == GRAPH_TENSOR)
            r = add_tensor(p, f.bytes);
        else if ((f.number == GRAPH_INPUT && g->n_inputs == ONNX_MAX_INPUTS) ||
                 (f.number == GRAPH_OUTPUT && g->n_outputs == ONNX_MAX_OUTPUTS))
            r = refuse(p, "it has too many inputs or outputs");
        else if (f.number == GRAPH_INPUT)
            r = add_value(p, f.bytes, &g->inputs[g->n_inputs++]);
        else if (f.number == GRAPH_OUTPUT)
            r = add_value(p, f.bytes, &g->outputs[g->n_outputs++]);
    }
    if (!r && m.damaged)
        r = refuse(p, "its graph is damaged");
    for (i = 0, k = 0; i < g->n_inputs; i++)
        if (!onnx_find(g, g->inputs[i].name))
            g->inputs[k++] = g->inputs[i];
    g->n_inputs = k;
    return r;
}

int onnx_parse(struct onnx_graph *g, const void *data, size_t size, const char *name,
               struct err *err)
{
    struct parser p = {.g = g, .name = name, .err = err};
    struct pb m = pb_of(data, size), graph = {0};
    struct pb_field f;
    int r;

    *g = (struct onnx_graph){0};
    while (pb_next(&m, &f))
        if (f.number == MODEL_GRAPH && f.type == PB_BYTES)
            graph = f.bytes;
    if (m.damaged)
        r = refuse(&p, "it is cut off or damaged");
    else if (!graph.at)
        r = refuse(&p, "it holds no graph");
    else
        r = parse_graph(&p, graph);
    if (r)
        onnx_release(g);
    return r;
}

void onnx_release(struct onnx_graph *g)
{
    free(g->tensors);
    free(g->nodes);
    *g = (struct onnx_graph){0};
}
