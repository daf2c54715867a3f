/* The metadata that data sets come with, each in a folder that its layout knows. The first byte of
 * the input says which; the rest is the file. */
#include "fetch/layout.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *layout, *file;
    const char *videos[5]; /* empty files beside it */
} kinds[] = {
    {"ffpp",
     "test.json",
     {"original_sequences/youtube/c23/videos/000.mp4",
      "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4"}},
    {"ffpp",
     "conversion_dict.json",
     {"original_sequences/youtube/c23/videos/000.mp4",
      "original_sequences/youtube/c23/videos/003.mp4"}},
    {"celeb-df",
     "List_of_testing_videos.txt",
     {"Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4", "YouTube-real/00000.mp4"}},
    {"dfdc",
     "dfdc_train_part_0/metadata.json",
     {"dfdc_train_part_0/aaa.mp4", "dfdc_train_part_0/bbb.mp4"}},
    {"dfdc", "test/labels.csv", {"test/aaa.mp4", "test/bbb.mp4"}},
    {"dfdc-preview", "dataset.json", {"original_videos/a.mp4", "method_A/b.mp4"}},
    {"table", "videos.tsv", {"a.mp4", "b.mp4"}},
    {"deeper-forensics", "lists/splits/test.txt", {"manipulated_videos/end_to_end/000_W010.mp4"}},
    {"fakeavceleb", "meta_data.csv", {"FakeVideo-RealAudio/African/men/id00001/a.mp4"}},
};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct catalogue c = {.dataset = "fuzz"};
    struct source s = {.splits = "", .conversion = "", .table = ""};
    struct err err = {0};
    const struct layout *l;
    char table[200] = "";
    size_t kind, i;

    if (size == 0)
        return 0;
    kind = data[0] % N_KINDS;
    l = layout_find(kinds[kind].layout);
    if (!l)
        abort();
    s.root = c.root = fuzz_folder();
    fuzz_put(kinds[kind].file, data + 1, size - 1);
    for (i = 0; kinds[kind].videos[i]; i++)
        fuzz_put(kinds[kind].videos[i], "", 0);
    if (l == &layout_table) {
        strcpy(table, s.root);
        strcat(table, "/videos.tsv");
        s.table = table;
    }
    if (l->fill(&s, &c, &err) == 0 && catalogue_finish(&c, &err) == 0)
        for (i = 1; i < c.n; i++)
            if (strcmp(c.videos[i - 1].id, c.videos[i].id) >= 0)
                abort(); /* sorted, and each there once */
    catalogue_release(&c);
    fuzz_clear();
    return 0;
}
