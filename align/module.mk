# align
align.src :=
align.tests :=
