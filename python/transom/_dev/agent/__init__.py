"""The half of `transom dev` that is in the process of the app: swaps code, speaks with pages."""
