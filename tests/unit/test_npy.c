#include "tests/near.h"

#include "lib/npy.h"

static void round_trips(void **state)
{
    static const enum npy_type types[] = {NPY_F32, NPY_F64, NPY_I32, NPY_I64, NPY_U8, NPY_U32};
    static const size_t shapes[][3] = {{0, 0, 0}, {5, 0, 0}, {3, 68, 2}, {0, 68, 2}};
    static const int dims[] = {0, 1, 3, 3};
    char *dir = near_enter();
    struct err err = {0};
    unsigned char data[3 * 68 * 2 * 8];
    size_t t, s, i;

    (void)state;
    for (i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7);
    for (t = 0; t < 6; t++)
        for (s = 0; s < 4; s++) {
            struct npy n;
            size_t bytes = npy_count(dims[s], shapes[s]) * npy_type_size(types[t]);

            assert_ok(npy_write("d/x.npy", types[t], dims[s], shapes[s], data, &err), &err);
            assert_int_equal((fs_size("d/x.npy") - (long long)bytes) % 64, 0);
            assert_ok(npy_read("d/x.npy", &n, &err), &err);
            assert_int_equal(n.type, types[t]);
            assert_int_equal(n.dims, dims[s]);
            for (i = 0; i < (size_t)dims[s]; i++)
                assert_int_equal(n.shape[i], shapes[s][i]);
            assert_bytes(n.data, data, bytes);
            npy_release(&n);
        }
    near_leave(dir);
}

/* The header that NumPy 1.24 writes for np.zeros((2, 3), '<f4'), byte by byte. */
static void header_is_numpy_s(void **state)
{
    static const char dict[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    static const float zeros[6];
    static const size_t shape[] = {2, 3};
    struct err err = {0};
    char *bytes, want[128];
    size_t size;

    (void)state;
    memset(want, ' ', sizeof(want));
    memcpy(want, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(want + 10, dict, sizeof(dict) - 1);
    want[127] = '\n';
    assert_ok(npy_encode(NPY_F32, 2, shape, zeros, &bytes, &size, &err), &err);
    assert_int_equal(size, 128 + 24);
    assert_bytes(bytes, want, 128);
    free(bytes);
}

static void put(const char *head, size_t n, const char *rest, size_t m)
{
    FILE *fp = fopen("x.npy", "w");

    assert_int_equal(fwrite(head, 1, n, fp), n);
    assert_int_equal(fwrite(rest, 1, m, fp), m);
    fclose(fp);
}

static void damage_is_refused(void **state)
{
    static const char *const dicts[] = {
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", /* more than there is */
        "{'descr': '<f4', 'fortran_order': False, 'shape': (",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "",
    };
    char *dir = near_enter();
    struct err err = {0};
    struct npy n;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(dicts) / sizeof(*dicts); i++) {
        char head[10] = "\x93NUMPY\x01";
        char rest[256];

        head[8] = (char)strlen(dicts[i]);
        snprintf(rest, sizeof(rest), "%s1234", dicts[i]);
        put(head, 10, rest, strlen(rest));
        assert_fails(npy_read("x.npy", &n, &err), ERR_DATA, &err, "x.npy");
    }
    put("\x93NUMPY\x01\x00\xff\xff", 10, "{}", 2);
    assert_fails(npy_read("x.npy", &n, &err), ERR_DATA, &err, "cut off");
    put("", 0, "", 0);
    assert_fails(npy_read("x.npy", &n, &err), ERR_DATA, &err, "not a .npy");
    assert_fails(npy_read("missing", &n, &err), ERR_NOINPUT, &err, "missing");
    near_leave(dir);
}

/* IEEE 754 binary16, as np.float16 writes it; values from the format's definition. */
static void halves_become_floats(void **state)
{
    static const char dict[] = "{'descr': '<f2', 'fortran_order': False, 'shape': (3, 4), }";
    static const struct {
        uint16_t half;
        float value;
    } known[12] = {{0x3c00, 1},        {0xc000, -2},        {0x3555, 0.33325195f},
                   {0x7bff, 65504},    {0x0400, 0x1p-14f},  {0x03ff, 1023 * 0x1p-24f},
                   {0x0001, 0x1p-24f}, {0x8001, -0x1p-24f}, {0x8000, -0.0f},
                   {0x7c00, INFINITY}, {0xfc00, -INFINITY}, {0x7e00, NAN}};
    char *dir = near_enter(), head[10 + sizeof(dict)], data[24];
    struct err err = {0};
    struct npy n;
    size_t i;

    (void)state;
    memcpy(head, "\x93NUMPY\x01\x00", 8);
    head[8] = sizeof(dict);
    head[9] = 0;
    memcpy(head + 10, dict, sizeof(dict) - 1);
    head[10 + sizeof(dict) - 1] = '\n';
    for (i = 0; i < 12; i++) {
        data[2 * i] = (char)(known[i].half & 255);
        data[2 * i + 1] = (char)(known[i].half >> 8);
    }
    put(head, sizeof(head), data, sizeof(data));
    assert_ok(npy_read("x.npy", &n, &err), &err);
    assert_int_equal(n.type, NPY_F32);
    assert_int_equal(n.dims, 2);
    for (i = 0; i < 11; i++)
        assert_bytes((const float *)n.data + i, &known[i].value, sizeof(float));
    assert_true(isnan(((const float *)n.data)[11]));
    npy_release(&n);
    put(head, sizeof(head), data, sizeof(data) - 1);
    assert_fails(npy_read("x.npy", &n, &err), ERR_DATA, &err, "23 bytes of data");
    near_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(header_is_numpy_s),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(halves_become_floats),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("npy", tests, NULL, NULL);
}
