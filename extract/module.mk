# extract
extract.src :=
extract.tests :=
