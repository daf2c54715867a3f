# swap
swap.src :=
swap.tests :=
