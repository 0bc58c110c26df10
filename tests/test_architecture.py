"""The architecture's list of files names files that are there, each in its room."""

import re
from pathlib import Path

LIST = Path("docs/architecture.md")
ROOMS = Path("storefront")


def named() -> list[Path]:
    """Each line that begins with a file, under the heading of its room."""
    found, room = [], ""
    for line in LIST.read_text().splitlines():
        if heading := re.match(r"### .*?(\w+)/?$", line):
            room = heading[1]
        elif file := re.match(r"- `([\w/]+\.py)`", line):
            found.append(ROOMS / room / file[1])
    return found


def test_every_file_that_the_architecture_lists_is_there_and_listed_once() -> None:
    listed = named()
    assert len(listed) > 200
    assert [str(path) for path in listed if not path.is_file()] == []
    assert len(set(listed)) == len(listed)
