#include "fetch/recipe_ffpp.h"

#include <string.h>

#include "lib/fs.h"
#include "lib/json.h"
#include "lib/str.h"

#define LIST       "filelist.json"
#define ACTOR_LIST "deepfake_detection_filenames.json"
#define SPLITS_URL "https://raw.githubusercontent.com/ondyari/FaceForensics/master/dataset/splits/"

static const char *const usual[] = {"Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures",
                                    "FaceShifter"};
static const char *const splits[] = {"train.json", "val.json", "test.json"};

#define N_USUAL (sizeof(usual) / sizeof(*usual))

static bool has_actors(const struct ffpp_recipe *r)
{
    size_t i;

    for (i = 0; i < r->n_methods; i++)
        if (strcmp(r->methods[i], "DeepFakeDetection") == 0)
            return true;
    return false;
}

int ffpp_recipe_lists(const struct ffpp_recipe *r, struct plan *p, struct err *err)
{
    struct str item = STR_INIT;
    size_t i;
    int code = plan_add_item(p, "v3/misc/" LIST " to=" LIST " optional", "the list of FF++", err);

    if (!code && has_actors(r))
        code = plan_add_item(p, "v3/misc/" ACTOR_LIST " to=" ACTOR_LIST, "the list of FF++", err);
    for (i = 0; i < 3 && !code; i++) {
        /* The server itself has none; a mirror of one's own may. */
        str_clear(&item);
        str_addf(&item, "v3/%s " SPLITS_URL "%s to=%s optional", splits[i], splits[i], splits[i]);
        code = str_failed(&item) ? err_nomem(err)
                                 : plan_add_item(p, item.s, "the splits of FF++", err);
    }
    str_release(&item);
    return code;
}

/* Adds PLACE/COMPRESSION/videos/NAME.mp4, and the mask. */
static int add_video(const struct ffpp_recipe *r, struct plan *p, const char *place,
                     const char *name, bool mask, struct err *err)
{
    struct str url = STR_INIT, path = STR_INIT;
    size_t i;
    int code = 0;

    for (i = 0; i <= r->n_compressions && !code; i++) {
        const char *c = i < r->n_compressions ? r->compressions[i] : "masks";

        if (i == r->n_compressions && !mask)
            break;
        if (strcmp(c, "c0") == 0)
            c = "raw";
        str_clear(&url);
        str_clear(&path);
        str_addf(&url, "v3/%s/%s/videos/%s.mp4", place, c, name);
        str_addf(&path, "%s/%s/videos/%s.mp4", place, c, name);
        code = str_failed(&url) || str_failed(&path) ? err_nomem(err)
                                                     : plan_add_name(p, url.s, path.s, false, err);
    }
    str_release(&url);
    str_release(&path);
    return code;
}

static int check_name(const char *name, const char *list, struct err *err)
{
    if (!name || !fs_is_safe_name(name) || strchr(name, '/') || strlen(name) > 128 ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")])
        return err_set(err, ERR_DATA, "'%s' lists something that is no name of a video", list);
    return 0;
}

/* Fakes of one pair, in both directions, by each method. */
static int add_fakes(const struct ffpp_recipe *r, struct plan *p, const char *a, const char *b,
                     struct err *err)
{
    const char *const *methods = r->n_methods ? r->methods : usual;
    size_t n = r->n_methods ? r->n_methods : N_USUAL, i;
    struct str place = STR_INIT, name = STR_INIT;
    int code = 0, turn;

    for (i = 0; i < n && !code; i++) {
        bool mask = r->masks && strcmp(methods[i], "FaceShifter") != 0; /* it has none */

        if (strcmp(methods[i], "DeepFakeDetection") == 0 || strcmp(methods[i], "original") == 0 ||
            strcmp(methods[i], "actors") == 0)
            continue;
        for (turn = 0; turn < 2 && !code; turn++) {
            str_clear(&place);
            str_clear(&name);
            str_addf(&place, "manipulated_sequences/%s", methods[i]);
            str_addf(&name, "%s_%s", turn ? b : a, turn ? a : b);
            code = str_failed(&place) || str_failed(&name)
                       ? err_nomem(err)
                       : add_video(r, p, place.s, name.s, mask, err);
        }
    }
    str_release(&place);
    str_release(&name);
    return code;
}

static int add_pairs(const struct ffpp_recipe *r, struct plan *p, const char *path, long long *left,
                     struct err *err)
{
    struct jsonr *root = NULL;
    size_t i;
    int code = jsonr_load(&root, path, err);

    if (!code && jsonr_kind_of(root) != JSONR_ARRAY)
        code = err_set(err, ERR_DATA, "'%s' is not an array of pairs", path);
    for (i = 0; !code && i < jsonr_size(root) && *left != 0; i++) {
        const struct jsonr *pair = jsonr_at(root, i);
        const char *a = jsonr_as_text(jsonr_at(pair, 0)), *b = jsonr_as_text(jsonr_at(pair, 1));

        if ((code = check_name(a, path, err)) || (code = check_name(b, path, err)) ||
            (code = add_video(r, p, "original_sequences/youtube", a, false, err)) ||
            (code = add_video(r, p, "original_sequences/youtube", b, false, err)) ||
            (code = add_fakes(r, p, a, b, err)))
            break;
        if (*left > 0)
            --*left;
    }
    jsonr_free(root);
    return code;
}

/* DeepFakeDetection: {"actors": [...], "DeepFakesDetection": [...]}; the s is theirs. */
static int add_actors(const struct ffpp_recipe *r, struct plan *p, const char *path,
                      struct err *err)
{
    static const char *const keys[] = {"actors", "DeepFakesDetection"};
    static const char *const places[] = {"original_sequences/actors",
                                         "manipulated_sequences/DeepFakeDetection"};
    struct jsonr *root = NULL;
    size_t i, k;
    int code = jsonr_load(&root, path, err);

    for (k = 0; k < 2 && !code; k++) {
        const struct jsonr *names = jsonr_get(root, keys[k]);

        if (jsonr_kind_of(names) != JSONR_ARRAY)
            code = err_set(err, ERR_DATA, "'%s' has no array '%s'", path, keys[k]);
        for (i = 0; !code && i < jsonr_size(names); i++) {
            const char *name = jsonr_as_text(jsonr_at(names, i));

            if (!(code = check_name(name, path, err)))
                code = add_video(r, p, places[k], name, k == 1 && r->masks, err);
        }
    }
    jsonr_free(root);
    return code;
}

int ffpp_recipe_videos(const struct ffpp_recipe *r, struct plan *p, struct err *err)
{
    struct str path = STR_INIT;
    long long left = r->pairs ? r->pairs : -1;
    bool any = false;
    size_t i;
    int code = 0;

    fs_join(r->root, LIST, &path);
    if (str_failed(&path)) {
        code = err_nomem(err);
    } else if (fs_exists(path.s)) {
        any = true;
        code = add_pairs(r, p, path.s, &left, err);
    }
    for (i = 0; i < 3 && !code && !any; i++) {
        fs_join(r->root, splits[i], &path);
        if (str_failed(&path))
            code = err_nomem(err);
        else if (fs_exists(path.s))
            code = add_pairs(r, p, path.s, &left, err);
    }
    if (!code && p->n == 0)
        code = err_set(err, ERR_NOINPUT,
                       "neither the server's " LIST " nor train.json, val.json and test.json in "
                       "'%s' name any video",
                       r->root);
    if (!code && has_actors(r)) {
        fs_join(r->root, ACTOR_LIST, &path);
        code = str_failed(&path) ? err_nomem(err) : add_actors(r, p, path.s, err);
    }
    str_release(&path);
    return code;
}
