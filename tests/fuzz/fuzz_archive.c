/* An archive, unpacked: nothing may come out beside the folder, whatever is in it. */
#include "fetch/unpack.h"
#include "lib/fs.h"
#include "lib/str.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str root = STR_INIT, work = STR_INIT;
    struct unpack_settings s = {.ratio = 1};
    struct unpack_result result;
    struct err err = {0};
    char **names;
    size_t n;

    fs_join(fuzz_folder(), "root", &root);
    fs_join(fuzz_folder(), "work", &work);
    if (str_failed(&root) || str_failed(&work) || fs_make_folders(root.s, &err) ||
        fs_make_folders(work.s, &err))
        abort();
    s.root = root.s;
    s.folder = work.s;
    /* All or nothing: after a failure nothing is there, and nothing is under way but for a full
     * disk. */
    if (unpack_archive(&s, fuzz_file(data, size), "key", ".", &result, &err)) {
        if (fs_list(root.s, &names, &n, &err) || n)
            abort();
        fs_list_free(names, n);
    }
    if (fs_list(fuzz_folder(), &names, &n, &err) || n != 2)
        abort();
    fs_list_free(names, n);
    if (fs_remove_tree(root.s, &err) || fs_remove_tree(work.s, &err))
        abort();
    str_release(&root);
    str_release(&work);
    return 0;
}
