/* What a download reads of its own and of the user's: the first byte says which, the rest is the
 * file. */
#include "fetch/done_log.h"
#include "fetch/get_plan.h"
#include "fetch/part_file.h"
#include "fetch/retry.h"
#include "fetch/url.h"
#include "lib/fs.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void read_state(const uint8_t *data, size_t size)
{
    struct part_file p;
    struct err err = {0};
    size_t chunk;

    fuzz_put("k.part", "0123456789", 10);
    fuzz_put("k.state", data, size);
    if (part_open(&p, fuzz_folder(), "k", &err))
        abort();
    /* Bytes that are not there are not said to be. */
    if (p.front > 10 || part_bytes(&p) < p.front)
        abort();
    if (part_is_known(&p) && part_take(&p, &chunk) &&
        part_chunk_at(&p, chunk) < (long long)chunk * PART_CHUNK)
        abort();
    part_close(&p, true);
}

static void read_log(const uint8_t *data, size_t size)
{
    struct done_log l;
    struct err err = {0};

    fuzz_put("done", data, size);
    if (done_open(&l, fuzz_folder(), true, &err) == 0)
        done_is_there(&l, fuzz_folder(), "done", "");
    done_close(&l, fuzz_folder(), false);
}

static void read_plan(const uint8_t *data, size_t size, int sums)
{
    struct plan p = {0};
    struct err err = {0};
    size_t n;
    int r;

    r = sums ? plan_add_name(&p, "a", "a.zip", false, &err) : 0;
    if (!r)
        r = sums ? plan_add_sums(&p, fuzz_file(data, size), &n, &err)
                 : plan_add_list(&p, fuzz_file(data, size), &err);
    if (!r)
        r = plan_addresses(&p, "http://h/d", &err);
    for (n = 0; !r && n < p.n; n++)
        if (!fs_is_safe_name(p.files[n].path))
            abort();
    plan_release(&p);
}

static void read_text(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size), host[URL_HOST_MAX];
    struct str s = STR_INIT;

    if (!text)
        abort();
    retry_after_s(text, 0);
    if (url_host(text, host) && strpbrk(host, "/@ \n"))
        abort();
    url_public(text, &s);
    url_last_part(text, &s);
    url_file_path(text, &s);
    url_is_signed(text);
    str_release(&s);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0]) {
    case 's':
        read_state(data + 1, size - 1);
        break;
    case 'd':
        read_log(data + 1, size - 1);
        break;
    case 'p':
        read_plan(data + 1, size - 1, 0);
        break;
    case 'h':
        read_plan(data + 1, size - 1, 1);
        break;
    default:
        read_text(data + 1, size - 1);
        break;
    }
    fuzz_clear();
    return 0;
}
