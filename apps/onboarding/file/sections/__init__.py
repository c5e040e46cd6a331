"""The sections of a tenant file: each module writes its rows through actions, and reads them back."""
