#include "lib/shard.h"

#include <stdio.h>
#include <string.h>

#include "lib/hash.h"

#define MAX_SHARDS 100000

int shard_parse(const char *text, struct shard *s, struct err *err)
{
    unsigned index, count;
    int used = 0;

    if (sscanf(text, "%9u/%9u%n", &index, &count, &used) != 2 || text[used] || text[0] == '-' ||
        text[0] == '+' || text[0] == ' ' || count == 0 || count > MAX_SHARDS || index >= count)
        return err_set(err, ERR_USAGE,
                       "invalid argument '%s' for --shard; should be I/N with 0 <= I < N <= %d",
                       text, MAX_SHARDS);
    s->index = index;
    s->count = count;
    return 0;
}

bool shard_has(const struct shard *s, const char *group)
{
    return s->count <= 1 || hash_name(group) % s->count == s->index;
}

void shard_path(const struct shard *s, const char *path, struct str *out)
{
    const char *base = strrchr(path, '/'), *dot = strrchr(path, '.');

    str_clear(out);
    if (s->count == 0 || strcmp(path, "-") == 0) {
        str_add(out, path);
        return;
    }
    if (!dot || (base && dot < base))
        dot = path + strlen(path);
    str_add_n(out, path, (size_t)(dot - path));
    str_addf(out, ".%u-of-%u%s", s->index, s->count, dot);
}
