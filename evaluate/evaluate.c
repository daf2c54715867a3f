#include "evaluate/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/bulk.h"
#include "evaluate/check.h"
#include "evaluate/compat.h"
#include "evaluate/judge.h"
#include "evaluate/output.h"
#include "evaluate/pairs.h"
#include "evaluate/probe_features.h"
#include "evaluate/probe_scores.h"
#include "evaluate/verdict.h"
#include "lib/atomic_file.h"
#include "lib/fs.h"
#include "lib/mem.h"
#include "lib/msg.h"

#define FEW_CLUSTERS 30

/* ---- input -----------------------------------------------------------------------------------*/

/* Tells all problems, of which some are fatal. */
static int bad_rows(struct result *res, const char *text, struct err *err)
{
    int r = problems_finish(&res->problems, err);
    size_t i;

    if (r)
        return r;
    for (i = 0; i < res->problems.n; i++)
        msg_error("%s", res->problems.p[i].text);
    return err_set(err, ERR_DATA, "%s", text);
}

static int read_scores(const struct tool_args *args, const struct evaluate_request *q,
                       struct result *res, struct err *err)
{
    struct dataset_policy policy = {
        .bad_score = (enum policy)conf_enum(args->conf, "evaluate.bad_score"),
        .unknown = (enum policy)conf_enum(args->conf, "evaluate.unknown"),
        .duplicate = (enum policy)conf_enum(args->conf, "evaluate.duplicate"),
        .mixed = (enum policy)conf_enum(args->conf, "evaluate.mixed_label"),
        .faces = (enum faces)conf_enum(args->conf, "evaluate.faces"),
        .source = {.ids = q->score_ids,
                   .npy_column = (int)conf_int(args->conf, "evaluate.npy_column")}};
    char text[200];
    int n, r = 0;

    policy.source.renames = conf_list(args->conf, "evaluate.columns", &policy.source.n_renames);
    for (n = 0; !r && n < args->n_operands; n++)
        r = dataset_scores(&res->data, args->operands[n], &policy, args->n_operands > 1,
                           &res->problems, err);
    if (r || !res->problems.fatal)
        return r;
    snprintf(text, sizeof(text),
             "%zu bad row%s in the score files (evaluate.bad_score, unknown, duplicate and "
             "mixed_label say what may be dropped)",
             res->problems.fatal, res->problems.fatal == 1 ? "" : "s");
    return bad_rows(res, text, err);
}

/* Which videos are judged. */
static int choose_split(const struct tool_args *args, struct result *res, struct err *err)
{
    static const char *const words[] = {"auto", "all", "train", "val", "test"};
    int want = conf_enum(args->conf, "evaluate.split");
    struct dataset *d = &res->data;
    size_t in_split[4] = {0}, rows = 0, kept = 0, i, m;
    uint32_t *scored = mem_array(d->n_videos, sizeof(*scored)); /* rows, of all models */

    res->use = mem_array(d->n_videos, 1);
    if (!res->use || !scored) {
        free(scored);
        return err_nomem(err);
    }
    for (m = 0; m < d->n_models; m++)
        for (i = 0; i < d->model[m].n;) {
            const uint32_t *video = d->model[m].video;
            size_t from = i;

            while (++i < d->model[m].n && video[i] == video[from])
                ;
            scored[video[from]] += (uint32_t)(i - from);
        }
    for (i = 0; i < d->n_videos; i++)
        if (scored[i])
            in_split[d->video[i].split]++;
    if (want == 0)
        want = in_split[SPLIT_TEST] ? 4 : 1;
    res->split = words[want];
    for (i = 0; i < d->n_videos; i++) {
        res->use[i] = want == 1 || d->video[i].split == want - 1;
        rows += scored[i];
        kept += res->use[i] ? scored[i] : 0;
    }
    free(scored);
    if (!kept)
        return err_set(err, ERR_DATA, "no score is of a video of split '%s'", res->split);
    if (kept < rows)
        problem_add(&res->problems, false, "other-split",
                    "%zu of %zu rows are of other splits than '%s' and were not judged",
                    rows - kept, rows, res->split);
    if (want == 1 && (in_split[SPLIT_TRAIN] || in_split[SPLIT_VAL]))
        problem_add(&res->problems, false, "train-judged",
                    "videos of the train or val split are judged: the numbers are too good");
    return 0;
}

/* A component in train and in test: the detector has met the people it is judged on. */
static int audit_split(struct result *res, struct err *err)
{
    const struct dataset *d = &res->data;
    uint8_t *train = mem_array(d->names.n, 1), *test = mem_array(d->names.n, 1);
    size_t i, n = 0;
    struct str names = STR_INIT;

    if (!train || !test) {
        free(train);
        free(test);
        return err_nomem(err);
    }
    for (i = 0; i < d->n_videos; i++) {
        const struct video *v = &d->video[i];

        if (v->component == NAME_NONE)
            continue;
        train[v->component] |= v->split == SPLIT_TRAIN;
        test[v->component] |= v->split == SPLIT_TEST;
    }
    for (i = 0; i < d->names.n; i++)
        if (train[i] && test[i] && n++ < 5)
            str_addf(&names, "%s%s", n > 1 ? ", " : "", names_text(&d->names, (uint32_t)i));
    if (n)
        problem_add(&res->problems, false, "split-leak",
                    "%zu component%s of people cross%s train and test (%s%s): the detector was "
                    "trained on people it is judged on",
                    n, n == 1 ? "" : "s", n == 1 ? "es" : "", names.s ? names.s : "",
                    n > 5 ? ", ..." : "");
    str_release(&names);
    free(train);
    free(test);
    return 0;
}

/* ---- judging ---------------------------------------------------------------------------------*/

static int judge_all(const struct tool_args *args, struct result *res, struct err *err)
{
    struct judge_options o = {.replicates = res->replicates,
                              .curve_points = (size_t)conf_int(args->conf, "evaluate.curve_points"),
                              .jobs = args->jobs,
                              .seed = res->seed,
                              .groups = conf_bool(args->conf, "evaluate.groups"),
                              .missing = (enum missing)conf_enum(args->conf, "evaluate.missing"),
                              .missing_score = conf_real(args->conf, "evaluate.missing_score"),
                              .threshold = conf_given(args->conf, "evaluate.threshold")
                                               ? conf_real(args->conf, "evaluate.threshold")
                                               : NAN};
    struct probe_options p = {.seed = res->seed,
                              .replicates = res->replicates,
                              .permutations = (size_t)conf_int(args->conf, "evaluate.permutations"),
                              .jobs = args->jobs};
    const char *const *how;
    size_t n, i;
    int k, r = 0;

    how = conf_list(args->conf, "evaluate.aggregates", &n);
    for (i = 0; i < n; i++)
        for (k = 0; k < N_AGGREGATES; k++)
            o.aggregate[k] |= !strcmp(how[i], aggregate_name((enum aggregate)k));
    for (i = 0; !r && i < res->data.n_models; i++) {
        msg_info("%s: %zu frames", res->data.model[i].name, res->data.model[i].n);
        r = judge_model(res, i, &o, err);
        if (!r && conf_bool(args->conf, "evaluate.probes"))
            r = probe_scores(res, i, &p, err);
    }
    return r;
}

/* Features belong to the first score file's detector. */
static int judge_features(const struct tool_args *args, const struct evaluate_request *q,
                          struct result *res, struct err *err)
{
    struct feature_options o = {
        .seed = res->seed,
        .permutations = (size_t)conf_int(args->conf, "evaluate.permutations"),
        .max_identities = (size_t)conf_int(args->conf, "evaluate.probe_identities"),
        .lambda = conf_real(args->conf, "evaluate.probe_penalty"),
        .iterations = (int)conf_int(args->conf, "evaluate.probe_iterations"),
        .inlp_rounds = (int)conf_int(args->conf, "evaluate.inlp_rounds"),
        .split = (enum feature_split)conf_enum(args->conf, "evaluate.probe_split"),
        .last_layer = q->last_layer,
        .erase = true};
    struct features f = {0}, other = {0};
    double agreement = NAN;
    int r = features_read(&f, res, q->features, q->feature_ids, err);

    if (!r && q->other_features)
        r = features_read(&other, res, q->other_features, q->other_ids, err);
    if (!r && f.skipped)
        problem_add(&res->problems, false, "features-skipped",
                    "'%s': %zu rows are of videos that are not judged", q->features, f.skipped);
    if (!r)
        r = probe_features(res, &f, q->other_features ? &other : NULL, &o, &res->model[0].probes,
                           &agreement, err);
    if (!r && agreement < 0.8)
        problem_add(&res->problems, false, "last-layer",
                    "'%s': the layer's video scores correlate only %.3f with those of '%s': is it "
                    "the layer behind these features?",
                    q->last_layer, agreement, res->data.model[0].path);
    if (!r && o.split == SPLIT_BY_FRAME)
        problem_add(&res->problems, false, "split-by-frame",
                    "the probes on features are split by frame: they measure the memory of videos "
                    "as well as of people");
    features_release(&f);
    features_release(&other);
    return r;
}

static int compare(const struct tool_args *args, struct result *res, struct err *err)
{
    struct pair_options o = {.seed = res->seed,
                             .replicates = res->replicates,
                             .permutations = (size_t)conf_int(args->conf, "evaluate.permutations"),
                             .jobs = args->jobs,
                             .power_difference =
                                 conf_real(args->conf, "evaluate.power_difference")};

    return pairs_compare(res, &o, err);
}

/* What a reader must know, beside the numbers. */
static void caveats(const struct tool_args *args, struct result *res)
{
    static const char *const what_missing[] = {
        "are left out (evaluate.missing: drop)", "are given the video score evaluate.missing_score",
        "are given the worst video score, the lowest for a fake, the highest for a real"};
    static const char *const what_faces[] = {"highest", "mean", "own of each"};
    int missing = conf_enum(args->conf, "evaluate.missing");
    int faces = conf_enum(args->conf, "evaluate.faces");
    size_t i;

    for (i = 0; i < res->data.n_models; i++) {
        const struct model_result *m = &res->model[i];
        const char *name = res->data.model[i].name;

        if (m->dropped)
            problem_add(&res->problems, false, "dropped", "%s: %zu rows were dropped", name,
                        m->dropped);
        if (m->missing_videos)
            problem_add(&res->problems, false, "missing-videos",
                        "%s: %zu video%s of the split ha%s no score and %s", name,
                        m->missing_videos, m->missing_videos == 1 ? "" : "s",
                        m->missing_videos == 1 ? "s" : "ve", what_missing[missing]);
        if (m->no_face_videos)
            problem_add(&res->problems, false, "no-face",
                        "%s: in %zu video%s of the split no face was found: they %s", name,
                        m->no_face_videos, m->no_face_videos == 1 ? "" : "s",
                        what_missing[missing]);
        if (res->data.model[i].many_faces)
            problem_add(&res->problems, false, "many-faces",
                        "%s: %zu frames have several scored faces: their score is the %s", name,
                        res->data.model[i].many_faces, what_faces[faces]);
        if (m->frame.n_pos == 0 || m->frame.n_neg == 0)
            problem_add(&res->problems, conf_enum(args->conf, "evaluate.one_class") == 1,
                        "one-class", "'%s': one class only: no %s", res->data.model[i].path,
                        m->frame.n_pos ? "real" : "fake");
        else if (m->video.clusters < FEW_CLUSTERS)
            problem_add(&res->problems, false, "few-clusters",
                        "%s: %zu clusters by %s: with fewer than %d the intervals are rough", name,
                        m->video.clusters, cluster_name(res->clusters.by), FEW_CLUSTERS);
        if (m->frame.m[METRIC_AUC].value < 0.5)
            problem_add(&res->problems, false, "below-half",
                        "%s: frame AUC is below 0.5: are the scores higher for fake?", name);
    }
    if (res->clusters.single)
        problem_add(&res->problems, false, "cluster-unknown",
                    "%zu videos without a %s count as clusters of their own", res->clusters.single,
                    cluster_name(res->clusters.by));
}

/* ---- output ----------------------------------------------------------------------------------*/

static int write_all(const struct tool_args *args, const char *folder, const struct result *res,
                     struct err *err)
{
    const char *input = res->data.input_hash ? res->data.input_hash : "-";
    struct str json = STR_INIT, path = STR_INIT;
    struct atomic_file f = {0};
    int r;

    if ((r = fs_make_folders(folder, err)) || (r = output_json(res, &json, err)) ||
        (r = output_curves(res, folder, args->settings_hash, input, err)) ||
        (r = output_probes(res, folder, args->settings_hash, input, err)) ||
        (r = output_pairs(res, folder, args->settings_hash, input, err)) ||
        (r = output_swaps(res, folder, args->settings_hash, input, err)))
        goto out;
    /* Last: who finds metrics.json finds the rest. */
    fs_join(folder, "metrics.json", &path);
    if (str_failed(&path))
        r = err_nomem(err);
    else if (!(r = atomic_open(&f, path.s, err))) {
        if (fwrite(json.s, 1, json.len, f.fp) != json.len) {
            r = err_set(err, ERR_IO, "cannot write '%s'", path.s);
            atomic_discard(&f);
        } else {
            r = atomic_commit(&f, true, err);
        }
    }
out:
    str_release(&json);
    str_release(&path);
    return r;
}

int evaluate_run(const struct tool_args *args, const struct evaluate_request *q, struct err *err)
{
    struct result res = {0};
    struct str text = STR_INIT;
    enum compat_tool tool = COMPAT_NONE;
    size_t i;
    int r;

    res.replicates = (size_t)conf_int(args->conf, "evaluate.bootstrap");
    res.seed = (uint64_t)conf_int(args->conf, "evaluate.seed");
    if (!args->n_operands)
        return err_set(err, ERR_USAGE, "no score file");
    if (!q->features != !q->feature_ids)
        return err_set(err, ERR_USAGE, "--features and --feature-ids go together");
    if (!q->other_features != !q->other_ids)
        return err_set(err, ERR_USAGE, "--other-features and --other-ids go together");
    if ((q->other_features || q->last_layer) && !q->features)
        return err_set(err, ERR_USAGE, "--other-features and --last-layer need --features");
    if (q->check && (r = check_conditions(q->check, NULL, err)))
        return r;
    if (q->compat && (tool = compat_parse(q->compat)) == COMPAT_NONE)
        return err_set(err, ERR_USAGE, "--compat is deepfakebench or caddm, not '%s'", q->compat);
    if ((r = bulk_begin((size_t)conf_int(args->conf, "evaluate.memory_mib") << 20,
                        conf_string(args->conf, "evaluate.scratch"), err)))
        goto out;
    if (q->manifest && (r = dataset_manifest(&res.data, q->manifest, err)))
        goto out;
    if ((r = read_scores(args, q, &res, err)) || (r = choose_split(args, &res, err)) ||
        (r = audit_split(&res, err)) ||
        (r = clusters_make(&res.clusters, &res.data, res.use,
                           (enum cluster_by)conf_enum(args->conf, "evaluate.cluster"), err)) ||
        (res.clusters.by != CLUSTER_TWO_WAY && clusters_are_crossed(&res.data, res.use) &&
         (r = clusters_make(&res.crossed, &res.data, res.use, CLUSTER_TWO_WAY, err))))
        goto out;
    if (args->dry_run) {
        printf("would judge %zu score file%s: %zu videos, split %s, clusters by %s\n",
               res.data.n_models, res.data.n_models == 1 ? "" : "s", res.data.n_videos, res.split,
               cluster_name(res.clusters.by));
        goto out;
    }
    res.model = mem_array(res.data.n_models, sizeof(*res.model));
    if (!res.model) {
        r = err_nomem(err);
        goto out;
    }
    if ((r = judge_all(args, &res, err)) || (r = compare(args, &res, err)) ||
        (q->features && (r = judge_features(args, q, &res, err))))
        goto out;
    for (i = 0; tool != COMPAT_NONE && i < res.data.n_models; i++)
        if ((r = compat_measure(&res, i, tool, err)))
            goto out;
    for (i = 0; i < res.data.n_models; i++)
        verdict_write(&res.model[i], &res, conf_string(args->conf, "evaluate.probe_split"));
    caveats(args, &res);
    if (res.problems.fatal) {
        r = bad_rows(&res, "scores of one class (evaluate.one_class: fail)", err);
        goto out;
    }
    if ((r = problems_finish(&res.problems, err)))
        goto out;
    for (i = 0; i < res.problems.n; i++)
        msg_warning("%s", res.problems.p[i].text);
    if (strcmp(q->output, "-") && (r = write_all(args, q->output, &res, err)))
        goto out;
    output_text(&res, &text);
    if (str_failed(&text))
        r = err_nomem(err);
    else if (fputs(text.s, stdout) == EOF)
        r = err_set(err, ERR_IO, "cannot write standard output");
    if (!r && q->check)
        r = check_conditions(q->check, &res, err);
out:
    str_release(&text);
    result_release(&res);
    bulk_end();
    return r;
}
