"""Pure reading of hooks: proofs, bodies, mappings."""
