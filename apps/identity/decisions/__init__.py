"""Pure rules of identity: who arrives, how alike two records are, what the arrival is, what a merge keeps."""
