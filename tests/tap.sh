#!/bin/bash
# tap.sh PROGRAM [ARGUMENT...] - runs a test for prove. cmocka writes a skipped test as
# `not ok N # SKIP`, which TAP counts as a failure; here it becomes `ok N # SKIP`.
set -o pipefail
"$@" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/'
