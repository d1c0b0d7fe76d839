"""The command line: one file a command. Only translates; heavy parts are imported inside functions."""
