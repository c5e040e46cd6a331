"""Pure rules of the policies: the condition vocabulary, a version's life, the version in force, replays."""
