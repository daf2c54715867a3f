/* pack-detector > detect_pack.c: runs while building, see detect_pack.h. */
#include "extract/detect_pack.h"

const size_t detect_pack_size = 0;
const unsigned char detect_pack[] = {0};

int main(void)
{
    struct err err = {0};

    if (!detect_pack_write(stdout, &err) && fclose(stdout) == 0)
        return 0;
    fprintf(stderr, "pack-detector: %s\n", err.text);
    return 74;
}
