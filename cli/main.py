"""Where ``peakline`` starts, and where its exit codes are decided.

Exit codes: 0 done, 1 a check failed or something broke while running, 2 bad input, 130 interrupted.
"""

import sys

INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""


def main() -> None:
    """Run the command line; errors that people can mend end in one line and exit code 2."""
    # Imported here: it takes seconds on a busy machine, and Ctrl-C may come as early as that.
    try:
        from cli.app import app  # noqa: PLC0415
        from cli.output import complain  # noqa: PLC0415
        from domain.errors import PeaklineError  # noqa: PLC0415

        try:
            app()
        except PeaklineError as error:
            complain(str(error))
            sys.exit(2)
        except SystemExit as ended:
            if ended.code == INTERRUPTED:  # typer swallows Ctrl-C without a word
                raise KeyboardInterrupt from ended
            raise
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
