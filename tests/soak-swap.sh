#!/bin/bash
# soak-swap.sh EXTRACT.TSV [SAMPLES [OTHERS]] - many samples of every method (default 100000 of mfs
# and 10000 of each other), written and thrown away: none may fail, and none be skipped without a
# reason. Prints what came of each method. BUILD_DIR is the build.
set -euo pipefail

manifest=$(realpath "${1:?usage: soak-swap.sh EXTRACT.TSV [SAMPLES [OTHERS]]}")
many=${2:-100000} some=${3:-10000}
: "${BUILD_DIR:?is the build folder}"
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/soak-swap.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$(dirname "$manifest")"

# column NAME: the values of a column of swap.tsv
column() {
    awk -F'\t' -v name="$1" 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 { print $c }' \
        "$folder/swap.tsv"
}

bad=0
for method in mfs mfs-published sbi bob bi i2g fwa; do
    wanted=$some
    [ "$method" = mfs ] && wanted=$many
    common=(-q -s "swap.method=$method" -s "swap.splits=train,val,test,none" -s run.max_failed=1 -i "$(basename "$manifest")")
    "$BUILD_DIR/bin/lp-swap" "${common[@]}" -o "$folder/swap.tsv"
    rows=$(column id | wc -l)
    epochs=$(((wanted + rows - 1) / rows))
    "$BUILD_DIR/bin/lp-swap" "${common[@]}" -s "swap.epochs=$epochs" -o "$folder/swap.tsv"
    printf '%s: %d samples, %d failed, %d skipped\n' "$method" "$(column id | wc -l)" \
        "$(column status | grep -c '^fail' || true)" "$(column status | grep -c '^skip' || true)"
    paste <(column status) <(column reason) | grep -v '^ok' | sort | uniq -c | sort -rn | head -5 || true
    if [ "$(column id | wc -l)" -lt "$wanted" ] || column status | grep -q '^fail' ||
        paste <(column status) <(column reason) | grep -qxP 'skip\t\.?'; then
        bad=1
    fi
    rm -rf "$folder"/swap "$folder/swap.tsv"
done
exit $bad
