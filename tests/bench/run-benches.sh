#!/bin/sh
# run-benches.sh - every bench of this build, one after another; TSV lines `name value unit`.
# Each stands beside its peer in the same run; a peer that is not installed is a SKIP line.
set -u

: "${BUILD_DIR:?is the build folder}" "${RUN_DIR:?is where samples may go}"
export BUILD_DIR

clip=$RUN_DIR/bench/source/original_sequences/youtube/c23/videos/000.mp4
"$BUILD_DIR/gen/gen-heads" -q -o "$RUN_DIR/bench/source" --sequences 2 --frames 200 \
    --width 1280 --height 720 || exit

status=0
for bench in "$BUILD_DIR"/tests/bench/bench_*; do
    case $bench in
    *.o | *.d) continue ;;
    */bench_media) set -- "$clip" ;;
    *) set -- ;;
    esac
    printf '# %s\n' "$(basename "$bench")"
    "$bench" "$@" </dev/null || status=$?
done
exit $status
