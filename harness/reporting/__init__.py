"""One file for each format; each is a pure function of the evidence and the verdict of a run."""
