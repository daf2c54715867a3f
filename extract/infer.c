#include "extract/infer.h"

#if __has_include(<xnnpack.h>) && !defined(LP_WITHOUT_XNNPACK)

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <xnnpack.h>

#include "lib/mem.h"

struct infer {
    xnn_runtime_t runtime;
    float *input;
    float *outputs[NET_MAX_OUTPUTS];
};

int infer_check(struct err *err)
{
    (void)err;
    return 0;
}

static int check(enum xnn_status s, const char *what, struct err *err)
{
    switch (s) {
    case xnn_status_success:
        return 0;
    case xnn_status_out_of_memory:
        return err_nomem(err);
    case xnn_status_unsupported_hardware:
        return err_set(err, ERR_MISSING, "XNNPACK does not know this processor");
    default:
        return err_set(err, ERR_FAULT, "XNNPACK refuses to %s (status %d)", what, (int)s);
    }
}

/* ---- the graph -------------------------------------------------------------------------------*/

static int define_values(xnn_subgraph_t g, const struct net *n, uint32_t *ids, struct err *err)
{
    int i, k, r = 0;

    for (i = 0; i < n->n_values && !r; i++) {
        const struct net_value *v = &n->values[i];
        const size_t dims[4] = {1, (size_t)v->height, (size_t)v->width, (size_t)v->channels};
        uint32_t external = XNN_INVALID_VALUE_ID, flags = 0;

        if (i == n->input) {
            external = 0;
            flags = XNN_VALUE_FLAG_EXTERNAL_INPUT;
        }
        for (k = 0; k < n->n_outputs; k++)
            if (i == n->outputs[k]) {
                external = 1 + (uint32_t)k;
                flags = XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
            }
        r = check(
            xnn_define_tensor_value(g, xnn_datatype_fp32, 4, dims, NULL, external, flags, &ids[i]),
            "define a value", err);
    }
    return r;
}

static int define_constant(xnn_subgraph_t g, size_t n_dims, const size_t *dims, const float *data,
                           uint32_t *id, struct err *err)
{
    return check(xnn_define_tensor_value(g, xnn_datatype_fp32, n_dims, dims, data,
                                         XNN_INVALID_VALUE_ID, 0, id),
                 "define weights", err);
}

static int define_conv(xnn_subgraph_t g, const struct net *n, const struct net_layer *l,
                       const uint32_t *ids, float least, struct err *err)
{
    const size_t in = (size_t)n->values[l->in[0]].channels;
    const size_t out = (size_t)n->values[l->out].channels;
    const uint32_t kh = (uint32_t)l->kernel_height, kw = (uint32_t)l->kernel_width;
    const uint32_t top = (uint32_t)l->pad_top, right = (uint32_t)l->pad_right,
                   bottom = (uint32_t)l->pad_bottom, left = (uint32_t)l->pad_left,
                   stride = (uint32_t)l->stride;
    const bool deep = l->op == NET_DEPTHWISE;
    const size_t dims[4] = {deep ? 1 : out, kh, kw, in};
    uint32_t weights, bias = XNN_INVALID_VALUE_ID;
    int r = define_constant(g, 4, dims, l->weights, &weights, err);

    if (!r && l->bias)
        r = define_constant(g, 1, &out, l->bias, &bias, err);
    if (r)
        return r;
    if (deep)
        return check(xnn_define_depthwise_convolution_2d(
                         g, top, right, bottom, left, kh, kw, stride, stride, 1, 1, 1, in, least,
                         INFINITY, ids[l->in[0]], weights, bias, ids[l->out], 0),
                     "define a depthwise convolution", err);
    return check(xnn_define_convolution_2d(g, top, right, bottom, left, kh, kw, stride, stride, 1,
                                           1, 1, in, out, least, INFINITY, ids[l->in[0]], weights,
                                           bias, ids[l->out], 0),
                 "define a convolution", err);
}

static int define_layer(xnn_subgraph_t g, const struct net *n, const struct net_layer *l,
                        const uint32_t *ids, struct err *err)
{
    const float least = l->relu ? 0 : -INFINITY;
    const size_t none[4] = {0};
    const size_t more[4] = {0, 0, 0,
                            (size_t)(n->values[l->out].channels - n->values[l->in[0]].channels)};

    switch (l->op) {
    case NET_CONV:
    case NET_DEPTHWISE:
        return define_conv(g, n, l, ids, least, err);
    case NET_MAX_POOL:
        return check(xnn_define_max_pooling_2d(g, 0, 0, 0, 0, (uint32_t)l->kernel_height,
                                               (uint32_t)l->kernel_width, (uint32_t)l->stride,
                                               (uint32_t)l->stride, 1, 1, -INFINITY, INFINITY,
                                               ids[l->in[0]], ids[l->out], 0),
                     "define a maximum", err);
    case NET_ADD:
        return check(
            xnn_define_add2(g, least, INFINITY, ids[l->in[0]], ids[l->in[1]], ids[l->out], 0),
            "define a sum", err);
    case NET_WIDEN:
        return check(
            xnn_define_static_constant_pad(g, none, more, 0, ids[l->in[0]], ids[l->out], 0),
            "define more channels", err);
    }
    return err_set(err, ERR_FAULT, "unknown layer");
}

static int make_runtime(struct infer *i, const struct net *n, struct err *err)
{
    uint32_t *ids = mem_array((size_t)n->n_values, sizeof(*ids));
    xnn_subgraph_t g = NULL;
    int k, r = ids ? 0 : err_nomem(err);

    if (!r)
        r = check(xnn_create_subgraph(1 + (uint32_t)n->n_outputs, 0, &g), "begin a graph", err);
    if (!r)
        r = define_values(g, n, ids, err);
    for (k = 0; k < n->n_layers && !r; k++)
        r = define_layer(g, n, &n->layers[k], ids, err);
    if (!r)
        r = check(xnn_create_runtime_v2(g, NULL, 0, &i->runtime), "run this network", err);
    if (g)
        xnn_delete_subgraph(g);
    free(ids);
    return r;
}

/* ---- running ---------------------------------------------------------------------------------*/

/* XNNPACK's kernels may read a little beyond a buffer. */
static float *buffer(const struct net_value *v)
{
    return mem_array(net_floats(v) + XNN_EXTRA_BYTES / sizeof(float), sizeof(float));
}

int infer_open(struct infer **out, const struct net *n, struct err *err)
{
    struct xnn_external_value external[1 + NET_MAX_OUTPUTS];
    struct infer *i = mem_array(1, sizeof(*i));
    int k, r;

    *out = NULL;
    if (!i)
        return err_nomem(err);
    r = check(xnn_initialize(NULL), "start", err);
    if (!r)
        r = make_runtime(i, n, err);
    if (!r && !(i->input = buffer(&n->values[n->input])))
        r = err_nomem(err);
    external[0] = (struct xnn_external_value){0, i->input};
    for (k = 0; k < n->n_outputs && !r; k++) {
        i->outputs[k] = buffer(&n->values[n->outputs[k]]);
        if (!i->outputs[k])
            r = err_nomem(err);
        external[1 + k] = (struct xnn_external_value){1 + (uint32_t)k, i->outputs[k]};
    }
    if (!r)
        r = check(xnn_setup_runtime(i->runtime, 1 + (size_t)n->n_outputs, external),
                  "take these buffers", err);
    if (r)
        infer_close(i);
    else
        *out = i;
    return r;
}

void infer_close(struct infer *i)
{
    int k;

    if (!i)
        return;
    if (i->runtime)
        xnn_delete_runtime(i->runtime);
    for (k = 0; k < NET_MAX_OUTPUTS; k++)
        free(i->outputs[k]);
    free(i->input);
    free(i);
}

float *infer_input(struct infer *i)
{
    return i->input;
}

const float *infer_output(const struct infer *i, int k)
{
    return i->outputs[k];
}

int infer_run(struct infer *i, struct err *err)
{
    return check(xnn_invoke_runtime(i->runtime), "run", err);
}

#else /* the build found no XNNPACK */

int infer_check(struct err *err)
{
    return err_set(err, ERR_MISSING,
                   "built without XNNPACK (Debian: libxnnpack-dev), which the detector cnn needs");
}

int infer_open(struct infer **i, const struct net *n, struct err *err)
{
    (void)n;
    *i = NULL;
    return infer_check(err);
}

void infer_close(struct infer *i)
{
    (void)i;
}

float *infer_input(struct infer *i)
{
    (void)i;
    return NULL;
}

const float *infer_output(const struct infer *i, int k)
{
    (void)i;
    (void)k;
    return NULL;
}

int infer_run(struct infer *i, struct err *err)
{
    (void)i;
    return err_set(err, ERR_FAULT, "no inference library");
}

#endif
