# fetch
fetch.src :=
fetch.tests :=
