#include "lib/video_key.h"

#include <string.h>

int video_key_parse(const char *text, struct video_key *k, struct err *err)
{
    const struct {
        char *to;
        size_t room;
    } parts[] = {{k->dataset, sizeof(k->dataset)},
                 {k->method, sizeof(k->method)},
                 {k->compression, sizeof(k->compression)},
                 {k->name, sizeof(k->name)}};
    const char *p = text;
    size_t i;

    for (i = 0; i < 4; i++) {
        size_t n = i < 3 ? strcspn(p, "/") : strlen(p);

        if (n == 0 || n >= parts[i].room || (n == 2 && p[0] == '.' && p[1] == '.') ||
            (i < 3 && p[n] != '/'))
            return err_set(err, ERR_DATA,
                           "'%s' is not a video key (dataset/method/compression/name)", text);
        memcpy(parts[i].to, p, n);
        parts[i].to[n] = '\0';
        p += n + (i < 3);
    }
    return 0;
}
