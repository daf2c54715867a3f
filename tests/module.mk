# Bench, fuzz and generator programs that no stage owns.

# The generators of the two samples; tests/gen/fetch-real.sh gets what gen-real reads.
gen.heads := $(addprefix tests/gen/,head_model.c head_paint.c head_render.c head_motion.c)
gen.swap  := $(addprefix tests/gen/,head_model.c faceswap.c delaunay.c ffpp_tree.c camera_noise.c)
gen.real  := $(addprefix tests/gen/,still_motion.c face_track.c real_sources.c)

$(eval $(call program,gen/gen-heads,tests/gen/gen_heads.c $(sort $(gen.heads) $(gen.swap))))
$(eval $(call program,gen/gen-real,tests/gen/gen_real.c $(gen.swap) $(gen.real),extract))
