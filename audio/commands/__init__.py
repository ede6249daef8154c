"""The commands of `audio`, one module each: HELP, configure(parser), run(args) -> exit code."""
