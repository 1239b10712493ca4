"""The half of `transom dev` that is in the process of the command line."""
