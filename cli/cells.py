"""Text in the cells of a terminal, where a Chinese character takes two."""

from collections.abc import Iterator

from rich.cells import cell_len


def wrapped(text: str, width: int) -> str:
    """The text in lines of at most ``width`` cells. Lines break at blanks, and between any two wide characters."""
    lines: list[str] = [""]
    for piece in _pieces(text):
        if cell_len(lines[-1]) + cell_len(piece.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
        while cell_len(lines[-1].rstrip()) > width:
            kept = _fitting(lines[-1], width)
            lines[-1:] = [lines[-1][:kept], lines[-1][kept:]]
    return "\n".join(lines).rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What must not be parted: a word with the blanks behind it, or one wide character."""
    piece = ""
    for character in text:
        if cell_len(character) > 1:
            if piece:
                yield piece
            yield character
            piece = ""
        elif piece.endswith(" ") and character != " ":
            yield piece
            piece = character
        else:
            piece += character
    if piece:
        yield piece


def _fitting(text: str, width: int) -> int:
    """How many characters fit, at least one."""
    used = 0
    for count, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return max(count, 1)
    return len(text)


def shortened(text: str, width: int) -> str:
    """The text on one line of at most ``width`` cells; what is cut off is an ellipsis."""
    if cell_len(text) <= width:
        return text
    return text[: _fitting(text, max(width - 1, 1))].rstrip() + "…"


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text with blanks to ``width`` cells, behind it or before it."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks
