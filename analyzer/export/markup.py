"""HTML that is safe by construction: whatever is not marked as Html is escaped when it enters an element."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import urlsplit

from analyzer.export.wording import printable

_VOID = frozenset({"meta", "link", "br", "hr"})


class Html(str):
    """Markup made here; every other string is text."""

    __slots__ = ()


def escape(text: str) -> Html:
    """Return text as it can stand between tags and in quoted attributes."""
    return text if isinstance(text, Html) else Html(html.escape(printable(text), quote=True))


def join(parts: Iterable[str], between: str = "") -> Html:
    """Return the parts one after another, each escaped unless it is Html."""
    return Html(escape(between).join(escape(part) for part in parts))


def tag(name: str, /, *children: str, **attributes: str | bool | None) -> Html:
    """Return an element. `class_` stands for class, `data_p` for data-p; None and False leave an attribute out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False and value != ""
    )
    return Html(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{join(children)}</{name}>")


def web_address(url: str | None) -> str | None:
    """Return the address if it is one of the web (http, https) that a reader can safely follow, None otherwise."""
    if not url or url != printable(url) or len(url.split()) != 1:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def link(text: str, url: str | None) -> Html:
    """Return the text, as a link where the address is one of the web."""
    address = web_address(url)
    return tag("a", text, href=address, rel="noopener noreferrer nofollow") if address else escape(text)
