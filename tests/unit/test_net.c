/*
 * Reading networks: a small ONNX file is put together here, byte by byte, and worked out here in
 * the plainest way; XNNPACK must give the same. Then the file is damaged in every way we could
 * think of.
 */
#include "tests/near.h"

#include "extract/infer.h"

#define SIDE 9

/* ---- writing ---------------------------------------------------------------------------------*/

struct bytes {
    unsigned char b[1 << 15];
    size_t n;
};

static void put(struct bytes *m, const void *data, size_t n)
{
    assert_true(m->n + n <= sizeof(m->b));
    if (n)
        memcpy(m->b + m->n, data, n);
    m->n += n;
}

static void put_varint(struct bytes *m, uint64_t v)
{
    do {
        unsigned char c = (unsigned char)((v & 127) | (v > 127 ? 128 : 0));

        put(m, &c, 1);
        v >>= 7;
    } while (v);
}

static void put_number(struct bytes *m, int field, uint64_t v)
{
    put_varint(m, (uint64_t)field << 3);
    put_varint(m, v);
}

static void put_bytes(struct bytes *m, int field, const void *data, size_t n)
{
    put_varint(m, (uint64_t)field << 3 | 2);
    put_varint(m, n);
    put(m, data, n);
}

static void put_string(struct bytes *m, int field, const char *s)
{
    put_bytes(m, field, s, strlen(s));
}

static void put_message(struct bytes *m, int field, const struct bytes *part)
{
    put_bytes(m, field, part->b, part->n);
}

static struct bytes node;
static void begin_node(const char *op, const char *in0, const char *in1, const char *in2,
                       const char *out)
{
    node.n = 0;
    put_string(&node, 1, in0);
    if (in1)
        put_string(&node, 1, in1);
    if (in2)
        put_string(&node, 1, in2);
    put_string(&node, 2, out);
    put_string(&node, 4, op);
}

static void attribute(const char *name, int n, const int64_t *v)
{
    static struct bytes a;
    int i;

    a.n = 0;
    put_string(&a, 1, name);
    for (i = 0; i < n; i++)
        put_number(&a, n == 1 ? 3 : 8, (uint64_t)v[i]);
    put_message(&node, 5, &a);
}

/* Floats as raw bytes or, `in_fields`, as packed numbers. */
static void put_floats(struct bytes *graph, const char *name, const int64_t *dims, int n_dims,
                       const float *v, size_t n, bool in_fields)
{
    static struct bytes t;
    int i;

    t.n = 0;
    for (i = 0; i < n_dims; i++)
        put_number(&t, 1, (uint64_t)dims[i]);
    put_number(&t, 2, 1);
    put_string(&t, 8, name);
    put_bytes(&t, in_fields ? 4 : 9, v, n * sizeof(*v));
    put_message(graph, 5, &t);
}

static void put_ints(struct bytes *graph, const char *name, const int64_t *v, int n)
{
    static struct bytes t;
    int i;

    t.n = 0;
    put_number(&t, 1, (uint64_t)n);
    put_number(&t, 2, 7);
    for (i = 0; i < n; i++)
        put_number(&t, 7, (uint64_t)v[i]);
    put_string(&t, 8, name);
    put_message(graph, 5, &t);
}

static void put_value(struct bytes *graph, int field, const char *name, const int64_t *dims, int n)
{
    static struct bytes dim, shape, tensor, type, value;
    int i;

    shape.n = tensor.n = type.n = value.n = 0;
    for (i = 0; i < n; i++) {
        dim.n = 0;
        put_number(&dim, 1, (uint64_t)dims[i]);
        put_message(&shape, 1, &dim);
    }
    put_number(&tensor, 1, 1);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_string(&value, 1, name);
    put_message(&value, 2, &type);
    put_message(graph, field, &value);
}

/* ---- the network -----------------------------------------------------------------------------
 * [1,9,9,3] -> 3x3 convolution, stride 2, padded at the end, 4 channels, bias -> relu = a;
 * a -> depthwise 3x3, padded -> 1x1, bias -> + a -> relu -> 2 channels of 0 more -> maximum of
 * 2x2 -> output. */

#define A_SIDE 4 /* (9 + 1 - 3) / 2 + 1 */
#define P_SIDE 2

static float w0[4 * 3 * 9], b0[4], w1[4 * 9], w2[4 * 4], b2[4];

/* What a test changes in the file. */
struct wrong {
    const char *op;       /* instead of the second "Relu" */
    int64_t dilation;     /* of the first convolution */
    int64_t group;        /* of the depthwise one */
    int64_t channels;     /* that zeros have */
    int64_t input_depth;  /* of the input */
    int64_t axis;         /* of Concat */
    int64_t width;        /* that w0 says it has */
    const char *output;   /* name of the graph's output */
    const char *sum_with; /* second input of Add */
    bool nan, external, foreign, auto_pad, twice, no_output;
};
static const struct wrong nothing = {"Relu", 1, 4, 2, 3, 1, 3, "out", "a", 0, 0, 0, 0, 0, 0};

static void fill(float *v, size_t n, unsigned *seed)
{
    size_t i;

    for (i = 0; i < n; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        v[i] = (float)(*seed >> 8) / (float)(1 << 23) - 1;
    }
}

static void end_node(struct bytes *graph)
{
    put_message(graph, 1, &node);
}

static void make_model(struct bytes *model, const struct wrong *x)
{
    static struct bytes graph, raw;
    const int64_t d0[4] = {4, 3, x->width, 3}, d1[4] = {4, 1, 3, 3}, d2[4] = {4, 4, 1, 1},
                  four[1] = {4}, in[4] = {1, SIDE, SIDE, x->input_depth},
                  zeros[4] = {1, x->channels, A_SIDE, A_SIDE}, out[2] = {1, -1},
                  declared[2] = {1, P_SIDE * P_SIDE * 6};
    unsigned seed = 7;

    fill(w0, 108, &seed);
    fill(b0, 4, &seed);
    fill(w1, 36, &seed);
    fill(w2, 16, &seed);
    fill(b2, 4, &seed);
    if (x->nan)
        w1[5] = NAN;
    graph.n = model->n = 0;
    begin_node("Transpose", "in", NULL, NULL, "in'");
    attribute("perm", 4, (const int64_t[]){0, 3, 1, 2});
    end_node(&graph);
    begin_node("Conv", "in'", "w0", "b0", "c0");
    attribute("dilations", 2, (const int64_t[]){x->dilation, 1});
    attribute("strides", 2, (const int64_t[]){2, 2});
    attribute("kernel_shape", 2, (const int64_t[]){3, 3});
    attribute("pads", 4, (const int64_t[]){0, 0, 1, 1});
    if (x->auto_pad) {
        raw.n = 0;
        put_string(&raw, 1, "auto_pad");
        put_string(&raw, 4, "SAME_UPPER");
        put_message(&node, 5, &raw);
    }
    end_node(&graph);
    begin_node("Relu", "c0", NULL, NULL, "a");
    if (x->foreign)
        put_string(&node, 7, "com.example");
    end_node(&graph);
    begin_node("Conv", "a", "w1", NULL, "c1");
    attribute("group", 1, &x->group);
    attribute("kernel_shape", 2, (const int64_t[]){3, 3});
    attribute("pads", 4, (const int64_t[]){1, 1, 1, 1});
    end_node(&graph);
    begin_node("Conv", "c1", "w2", "b2", x->twice ? "c1" : "c2");
    attribute("kernel_shape", 2, (const int64_t[]){1, 1});
    end_node(&graph);
    begin_node("Add", "c2", x->sum_with, NULL, "s");
    end_node(&graph);
    begin_node(x->op, "s", NULL, NULL, "r");
    end_node(&graph);
    begin_node("ConstantOfShape", "zeros", NULL, NULL, "z");
    end_node(&graph);
    begin_node("Concat", "r", "z", NULL, "wide");
    attribute("axis", 1, &x->axis);
    end_node(&graph);
    begin_node("MaxPool", "wide", NULL, NULL, "p");
    attribute("kernel_shape", 2, (const int64_t[]){2, 2});
    attribute("strides", 2, (const int64_t[]){2, 2});
    end_node(&graph);
    begin_node("Transpose", "p", NULL, NULL, "p'");
    attribute("perm", 4, (const int64_t[]){0, 2, 3, 1});
    end_node(&graph);
    begin_node("Reshape", "p'", "flat", NULL, "out");
    end_node(&graph);
    put_floats(&graph, "w0", d0, 4, w0, 108, false);
    put_floats(&graph, "b0", four, 1, b0, 4, true);
    put_floats(&graph, "w1", d1, 4, w1, 36, true);
    put_floats(&graph, "w2", d2, 4, w2, 16, false);
    put_floats(&graph, "b2", four, 1, b2, 4, false);
    put_ints(&graph, "zeros", zeros, 4);
    put_ints(&graph, "flat", out, 2);
    if (x->external) {
        raw.n = 0;
        put_string(&raw, 8, "elsewhere");
        put_number(&raw, 1, 1);
        put_number(&raw, 2, 1);
        put_number(&raw, 14, 1);
        put_message(&graph, 5, &raw);
    }
    put_value(&graph, 11, "in", in, 4);
    if (!x->no_output)
        put_value(&graph, 12, x->output, declared, 2);
    put_number(model, 1, 7);
    put_message(model, 7, &graph);
}

/* ---- by hand, channels first, as ONNX defines it ---------------------------------------------*/

static void by_hand(const float *in, float *out)
{
    static float a[4][A_SIDE][A_SIDE], c1[4][A_SIDE][A_SIDE], s[4][A_SIDE][A_SIDE];
    int o, i, y, x, v, u;

    for (o = 0; o < 4; o++)
        for (y = 0; y < A_SIDE; y++)
            for (x = 0; x < A_SIDE; x++) {
                double sum = b0[o];

                for (i = 0; i < 3; i++)
                    for (v = 0; v < 3; v++)
                        for (u = 0; u < 3; u++)
                            if (2 * y + v < SIDE && 2 * x + u < SIDE)
                                sum += w0[((o * 3 + i) * 3 + v) * 3 + u] *
                                       in[((2 * y + v) * SIDE + 2 * x + u) * 3 + i];
                a[o][y][x] = (float)fmax(sum, 0);
            }
    for (o = 0; o < 4; o++)
        for (y = 0; y < A_SIDE; y++)
            for (x = 0; x < A_SIDE; x++) {
                double sum = 0;

                for (v = -1; v <= 1; v++)
                    for (u = -1; u <= 1; u++)
                        if (y + v >= 0 && x + u >= 0 && y + v < A_SIDE && x + u < A_SIDE)
                            sum += w1[(o * 3 + v + 1) * 3 + u + 1] * a[o][y + v][x + u];
                c1[o][y][x] = (float)sum;
            }
    for (o = 0; o < 4; o++)
        for (y = 0; y < A_SIDE; y++)
            for (x = 0; x < A_SIDE; x++) {
                double sum = b2[o];

                for (i = 0; i < 4; i++)
                    sum += w2[o * 4 + i] * c1[i][y][x];
                s[o][y][x] = (float)fmax(sum + a[o][y][x], 0);
            }
    for (y = 0; y < P_SIDE; y++)
        for (x = 0; x < P_SIDE; x++)
            for (o = 0; o < 6; o++)
                out[(y * P_SIDE + x) * 6 + o] =
                    o < 4 ? fmaxf(fmaxf(s[o][2 * y][2 * x], s[o][2 * y][2 * x + 1]),
                                  fmaxf(s[o][2 * y + 1][2 * x], s[o][2 * y + 1][2 * x + 1]))
                          : 0;
}

static struct bytes model;

static void a_network_gives_what_it_says(void **state)
{
    struct net n, copy;
    struct infer *infer;
    struct err err = {0};
    float truth[P_SIDE * P_SIDE * 6];
    unsigned seed = 3;
    int round, i;

    (void)state;
    make_model(&model, &nothing);
    assert_ok(net_parse_onnx(&n, model.b, model.n, "m", &err), &err);
    assert_int_equal(n.n_outputs, 1);
    assert_int_equal(n.values[n.outputs[0]].channels, 6);
    assert_int_equal(n.values[n.outputs[0]].height, P_SIDE);
    assert_int_equal(n.n_layers, 6); /* the rest is free */
    assert_ok(net_copy(&copy, &n, &err), &err);
    net_release(&n);
    if (infer_check(&err)) {
        assert_int_equal(infer_open(&infer, &copy, NULL), ERR_MISSING);
        assert_non_null(strstr(err.text, "XNNPACK"));
        net_release(&copy);
        return;
    }
    assert_ok(infer_open(&infer, &copy, &err), &err);
    net_release(&copy);
    for (round = 0; round < 3; round++) {
        fill(infer_input(infer), SIDE * SIDE * 3, &seed);
        by_hand(infer_input(infer), truth);
        assert_ok(infer_run(infer, &err), &err);
        for (i = 0; i < P_SIDE * P_SIDE * 6; i++)
            assert_near(infer_output(infer, 0)[i], truth[i], 1e-5, 0);
        assert_true(truth[0] != truth[6]); /* there is something to compare */
    }
    infer_close(infer);
    infer_close(NULL);
}

/* Wrong in meaning: refused, in one line that names the file. */
static void wrong_models_are_refused(void **state)
{
    struct wrong w[24];
    struct net n;
    int i, k = 0;

    (void)state;
    for (i = 0; i < 24; i++)
        w[i] = nothing;
    w[k++].op = "Sigmoid";
    w[k++].op = "Flatten";
    w[k++].dilation = 2;
    w[k++].group = 2;
    w[k++].group = 3;
    w[k++].group = 1;
    w[k++].group = -1;
    w[k++].channels = 0;
    w[k++].channels = 1 << 20;
    w[k++].channels = -5;
    w[k++].input_depth = 4;
    w[k++].input_depth = 0;
    w[k++].axis = 2;
    w[k++].width = 4;
    w[k++].width = 0;
    w[k++].width = INT64_MAX / 4;
    w[k++].output = "nowhere";
    w[k++].output = "a";
    w[k++].sum_with = "z";
    w[k++].sum_with = "later";
    w[k++].nan = true;
    w[k++].external = true;
    w[k++].foreign = true;
    w[k++].auto_pad = true;
    assert_int_equal(k, 24);
    for (i = 0; i < k; i++) {
        struct err err = {0};
        int r;

        make_model(&model, &w[i]);
        r = net_parse_onnx(&n, model.b, model.n, "the-file", &err);
        if (r != ERR_DATA)
            print_error("case %d: %d %s\n", i, r, err.text);
        assert_int_equal(r, ERR_DATA);
        assert_non_null(strstr(err.text, "'the-file'"));
        assert_null(n.layers);
    }
    w[0] = nothing;
    w[0].twice = true;
    make_model(&model, &w[0]);
    assert_int_equal(net_parse_onnx(&n, model.b, model.n, "m", NULL), ERR_DATA);
    w[0] = nothing;
    w[0].no_output = true;
    make_model(&model, &w[0]);
    assert_int_equal(net_parse_onnx(&n, model.b, model.n, "m", NULL), ERR_DATA);
}

/* In memory of exactly its size, so that the address sanitizer sees a read beyond it. */
static int parse_copy(const unsigned char *data, size_t size, bool run)
{
    unsigned char *copy = malloc(size ? size : 1);
    struct infer *infer;
    struct net n;
    int r;

    assert_non_null(copy);
    memcpy(copy, data, size);
    r = net_parse_onnx(&n, copy, size, "m", NULL);
    free(copy);
    if (r == 0 && run && infer_check(NULL) == 0 && infer_open(&infer, &n, NULL) == 0) {
        memset(infer_input(infer), 0, net_floats(&n.values[n.input]) * sizeof(float));
        assert_int_equal(infer_run(infer, NULL), 0);
        infer_close(infer);
    }
    net_release(&n);
    return r;
}

static void a_cut_off_model_is_refused(void **state)
{
    size_t i;

    (void)state;
    make_model(&model, &nothing);
    for (i = 0; i < model.n; i++)
        assert_int_equal(parse_copy(model.b, i, false), ERR_DATA);
    assert_int_equal(parse_copy(model.b, model.n, true), 0);
}

/* Each byte in turn: refused, or a network that can be run. */
static void a_damaged_model_does_no_harm(void **state)
{
    static const unsigned char flips[] = {0x01, 0x08, 0x80, 0xff};
    size_t i, k, refused = 0;

    (void)state;
    make_model(&model, &nothing);
    for (i = 0; i < model.n; i++)
        for (k = 0; k < sizeof(flips); k++) {
            int r;

            model.b[i] ^= flips[k];
            r = parse_copy(model.b, model.n, k == i % sizeof(flips));
            assert_true(r == 0 || r == ERR_DATA);
            refused += r != 0;
            model.b[i] ^= flips[k];
        }
    assert_true(refused > model.n);
}

static void files_that_are_no_models(void **state)
{
    char *dir = near_enter();
    struct err err = {0};
    struct net n;
    FILE *fp;

    (void)state;
    assert_int_equal(net_read_onnx(&n, "none.onnx", &err), ERR_MISSING);
    assert_non_null(strstr(err.text, "none.onnx"));
    fp = fopen("text", "w");
    fputs("this is not a model at all", fp);
    fclose(fp);
    err_clear(&err);
    assert_int_equal(net_read_onnx(&n, "text", &err), ERR_DATA);
    fp = fopen("empty", "w");
    fclose(fp);
    assert_int_equal(net_read_onnx(&n, "empty", NULL), ERR_DATA);
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_gives_what_it_says),
        cmocka_unit_test(wrong_models_are_refused),
        cmocka_unit_test(a_cut_off_model_is_refused),
        cmocka_unit_test(a_damaged_model_does_no_harm),
        cmocka_unit_test(files_that_are_no_models),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
