"""Pages that a person opens by a link of ours. Owns no facts: what they ask and keep is the flows'."""
