# lp-evaluate's AUC, DeLong variance, partial area and paired DeLong test against pROC.
# usage: Rscript metrics_oracle.R FOLDER     after metrics_oracle.py has filled it
suppressPackageStartupMessages(library(pROC))
folder <- commandArgs(TRUE)[1]
ours <- read.delim(file.path(folder, "ours.tsv"), colClasses = c(case = "character"))
near <- function(what, case, a, b, tol) {
    if (is.na(a) || is.na(b) || abs(a - b) > tol * max(1e-12, abs(b)))
        stop(sprintf("case %s: %s is %.15g here and %.15g by pROC", case, what, a, b))
}
n_auc <- n_var <- n_part <- n_paired <- 0
for (i in seq_len(nrow(ours))) {
    o <- ours[i, ]
    read <- function(suffix) read.csv(file.path(folder, paste0(o$case, suffix, ".csv")))
    one <- read("")
    make <- function(d) roc(d$label, d$score, levels = c(0, 1), direction = "<", quiet = TRUE)
    # pROC takes thresholds half-way between scores, which overflows or joins neighbours.
    s <- sort(unique(one$score))
    mid <- (head(s, -1) + tail(s, -1)) / 2
    if (any(!is.finite(mid)) || any(mid <= head(s, -1) | mid >= tail(s, -1))) next
    r <- make(one)
    near("the AUC", o$case, o$auc, as.numeric(auc(r)), 1e-12)
    n_auc <- n_auc + 1
    p <- as.numeric(auc(r, partial.auc = c(1, 0.9), partial.auc.focus = "specificity"))
    near("the partial area", o$case, o$pauc, p, 1e-9)
    n_part <- n_part + 1
    if (!is.na(o$var) && sum(one$label) > 1 && sum(!one$label) > 1) {
        near("the variance", o$case, o$var, var(r, method = "delong"), 1e-6)
        n_var <- n_var + 1
    }
    two <- make(read("_b"))
    if (!is.na(o$p) && sum(one$label) > 1 && sum(!one$label) > 1) {
        t <- suppressWarnings(roc.test(r, two, method = "delong", paired = TRUE))$p.value
        if (!is.na(t)) {
            near("the paired p", o$case, o$p, t, 1e-6)
            n_paired <- n_paired + 1
        }
    }
}
stopifnot(n_auc > nrow(ours) / 2, n_var > nrow(ours) / 4, n_paired > nrow(ours) / 4)
cat(sprintf("%d areas, %d partial areas, %d variances, %d paired tests equal to pROC's\n", n_auc, n_part, n_var, n_paired))
