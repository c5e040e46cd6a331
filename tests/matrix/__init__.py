"""The generated matrices: every address, field and table against everybody who has no business there."""
