# evaluate
evaluate.src := $(addprefix evaluate/,names.c number.c json_line.c npy_scores.c score_lines.c problems.c ways.c frames.c \
  dataset.c scores_read.c clusters.c aggregate.c bulk.c ranked.c auc.c curve.c dist.c bootstrap.c \
  calibration.c metric_table.c metrics.c operating.c judge_groups.c judge.c probe_answer.c probe_formulas.c probe_scores.c probe_tables.c probe_regression.c probe_swaps.c \
  linalg.c features_read.c probe_linear.c probe_neighbours.c probe_erase.c subspace.c \
  feature_table.c probe_erasing.c probe_cka.c probe_retrieval.c probe_last_layer.c probe_features.c \
  verdict.c exchange.c pairs.c compat.c check.c result.c output_json.c output_tables.c output_text.c evaluate.c \
  spectrum.c logit.c score.c)
# OpenBLAS before GSL, whose own BLAS has the same names and is slow.
evaluate.pkg := openblas gsl fftw3
evaluate.tests := test_bulk test_golden_scores test_score_files test_ranking test_bootstrap test_identity_probes test_peer_metrics test_identity_tables test_swap_table test_feature_probes test_intervals test_reference_scorer
# The loops over all frames.
evaluate/score_lines.cflags := -O3
evaluate/number.cflags := -O3
evaluate/ranked.cflags := -O3
evaluate/auc.cflags := -O3
evaluate/linalg.cflags = $(shell pkg-config --cflags openblas 2>/dev/null)

$(eval $(call tool,lp-evaluate,evaluate,evaluate/main.c))
$(eval $(call tool,lp-score,evaluate,evaluate/score_main.c))

$(eval $(call program,tests/bench/bench_evaluate,tests/bench/bench_evaluate.c,evaluate))
benches += tests/bench/bench_evaluate

# Coverage of the intervals by simulation, for check-oracle.
$(eval $(call program,tests/oracle/interval_coverage,tests/oracle/interval_coverage.c,evaluate))
oracles += tests/oracle/interval_coverage
