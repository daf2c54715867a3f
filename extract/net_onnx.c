#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract/net.h"
#include "extract/onnx.h"
#include "lib/fs.h"
#include "lib/mem.h"

#define MAX_BYTES   (64u << 20) /* of a model file */
#define MAX_FLOATS  (1u << 26)  /* of all values together: 256 MiB */
#define MAX_WEIGHTS (1u << 24)  /* floats of all layers together */
#define MAX_KERNEL  64          /* rows or columns */
#define MAX_STRIDE  16

/*
 * Pictures lie in memory as [height][width][channels] throughout. ONNX's operators see them as
 * [channels][height][width]; a Transpose between the two orders only changes what a name means.
 */
enum kind {
    CHANNELS_LAST,  /* what the file calls [1, h, w, c] */
    CHANNELS_FIRST, /* [1, c, h, w] */
    FLAT,           /* channels last, reshaped: for outputs only */
    ZEROS,          /* [1, c, h, w] of 0, which has no value */
};

struct binding {
    struct pb name;
    enum kind kind;
    int value;
    struct net_value shape;
    int uses;
};

struct builder {
    struct net *n;
    const struct onnx_graph *g;
    struct binding *bound; /* one a node, and the input */
    int n_bound;
    size_t floats;  /* of all values so far */
    size_t weights; /* of all layers so far */
    const char *name;
    struct err *err;
};

static int refuse(const struct builder *b, const struct onnx_node *node, const char *why)
{
    if (!node)
        return err_set(b->err, ERR_DATA, "'%s' is no usable network: %s", b->name, why);
    return err_set(b->err, ERR_DATA, "'%s' is no usable network: %.*s '%.*s': %s", b->name,
                   (int)(pb_size(&node->op) > 40 ? 40 : pb_size(&node->op)),
                   (const char *)node->op.at,
                   (int)(pb_size(&node->out) > 120 ? 120 : pb_size(&node->out)),
                   (const char *)node->out.at, why);
}

/* ---- values and names ------------------------------------------------------------------------*/

static bool add_value(struct builder *b, struct net_value shape, int *value)
{
    struct net *n = b->n;

    if (shape.height < 1 || shape.width < 1 || shape.channels < 1 || shape.height > NET_MAX_SIDE ||
        shape.width > NET_MAX_SIDE || shape.channels > NET_MAX_DEPTH ||
        n->n_values == NET_MAX_VALUES || net_floats(&shape) > MAX_FLOATS - b->floats)
        return false;
    b->floats += net_floats(&shape);
    *value = n->n_values;
    n->values[n->n_values++] = shape;
    return true;
}

static int count_uses(const struct builder *b, struct pb name)
{
    int i, k, uses = 0;

    for (i = 0; i < b->g->n_nodes; i++)
        for (k = 0; k < b->g->nodes[i].n_in; k++)
            uses += onnx_same(b->g->nodes[i].in[k], name);
    for (i = 0; i < b->g->n_outputs; i++)
        uses += onnx_same(b->g->outputs[i].name, name);
    return uses;
}

static struct binding *find(const struct builder *b, struct pb name)
{
    int i;

    for (i = 0; i < b->n_bound; i++)
        if (onnx_same(b->bound[i].name, name))
            return &b->bound[i];
    return NULL;
}

/* The binding of input k if it is of this kind, else NULL. */
static struct binding *input(const struct builder *b, const struct onnx_node *node, int k,
                             enum kind kind)
{
    struct binding *in = k < node->n_in ? find(b, node->in[k]) : NULL;

    return in && in->kind == kind ? in : NULL;
}

static int bind(struct builder *b, const struct onnx_node *node, enum kind kind, int value,
                struct net_value shape)
{
    if (find(b, node->out) || onnx_find(b->g, node->out))
        return refuse(b, node, "its output is there twice");
    b->bound[b->n_bound++] = (struct binding){.name = node->out,
                                              .kind = kind,
                                              .value = value,
                                              .shape = shape,
                                              .uses = count_uses(b, node->out)};
    return 0;
}

/* Adds a layer whose output is a new value of this shape and the node's output. */
static int add_layer(struct builder *b, const struct onnx_node *node, struct net_layer layer,
                     struct net_value shape)
{
    if (!add_value(b, shape, &layer.out)) {
        free(layer.weights);
        free(layer.bias);
        return refuse(b, node, "its result is too large");
    }
    b->n->layers[b->n->n_layers++] = layer;
    return bind(b, node, CHANNELS_FIRST, layer.out, shape);
}

/* ---- attributes ------------------------------------------------------------------------------*/

/* `count` whole numbers in lo..hi; where the attribute is missing all are `usual`. False if they
 * are not. */
static bool numbers(const struct onnx_node *node, const char *name, int count, int64_t usual,
                    int64_t lo, int64_t hi, int *to)
{
    int64_t v[ONNX_MAX_DIMS];
    int n = onnx_attribute(node, name, v, ONNX_MAX_DIMS), i;

    if (n != 0 && n != count)
        return false;
    for (i = 0; i < count; i++) {
        int64_t x = n ? v[i] : usual;

        if (x < lo || x > hi)
            return false;
        to[i] = (int)x;
    }
    return true;
}

static bool absent(const struct onnx_node *node, const char *name)
{
    int64_t v;

    return onnx_attribute(node, name, &v, 1) == 0;
}

static bool order_is(const struct onnx_node *node, const int perm[4])
{
    int v[4];

    return numbers(node, "perm", 4, -1, 0, 3, v) && memcmp(v, perm, sizeof(v)) == 0;
}

/* Kernel, stride and padding of a window that slides over `in`; the size of what comes out. */
static bool sliding(const struct onnx_node *node, const struct net_value *in, struct net_layer *l,
                    struct net_value *out)
{
    int kernel[2], strides[2], ones[2], pads[4], ceil_mode;

    if (!numbers(node, "kernel_shape", 2, -1, 1, MAX_KERNEL, kernel) ||
        !numbers(node, "strides", 2, 1, 1, MAX_STRIDE, strides) || strides[0] != strides[1] ||
        !numbers(node, "dilations", 2, 1, 1, 1, ones) ||
        !numbers(node, "pads", 4, 0, 0, MAX_KERNEL, pads) ||
        !numbers(node, "ceil_mode", 1, 0, 0, 0, &ceil_mode) || !absent(node, "auto_pad"))
        return false;
    if (pads[0] >= kernel[0] || pads[2] >= kernel[0] || pads[1] >= kernel[1] ||
        pads[3] >= kernel[1] || in->height + pads[0] + pads[2] < kernel[0] ||
        in->width + pads[1] + pads[3] < kernel[1])
        return false;
    l->kernel_height = kernel[0];
    l->kernel_width = kernel[1];
    l->stride = strides[0];
    l->pad_top = pads[0];
    l->pad_left = pads[1];
    l->pad_bottom = pads[2];
    l->pad_right = pads[3];
    out->height = (in->height + pads[0] + pads[2] - kernel[0]) / l->stride + 1;
    out->width = (in->width + pads[1] + pads[3] - kernel[1]) / l->stride + 1;
    return true;
}

/* ---- operators -------------------------------------------------------------------------------*/

static int do_transpose(struct builder *b, const struct onnx_node *node)
{
    static const int to_first[4] = {0, 3, 1, 2}, to_last[4] = {0, 2, 3, 1};
    const struct binding *last = input(b, node, 0, CHANNELS_LAST);
    const struct binding *first = input(b, node, 0, CHANNELS_FIRST);

    if (last && order_is(node, to_first))
        return bind(b, node, CHANNELS_FIRST, last->value, last->shape);
    if (first && order_is(node, to_last))
        return bind(b, node, CHANNELS_LAST, first->value, first->shape);
    return refuse(b, node, "not between the two orders of axes");
}

/* The tensor's floats, all finite; NULL with *r set. */
static float *read_floats(const struct builder *b, const struct onnx_node *node,
                          const struct onnx_tensor *t, int *r)
{
    float *v = mem_array(t->count, sizeof(*v));
    size_t i;

    if (!v) {
        *r = err_nomem(b->err);
        return NULL;
    }
    onnx_floats(t, v);
    for (i = 0; i < t->count && isfinite(v[i]); i++)
        ;
    if (i == t->count)
        return v;
    free(v);
    *r = refuse(b, node, "a weight is not finite");
    return NULL;
}

/* [out][in][height][width] to the order of struct net_layer. */
static void reorder(const float *from, float *to, const struct net_layer *l, int out, int in)
{
    int o, i, y, x, kh = l->kernel_height, kw = l->kernel_width;

    for (o = 0; o < out; o++)
        for (i = 0; i < in; i++)
            for (y = 0; y < kh; y++)
                for (x = 0; x < kw; x++) {
                    size_t at =
                        l->op == NET_DEPTHWISE
                            ? ((size_t)y * (size_t)kw + (size_t)x) * (size_t)out + (size_t)o
                            : (((size_t)o * (size_t)kh + (size_t)y) * (size_t)kw + (size_t)x) *
                                      (size_t)in +
                                  (size_t)i;

                    to[at] = *from++;
                }
}

static int do_conv(struct builder *b, const struct onnx_node *node)
{
    const struct binding *in = input(b, node, 0, CHANNELS_FIRST);
    const struct onnx_tensor *w = node->n_in > 1 ? onnx_find(b->g, node->in[1]) : NULL;
    const struct onnx_tensor *bias = node->n_in > 2 ? onnx_find(b->g, node->in[2]) : NULL;
    struct net_layer l = {.op = NET_CONV};
    struct net_value out;
    float *file;
    int group, r = 0;

    if (!in || node->n_in > 3 || !w || w->type != ONNX_FLOAT || w->n_dims != 4 ||
        w->dims[0] > NET_MAX_DEPTH || w->dims[1] > NET_MAX_DEPTH ||
        (node->n_in == 3 &&
         (!bias || bias->type != ONNX_FLOAT || bias->n_dims != 1 || bias->dims[0] != w->dims[0])))
        return refuse(b, node, "its inputs are not a picture, weights and biases");
    if (!sliding(node, &in->shape, &l, &out) || l.kernel_height != w->dims[2] ||
        l.kernel_width != w->dims[3] || !numbers(node, "group", 1, 1, 1, NET_MAX_DEPTH, &group))
        return refuse(b, node, "its window is of a kind that is not known here");
    out.channels = (int)w->dims[0];
    if (group > 1 && group == in->shape.channels && w->dims[0] == group && w->dims[1] == 1)
        l.op = NET_DEPTHWISE;
    else if (group != 1 || w->dims[1] != in->shape.channels)
        return refuse(b, node, "its channels are not those of its input");
    if (w->count > MAX_WEIGHTS - b->weights)
        return refuse(b, node, "it has too many weights");
    b->weights += w->count;
    l.in[0] = in->value;
    if (!(file = read_floats(b, node, w, &r)))
        return r;
    l.weights = mem_array(w->count, sizeof(*l.weights));
    if (l.weights)
        reorder(file, l.weights, &l, (int)w->dims[0], (int)w->dims[1]);
    free(file);
    if (!l.weights)
        return err_nomem(b->err);
    if (bias && !(l.bias = read_floats(b, node, bias, &r))) {
        free(l.weights);
        return r;
    }
    return add_layer(b, node, l, out);
}

static int do_max_pool(struct builder *b, const struct onnx_node *node)
{
    const struct binding *in = input(b, node, 0, CHANNELS_FIRST);
    struct net_layer l = {.op = NET_MAX_POOL};
    struct net_value out;
    int order;

    if (!in || node->n_in != 1 || !sliding(node, &in->shape, &l, &out) || l.pad_top || l.pad_left ||
        l.pad_bottom || l.pad_right || l.kernel_height * l.kernel_width < 2 ||
        !numbers(node, "storage_order", 1, 0, 0, 0, &order))
        return refuse(b, node, "its window is of a kind that is not known here");
    l.in[0] = in->value;
    out.channels = in->shape.channels;
    return add_layer(b, node, l, out);
}

static bool same_size(const struct net_value *a, const struct net_value *b)
{
    return a->height == b->height && a->width == b->width;
}

static int do_add(struct builder *b, const struct onnx_node *node)
{
    const struct binding *x = input(b, node, 0, CHANNELS_FIRST);
    const struct binding *y = input(b, node, 1, CHANNELS_FIRST);
    struct net_layer l = {.op = NET_ADD};

    if (!x || !y || node->n_in != 2 || !same_size(&x->shape, &y->shape) ||
        x->shape.channels != y->shape.channels)
        return refuse(b, node, "its inputs are not two pictures of one shape");
    l.in[0] = x->value;
    l.in[1] = y->value;
    return add_layer(b, node, l, x->shape);
}

/* Becomes part of the layer before it. */
static int do_relu(struct builder *b, const struct onnx_node *node)
{
    const struct binding *in = input(b, node, 0, CHANNELS_FIRST);
    struct net_layer *l = b->n->n_layers ? b->n->layers : NULL;
    int i;

    if (!in || node->n_in != 1 || in->uses != 1)
        return refuse(b, node, "its input is no picture of its own");
    for (i = 0; i < b->n->n_layers && l[i].out != in->value; i++)
        ;
    if (i == b->n->n_layers || l[i].relu || l[i].op == NET_MAX_POOL || l[i].op == NET_WIDEN)
        return refuse(b, node, "there is no convolution or sum before it");
    l[i].relu = true;
    return bind(b, node, CHANNELS_FIRST, in->value, in->shape);
}

static int do_zeros(struct builder *b, const struct onnx_node *node)
{
    const struct onnx_tensor *shape = node->n_in == 1 ? onnx_find(b->g, node->in[0]) : NULL;
    int64_t v[4];
    int i;

    if (!shape || shape->type != ONNX_INT64 || shape->count != 4 || !absent(node, "value"))
        return refuse(b, node, "not zeros of a known shape");
    onnx_ints(shape, v);
    for (i = 0; i < 4; i++)
        if (v[i] < 1 || v[i] > NET_MAX_SIDE)
            break;
    if (i < 4 || v[0] != 1)
        return refuse(b, node, "not zeros of a known shape");
    return bind(b, node, ZEROS, 0,
                (struct net_value){.height = (int)v[2], .width = (int)v[3], .channels = (int)v[1]});
}

static int do_concat(struct builder *b, const struct onnx_node *node)
{
    const struct binding *x = input(b, node, 0, CHANNELS_FIRST);
    const struct binding *zeros = input(b, node, 1, ZEROS);
    struct net_layer l = {.op = NET_WIDEN};
    struct net_value out;
    int axis;

    if (!x || !zeros || node->n_in != 2 || !same_size(&x->shape, &zeros->shape) ||
        !numbers(node, "axis", 1, 0, 1, 1, &axis))
        return refuse(b, node, "not channels of zeros behind a picture's own");
    l.in[0] = x->value;
    out = x->shape;
    out.channels += zeros->shape.channels;
    return add_layer(b, node, l, out);
}

static int do_reshape(struct builder *b, const struct onnx_node *node)
{
    const struct binding *in = input(b, node, 0, CHANNELS_LAST);
    const struct onnx_tensor *shape = node->n_in == 2 ? onnx_find(b->g, node->in[1]) : NULL;

    if (!in || !shape || shape->type != ONNX_INT64)
        return refuse(b, node, "its input is no picture with channels last");
    return bind(b, node, FLAT, in->value, in->shape);
}

static const struct {
    const char *op;
    int (*run)(struct builder *b, const struct onnx_node *node);
} operators[] = {
    {"Conv", do_conv},        {"Relu", do_relu},           {"Add", do_add},
    {"MaxPool", do_max_pool}, {"Concat", do_concat},       {"ConstantOfShape", do_zeros},
    {"Reshape", do_reshape},  {"Transpose", do_transpose},
};

/* ---- the whole -------------------------------------------------------------------------------*/

static int build_node(struct builder *b, const struct onnx_node *node)
{
    size_t i;

    for (i = 0; i < sizeof(operators) / sizeof(*operators); i++)
        if (pb_equals(&node->op, operators[i].op))
            return operators[i].run(b, node);
    return refuse(b, node, "this operator is not known here");
}

static int build_input(struct builder *b)
{
    const struct onnx_value *v = &b->g->inputs[0];
    struct net_value shape;

    if (b->g->n_inputs != 1 || v->n_dims != 4 || v->dims[0] != 1 || v->dims[3] != 3 ||
        v->dims[1] > NET_MAX_SIDE || v->dims[2] > NET_MAX_SIDE)
        return refuse(b, NULL, "its input is not one picture [1, height, width, 3]");
    shape = (struct net_value){(int)v->dims[1], (int)v->dims[2], 3};
    if (!add_value(b, shape, &b->n->input))
        return refuse(b, NULL, "its input is not one picture [1, height, width, 3]");
    b->bound[b->n_bound++] =
        (struct binding){.name = v->name, .value = b->n->input, .shape = shape};
    return 0;
}

static int build(struct builder *b)
{
    struct net *n = b->n;
    int i, r = build_input(b);

    for (i = 0; i < b->g->n_nodes && !r; i++)
        r = build_node(b, &b->g->nodes[i]);
    for (i = 0; i < b->g->n_outputs && !r; i++) {
        const struct binding *out = find(b, b->g->outputs[i].name);

        if (!out || (out->kind != FLAT && out->kind != CHANNELS_LAST) || out->value == n->input)
            r = refuse(b, NULL, "an output is not made by its nodes");
        else
            n->outputs[n->n_outputs++] = out->value;
    }
    if (!r && n->n_outputs == 0)
        r = refuse(b, NULL, "it has no output");
    return r;
}

int net_parse_onnx(struct net *n, const void *data, size_t size, const char *name, struct err *err)
{
    struct onnx_graph g;
    struct builder b = {.n = n, .g = &g, .name = name, .err = err};
    int r;

    *n = (struct net){0};
    r = onnx_parse(&g, data, size, name, err);
    if (r)
        return r;
    b.bound = mem_array((size_t)g.n_nodes + 1, sizeof(*b.bound));
    n->values = mem_array(NET_MAX_VALUES, sizeof(*n->values));
    n->layers = mem_array((size_t)g.n_nodes, sizeof(*n->layers));
    r = b.bound && n->values && n->layers ? build(&b) : err_nomem(err);
    free(b.bound);
    onnx_release(&g);
    if (r)
        net_release(n);
    return r;
}

int net_read_onnx(struct net *n, const char *path, struct err *err)
{
    char *data;
    size_t size;
    int r;

    *n = (struct net){0};
    if (!fs_exists(path))
        return err_set(err, ERR_MISSING, "detector model '%s' is missing", path);
    r = fs_read(path, MAX_BYTES, &data, &size, err);
    if (r)
        return r;
    r = net_parse_onnx(n, data, size, path, err);
    free(data);
    return r;
}

int net_copy(struct net *to, const struct net *from, struct err *err)
{
    int i;

    *to = *from;
    to->n_layers = 0;
    to->values = mem_array((size_t)from->n_values, sizeof(*to->values));
    to->layers = mem_array((size_t)from->n_layers, sizeof(*to->layers));
    if (!to->values || !to->layers)
        goto no_memory;
    memcpy(to->values, from->values, (size_t)from->n_values * sizeof(*to->values));
    for (i = 0; i < from->n_layers; i++) {
        const struct net_layer *f = &from->layers[i];
        struct net_layer *t = &to->layers[to->n_layers++];
        size_t weights = net_weights(from, f), channels = (size_t)from->values[f->out].channels;

        *t = *f;
        t->weights = weights ? mem_array(weights, sizeof(float)) : NULL;
        t->bias = f->bias ? mem_array(channels, sizeof(float)) : NULL;
        if ((weights && !t->weights) || (f->bias && !t->bias))
            goto no_memory;
        if (weights)
            memcpy(t->weights, f->weights, weights * sizeof(float));
        if (f->bias)
            memcpy(t->bias, f->bias, channels * sizeof(float));
    }
    return 0;
no_memory:
    net_release(to);
    return err_nomem(err);
}

void net_release(struct net *n)
{
    int i;

    for (i = 0; i < n->n_layers; i++) {
        free(n->layers[i].weights);
        free(n->layers[i].bias);
    }
    free(n->values);
    free(n->layers);
    *n = (struct net){0};
}
