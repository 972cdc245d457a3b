"""The command line: `assay init|build|show|report|alert|…`.

`python -m python_ml` is the same. What each command takes and does is a module of
`command_line`.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from python_ml.common.installed import not_installed

_DESCRIPTION = (
    "Begin a project, build it, show its quality index, write its report, tell of "
    "incidents, recommend products, simulate a shop, map files to feeds, encode texts, "
    "find wrong labels, train a classifier. "
    "The exit code is 0 if all went well, 1 (with a sentence) if not, 2 for a call "
    "that cannot be understood, and 3 where `alert` could not deliver everything."
)
_COMMANDS = {
    "init": "write a dbt project, or add Assay to the one that is there",
    "build": "run `dbt build`, with what else is given, and print the index",
    "sample": "simulate a shop with known defects and write its feeds",
    "map": "propose how the files of a folder are mapped to the feeds",
    "show": "print the index of the last build",
    "alert": "tell people of incidents: a webhook, a file or text",
    "report": "write the last build as a page of HTML",
    "calibrate": "learn weights of the index from what defects cost the shop",
    "recommend": "write lists of recommendations, learned from the repaired data",
    "encode": "write the embeddings of texts",
    "score": "find wrong labels: error rate, suspects and suggestions",
    "train": "fine-tune a classifier of texts",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code, with one sentence on what went wrong.

    The code is 0 if all went well, 1 if not, 3 where `alert` could not deliver
    everything, and 130 after Ctrl-C; of a call that cannot be understood the parser
    itself exits, with 2.
    """
    name = "assay" if Path(sys.argv[0]).stem == "assay" else "python -m python_ml"
    parser = argparse.ArgumentParser(prog=name, description=_DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)
    for command, words in _COMMANDS.items():
        # `build` hands even --help on to dbt.
        added = commands.add_parser(command, help=words, add_help=command != "build")
        module = import_module(f"python_ml.command_line.{command}")
        module.add_arguments(added)
        added.set_defaults(run=module.run)

    options, others = parser.parse_known_args(arguments)
    if others and options.command != "build":
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    options.others = others
    try:
        return options.run(options)
    except BrokenPipeError:
        return 0  # The reader, such as `head`, has seen enough.
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        print("Error:", not_installed() or error, file=sys.stderr)
        return 1
    except (ImportError, OSError, ValueError) as error:
        print("Error:", " ".join(str(error).split()), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
