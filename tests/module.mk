# Bench, fuzz and generator programs that no stage owns.

# The generators of the two samples; tests/gen/fetch-real.sh gets what gen-real reads.
gen.heads := $(addprefix tests/gen/,head_model.c head_paint.c head_render.c head_motion.c)
gen.swap  := $(addprefix tests/gen/,faceswap.c delaunay.c ffpp_tree.c)

$(eval $(call program,gen/gen-heads,tests/gen/gen_heads.c $(gen.heads) $(gen.swap)))
