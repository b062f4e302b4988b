"""The command line. A command group is one module here and one line in `main`."""
