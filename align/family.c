#include "align/family.h"

#include <ctype.h>
#include <string.h>

#define YOUTUBE   "original_sequences/youtube/{compression}"
#define ACTORS    "original_sequences/actors/{compression}"
#define FAKES(of) "manipulated_sequences/" of "/{compression}"
#define FF        "FaceForensics++"

static const struct family_method ffpp_methods[] = {
    {"original", YOUTUBE, "FF-real", false, 0, {FF, NULL}},
    {"Deepfakes", FAKES("Deepfakes"), "FF-DF", true, 0, {FF, "FF-DF", NULL}},
    {"Face2Face", FAKES("Face2Face"), "FF-F2F", true, 0, {FF, "FF-F2F", NULL}},
    {"FaceSwap", FAKES("FaceSwap"), "FF-FS", true, 0, {FF, "FF-FS", NULL}},
    {"NeuralTextures", FAKES("NeuralTextures"), "FF-NT", true, 0, {FF, "FF-NT", NULL}},
    {"FaceShifter", FAKES("FaceShifter"), "FF-FH", true, 0, {"FaceShifter", NULL}},
    {"actors", ACTORS, "DFD_real", false, 1, {"DeepFakeDetection", NULL}},
    {"DeepFakeDetection", FAKES("DeepFakeDetection"), "DFD_fake", true, 1, {"DeepFakeDetection"}},
    {.method = NULL},
};

static const struct family_method celeb_df_v1_methods[] = {
    {"Celeb-real", "Celeb-real", "CelebDFv1_real", false, 0, {"Celeb-DF-v1", NULL}},
    {"YouTube-real", "YouTube-real", "CelebDFv1_real", false, 0, {"Celeb-DF-v1", NULL}},
    {"Celeb-synthesis", "Celeb-synthesis", "CelebDFv1_fake", true, 0, {"Celeb-DF-v1", NULL}},
    {.method = NULL},
};

static const struct family_method celeb_df_v2_methods[] = {
    {"Celeb-real", "Celeb-real", "CelebDFv2_real", false, 0, {"Celeb-DF-v2", NULL}},
    {"YouTube-real", "YouTube-real", "CelebDFv2_real", false, 0, {"Celeb-DF-v2", NULL}},
    {"Celeb-synthesis", "Celeb-synthesis", "CelebDFv2_fake", true, 0, {"Celeb-DF-v2", NULL}},
    {.method = NULL},
};

static const struct family_method dfdc_methods[] = {
    {"original", "{split}", "DFDC_Real", false, 0, {"DFDC", NULL}},
    {"undisclosed", "{split}", "DFDC_Fake", true, 0, {"DFDC", NULL}},
    {.method = NULL},
};

static const struct family_method dfdcp_methods[] = {
    {"original", "original_videos", "DFDCP_Real", false, 0, {"DFDCP", NULL}},
    {"method_A", "method_A", "DFDCP_FakeA", true, 0, {"DFDCP", NULL}},
    {"method_B", "method_B", "DFDCP_FakeB", true, 0, {"DFDCP", NULL}},
    {.method = NULL},
};

static const struct family_method deeperforensics_methods[] = {
    {"source_videos", "source_videos", "DF_real", false, 0, {"DeeperForensics-1.0", NULL}},
    {"manipulated_videos", "manipulated_videos", "DF_fake", true, 0, {"DeeperForensics-1.0", NULL}},
    {.method = NULL},
};

static const struct family_method uadfv_methods[] = {
    {"real", "real", "UADFV_Real", false, 0, {"UADFV", NULL}},
    {"fake", "fake", "UADFV_Fake", true, 0, {"UADFV", NULL}},
    {.method = NULL},
};

/* In the order of the configuration's enum align.family, after auto. */
static const struct family families[] = {
    {"ffpp", FF, "ffpp ff faceforensics faceforensicspp dfd deepfakedetection", true, ffpp_methods},
    {"celeb-df-v2", "Celeb-DF-v2", "celebdf celebdfv2 cdf cdfv2 cdf2", false, celeb_df_v2_methods},
    {"celeb-df-v1", "Celeb-DF-v1", "celebdfv1 cdfv1 cdf1", false, celeb_df_v1_methods},
    {"dfdc", "DFDC", "dfdc", false, dfdc_methods},
    {"dfdcp", "DFDCP", "dfdcp dfdcpreview", false, dfdcp_methods},
    {"deeperforensics", "DeeperForensics-1.0", "deeperforensics deeperforensics10", false,
     deeperforensics_methods},
    {"uadfv", "UADFV", "uadfv", false, uadfv_methods},
};
#define N_FAMILIES (int)(sizeof(families) / sizeof(*families))

const struct family_method *family_method(const struct family *f, const char *method)
{
    const struct family_method *m;

    for (m = f ? f->methods : NULL; m && m->method; m++)
        if (strcmp(m->method, method) == 0)
            return m;
    return NULL;
}

static bool has_alias(const struct family *f, const char *dataset)
{
    char plain[64];
    size_t n = 0;
    const char *p;

    for (; *dataset && n + 1 < sizeof(plain); dataset++)
        if (isalnum((unsigned char)*dataset))
            plain[n++] = (char)tolower((unsigned char)*dataset);
    plain[n] = '\0';
    for (p = f->aliases; n && (p = strstr(p, plain)); p++)
        if ((p == f->aliases || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

/* All methods are its own, and one at least is the name of a manipulation. */
static bool has_methods(const struct family *f, const char *const *methods, size_t n)
{
    bool fakes = false;
    size_t i;

    for (i = 0; i < n; i++) {
        const struct family_method *m = family_method(f, methods[i]);

        if (!m)
            return false;
        fakes |= m->fake;
    }
    return fakes;
}

const struct family *family_find(const struct conf *conf, const char *dataset,
                                 const char *const *methods, size_t n)
{
    int word = conf_enum(conf, "align.family"), i;

    if (word > 0)
        return word <= N_FAMILIES ? &families[word - 1] : NULL;
    for (i = 0; i < N_FAMILIES; i++)
        if (has_alias(&families[i], dataset))
            return &families[i];
    for (i = 0; i < N_FAMILIES; i++)
        if (has_methods(&families[i], methods, n))
            return &families[i];
    return NULL;
}

static bool listed(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

bool family_label_known(const char *label)
{
    static const char *const known[] = {
        "DFD_fake",    "FF-SH",     "FF-F2F",         "FF-DF",          "FF-FS",
        "FF-NT",       "FF-FH",     "CelebDFv1_fake", "CelebDFv2_fake", "DFDCP_FakeA",
        "DFDCP_FakeB", "DFDC_Fake", "DF_fake",        "UADFV_Fake",     "roop_Fake",
        "DFD_real",    "FF-real",   "CelebDFv1_real", "CelebDFv2_real", "DFDCP_Real",
        "DFDC_Real",   "DF_real",   "UADFV_Real",     "roop_Real",      NULL};

    return listed(known, label);
}

bool family_file_has_compression(const char *file)
{
    static const char *const files[] = {
        FF, "FF-DF", "FF-F2F", "FF-FS", "FF-NT", "FaceShifter", "DeepFakeDetection", NULL};

    return listed(files, file);
}
