# reports
reports.src :=
reports.tests :=
