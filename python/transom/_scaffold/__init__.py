"""Makes new projects out of the templates beside it, which are apps themselves."""
