# Builds the tools and runs the pipeline.  `make help` lists the targets.
#
# Everything built goes to build/$(BUILD)/, everything a run makes to $(RUN)/.
# Local settings belong in config.mk, which is never committed.

MAKEFLAGS += -r --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
export LC_ALL := C

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
OPT := $(or $(OPT.$(BUILD)),$(error BUILD=$(BUILD): use one of release debug asan tsan cov))

# No fused multiply-add unless a kernel asks for it by name: the same bytes on every machine.
common   = -D_GNU_SOURCE -g $(OPT) -ffp-contract=off -pthread -I. $(CPPFLAGS)
cflags   = -std=c11 $(common) $(WARN) $(CFLAGS)
cxxflags = -std=c++17 $(common) $(WARN.both) $(CXXFLAGS)
ldflags  = $(OPT) -pthread -Wl,--as-needed $(LDFLAGS)

# Libraries by pkg-config name, asked for when a program is linked and not before, so that
# `make deps all` works in one go on a machine that has none of them yet.
pkg-libs = $(shell pkg-config --libs $(1) || echo missing-package-see-make-deps)

# With `make deps ...` nothing is compiled before the packages are there, at any -j.
AFTER_DEPS := $(filter deps deps-all,$(MAKECMDGOALS))

.PHONY: FORCE
FORCE:

# A stamp that changes only when the flags do, so that new flags rebuild.
$(O)/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(CC) $(cflags) $(CXX) $(cxxflags) $(ldflags)' >$@.new; \
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

## check: build, then run the unit and command-line tests of this build (TESTS= picks some)
.PHONY: check
check: $(tools) $(unit_tests) $(check.needs)
	$(Q)BUILD_DIR='$(CURDIR)/$O' prove -j2 -e '' $(or $(TESTS),$(unit_tests) $(wildcard tests/cli/*.bats))

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([^:]*\): /\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 14

## clean: remove build/ (runs/ is kept)
.PHONY: clean
clean:
	rm -rf build compile_commands.json

compile_commands.json: Makefile $(wildcard */module.mk)
	$(call say,GEN,$@){ sep='['; for f in $(sort $(filter %.c,$(sources))); do \
	  printf '%s\n{"directory":"%s","file":"%s","command":"%s"}' "$$sep" '$(CURDIR)' $$f '$(CC) $(cflags) -c '$$f; sep=,; \
	done; printf '\n]\n'; } >$@.new && mv $@.new $@

-include $(patsubst %.o,%.d,$(call objects,$(sort $(sources))))
