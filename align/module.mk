# align
align.src := $(addprefix align/,align.c exports.c export_imagefolder.c)
align.pkg := libavutil
align.tests :=

$(eval $(call tool,lp-align,align,align/main.c))
