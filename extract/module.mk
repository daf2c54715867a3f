# extract
extract.src := $(addprefix extract/,blazeface.c crop.c detect.c detect_cnn.c detect_hog.cc detect_pack.c extract.c extract_settings.c \
  face_filter.c face_quality.c face_rows.c finder.c group.c head_angles.c infer.c net_onnx.c onnx.c protobuf.c sample.c shape_fit.c shape_fit_avx2.c \
  shape_predictor.c \
  tracker.c video.c)
extract.pkg := libavutil
extract.lib = -l:libdlib.a $(if $(filter xnnpack,$(features)),-lXNNPACK)
extract.cxx := 1
extract.tests := test_blazeface test_detect_cnn test_net test_group test_sample test_shape_fit test_shape_predictor

$(eval $(call tool,lp-extract,extract,extract/main.c))

# dlib's filters, unpacked while building: see extract/detect_pack.h.
$(eval $(call program,extract/pack-detector,extract/pack_detector.c extract/detect_hog.cc,,-l:libdlib.a))
$(O)/extract/detect_pack.c: $(O)/extract/pack-detector
	$(call say,GEN,$@)$< >$@

$(O)/extract/detect_pack.o: $(O)/extract/detect_pack.c $(O)/flags
	$(call say,CC,$<)$(CC) $(cflags) -c -o $@ $<

# The landmark engine's additions are plain loops for the vectoriser.
extract/shape_fit.cflags := -O3
extract/shape_fit_avx2.cflags := -O3 $(if $(filter x86_64,$(shell uname -m)),-mavx2)
# dlib's templates, with the vector instructions that every x86-64 has.
extract/detect_hog.cflags := -O3

$(eval $(call program,tests/oracle/dlib_oracle,tests/oracle/dlib_oracle.cc,,-ldlib -llapack -lblas))
tests/oracle/dlib_oracle.cflags := -O3
$(eval $(call program,tests/oracle/faces_beside_dlib,tests/oracle/faces_beside_dlib.c,extract))
$(eval $(call program,tests/oracle/labelled_faces,tests/oracle/labelled_faces.c,extract))
$(eval $(call program,tests/oracle/net_outputs,tests/oracle/net_outputs.c,extract))
oracles += $(addprefix tests/oracle/,dlib_oracle faces_beside_dlib labelled_faces net_outputs)
$(eval $(call program,tests/bench/bench_extract,tests/bench/bench_extract.c,extract))
$(eval $(call program,tests/bench/bench_detect,tests/bench/bench_detect.c,extract))
benches += tests/bench/bench_extract tests/bench/bench_detect

# Synthetic heads as input: the generator's sources are linked in.
extract.with_heads := test_finder test_face_quality
$(foreach t,$(extract.with_heads),$(eval $(call program,tests/unit/$t,tests/unit/$t.c $(addprefix tests/gen/,head_model.c head_paint.c head_render.c),extract,$$(call pkg-libs,cmocka))))
unit_tests += $(extract.with_heads:%=$(O)/tests/unit/%)
