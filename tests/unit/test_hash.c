#include "tests/near.h"

#include "lib/hash.h"

/* FIPS 180-4 example values. */
static void published_vectors(void **state)
{
    struct err err = {0};
    char hex[HASH_HEX];

    (void)state;
    assert_ok(hash_bytes("abc", 3, hex, &err), &err);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_ok(hash_bytes("", 0, hex, &err), &err);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void pieces_equal_the_whole(void **state)
{
    char *dir = near_enter(), *big = malloc(200000), a[HASH_HEX], b[HASH_HEX], c[HASH_HEX];
    struct err err = {0};
    struct hash h;
    size_t i;
    FILE *fp;

    (void)state;
    for (i = 0; i < 200000; i++)
        big[i] = (char)(i * 31 >> 3);
    assert_ok(hash_bytes(big, 200000, a, &err), &err);
    assert_ok(hash_init(&h, &err), &err);
    for (i = 0; i < 200000; i += 777)
        hash_add(&h, big + i, i + 777 > 200000 ? 200000 - i : 777);
    hash_finish(&h, b);
    assert_string_equal(a, b);
    fp = fopen("x", "w");
    assert_int_equal(fwrite(big, 1, 200000, fp), 200000);
    fclose(fp);
    assert_ok(hash_file("x", c, &err), &err);
    assert_string_equal(a, c);
    assert_fails(hash_file("missing", c, &err), ERR_NOINPUT, &err, "missing");
    free(big);
    near_leave(dir);
}

/* Shards and random streams hang on these numbers: they must never change. */
static void names_hash_the_same_forever(void **state)
{
    (void)state;
    assert_true(hash_name("") == 0xf52a15e9a9b5e89bu);
    assert_true(hash_name("ffpp/original/c23/000") == 0xde67694ba5204f76u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(pieces_equal_the_whole),
        cmocka_unit_test(names_hash_the_same_forever),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
