# fetch
fetch.src := $(addprefix fetch/,audit.c catalogue.c fetch.c ffpp_lists.c layout_celeb_df.c \
  layout_ffpp.c layouts.c policy.c probe.c scan.c symbols.c)
fetch.pkg := libavutil
fetch.tests :=

$(eval $(call tool,lp-fetch,fetch,fetch/main.c))
