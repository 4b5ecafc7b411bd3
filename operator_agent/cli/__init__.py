"""The command line, one module a family of commands; `main` is where it begins."""
