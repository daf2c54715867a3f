# Bench, fuzz and generator programs that no stage owns.

# The generators of the two samples; tests/gen/fetch-real.sh gets what gen-real reads.
gen.heads := $(addprefix tests/gen/,head_model.c head_paint.c head_render.c head_motion.c)
gen.noise := tests/gen/camera_noise.c
gen.swap  := $(addprefix tests/gen/,faceswap.c delaunay.c)
gen.tree  := tests/gen/ffpp_tree.c
gen.real  := $(addprefix tests/gen/,still_motion.c face_track.c real_sources.c)

$(eval $(call program,gen/gen-heads,tests/gen/gen_heads.c $(gen.heads) $(gen.noise) $(gen.swap) $(gen.tree)))
$(eval $(call program,gen/gen-real,tests/gen/gen_real.c tests/gen/head_model.c $(gen.noise) $(gen.swap) $(gen.tree) $(gen.real),extract))
$(eval $(call program,gen/gen-scenes,tests/gen/gen_scenes.c $(gen.heads) $(gen.noise)))

# Their own tests.
$(eval $(call program,tests/unit/test_gen_heads,tests/unit/test_gen_heads.c $(gen.heads) $(gen.noise),,$$(call pkg-libs,cmocka)))
$(eval $(call program,tests/unit/test_gen_faceswap,tests/unit/test_gen_faceswap.c tests/gen/head_model.c $(gen.swap),,$$(call pkg-libs,cmocka)))
$(eval $(call program,tests/unit/test_gen_tree,tests/unit/test_gen_tree.c tests/gen/head_model.c $(gen.swap) $(gen.tree) tests/gen/still_motion.c,,$$(call pkg-libs,cmocka)))
unit_tests += $(addprefix $(O)/tests/unit/,test_gen_heads test_gen_faceswap test_gen_tree)

# Fuzz targets (tests/fuzz/fuzz.h): replayed over their corpus by every build, run by `make fuzz`.
fuzz.targets := archive config download layout manifest npy picture scores video
fuzz.stages.archive := fetch
fuzz.stages.download := fetch
fuzz.stages.layout := fetch
fuzz.stages.scores := evaluate
$(foreach t,$(fuzz.targets),$(eval $(call program,fuzz/replay_$t,tests/fuzz/fuzz_$t.c tests/fuzz/fuzz_files.c tests/fuzz/replay.c,$(fuzz.stages.$t))))
$(foreach t,$(fuzz.targets),$(eval $(call program,fuzz/fuzz_$t,tests/fuzz/fuzz_$t.c tests/fuzz/fuzz_files.c,$(fuzz.stages.$t),-fsanitize=fuzzer)))
replays := $(fuzz.targets:%=fuzz/replay_%)

FUZZ_SECONDS ?= 60
.PHONY: fuzz fuzz-run
## fuzz: run libFuzzer on each parser of foreign files (FUZZ_SECONDS=60 each, FUZZ="config npy"; needs clang)
fuzz:
	$(Q)$(MAKE) BUILD=fuzz CC=clang CXX=clang++ fuzz-run
fuzz-run: $(addprefix $(O)/fuzz/fuzz_,$(or $(FUZZ),$(fuzz.targets)))
	$(Q)set -e; for t in $(or $(FUZZ),$(fuzz.targets)); do mkdir -p $(O)/corpus/$$t; \
	  for f in $(O)/found-$$t-*; do if [ -e "$$f" ]; then mv "$$f" $(O)/corpus/$$t; fi; done; echo "  FUZZ   $$t"; \
	  $(O)/fuzz/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=3000 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(O)/found-$$t- $(O)/corpus/$$t tests/fuzz/corpus/$$t 2>&1 | grep -vE 'stat::(new_units|slowest)'; \
	  for f in $(O)/found-$$t-*; do if [ -e "$$f" ]; then echo "FUZZ: $$f fails; make it a seed in tests/fuzz/corpus/$$t" >&2; exit 1; fi; done; done

## bench-corrections: what each correction of mfs-published changes in a run's fakes (RUN=runs/demo-real)
corrections.run = $(if $(filter file,$(origin RUN)),runs/demo-real,$(RUN))
.PHONY: bench-corrections
bench-corrections: $(O)/bin/lp-swap
	$(Q)test -e $(corrections.run)/extract.tsv || { echo 'no $(corrections.run)/extract.tsv: make demo-real, or RUN=' >&2; exit 1; }
	$(Q)/usr/bin/python3 tests/bench/published_corrections.py $< $(corrections.run)/extract.tsv
