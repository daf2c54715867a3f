# evaluate
evaluate.src :=
evaluate.tests :=
