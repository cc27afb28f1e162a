"""The sources of the dashboards, a module each."""

import json

from . import host, matrix, overview, path, stream

MODULES = (overview, matrix, stream, host, path)


def dashboards():
    """The JSON text of each dashboard, by the name of its file."""
    built = (module.build() for module in MODULES)
    return {f"{board['uid']}.json": json.dumps(board, indent=2, ensure_ascii=False) + "\n" for board in built}
