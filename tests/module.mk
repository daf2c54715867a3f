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
