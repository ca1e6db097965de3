"""Drafting: a document with numbered points to the TOML text of a plan file, for a person to finish.

What the document does not tell is filled with a stand-in and marked `# finish:`. The points' texts are the document's
own words with white space normalised; the person puts them into words of their own.

Numbers are understood as "1.", "1)", "(1)", "1:", "I.", "(iv)", "Point 1:", "Article Two." and "First, …" at the
beginning of a line, and as "(1)", "1)", "1." and "Second, …" within a paragraph.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import takewhile

from analyzer.errors import InputError
from analyzer.plans import MAX_BYTES

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
MONTHS = _MONTH.split("|")
DATE = re.compile(
    rf"\b(?:(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)"
    rf"|(?P<day2>\d{{1,2}}) (?P<name2>{_MONTH}),? (?P<year2>\d{{4}})"
    rf"|(?P<name3>{_MONTH}) (?P<day3>\d{{1,2}}),? (?P<year3>\d{{4}}))\b",
    re.IGNORECASE,
)
LINE_BREAK = re.compile(r"\r\n|[\r\v\f\u0085\u2028\u2029]")
LINE = re.compile(r"\n\s*")
PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
SENTENCE_END = re.compile(r"[.!?][\"”’»)\]]*\s+(?=\S)")
ABBREVIATIONS = frozenset(
    {"art", "arts", "dr", "etc", "gen", "no", "nos", "mr", "mrs", "ms", "para", "sec", "sen", "st", "vs"}
)
SUB_ITEM = re.compile(
    r"[^\S\n]*(?:[-–—•*·▪◦]|\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5})[.)])[^\S\n]+", re.IGNORECASE
)
EDGES = " \t#*_>:–—-"  # what surrounds a heading in Markdown or before a dash
HEADING_WORDS = 12  # a longer first line is a sentence; the longest official heading of the shipped plans has seven
TITLE_WORDS = 8
NARROW = 60  # columns; text is seldom wrapped narrower than this

_CARDINAL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty"
)
CARDINALS = _CARDINAL.split("|")
_ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth"
    "|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty-first|twenty-second|twenty-third|twenty-fourth"
    "|twenty-fifth|twenty-sixth|twenty-seventh|twenty-eighth|twenty-ninth|thirtieth"
)
ORDINALS = _ORDINAL.split("|")
_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
ROMANS = [tens + ones for tens in ("", "x", "xx", "xxx", "xl") for ones in _ONES]
MAX_DEPTH = 50  # numberings open at once; lists within lists do not go that deep, so the oldest are over
MAX_CHAINS = 200  # the longest ones are compared, which keeps a text full of short lists fast
LABELS = "point|article|principle|item|step|paragraph|section|measure|proposal|element|provision"

_NUMBER = r"\d{1,3}|[ivxl]{1,7}"
_OPENING = rf"(?P<ordinal>{_ORDINAL})(?:ly| of all| and foremost)?"
AT_LINE_START = re.compile(
    rf"^(?P<lead>[ \t\u00a0#>*_]*)(?:"
    rf"(?P<label>{LABELS})[ \t\u00a0]+(?P<labelled>{_NUMBER}|{_CARDINAL})"
    rf"(?:[ \t\u00a0]*[.:)–—-]|(?=[*_]*[ \t\u00a0]*$))"
    rf"|\((?P<enclosed>{_NUMBER})\)"
    rf"|(?P<marked>{_NUMBER})(?P<mark>[.):．、]|[ \t\u00a0]?[–—-](?=\s))(?!\d)"
    rf"|{_OPENING}[ \t\u00a0]*[,:.–—])[*_]*",
    re.IGNORECASE | re.MULTILINE,
)
WITHIN_PARAGRAPH = re.compile(
    rf"(?<=\s)\((?P<enclosed>{_NUMBER})\)(?=\s)"
    rf"|(?<=\s)(?P<marked>\d{{1,3}})(?P<mark>\))(?=\s)"
    rf"|(?<=[.;:,]\s)(?P<marked2>\d{{1,2}})(?P<mark2>\.)(?=\s)"
    rf"|(?:(?<=[.;:,!?]\s)|(?<=\sand\s)){_OPENING}\s*[,:](?=\s)",
    re.IGNORECASE,
)

EXAMPLE_OF_A_GAP = """\
# finish: add what the plan leaves out and readers look for, one table each:
# [[gaps]]
# id = "short-name"
# title = "A few words"
# text = "What is missing."
# why = "Why readers look for it."
# topics = []
# phrasings = []
# near_misses = []
"""


@dataclass(frozen=True, slots=True)
class _Point:
    title: str
    text: str
    provisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Marker:
    """One number in a text: [start, end) are its characters, the words of its item begin at end."""

    start: int
    end: int
    number: int
    style: str  # "1.", "(i)", "point", "ordinal"; numbers of one list share it
    indent: int | None  # columns before it; None within a paragraph
    column: int | None  # where the number ends, for numbers aligned on the right


_Chain = tuple[_Marker, ...]  # markers that count 1, 2, 3 … in one style


def draft_plan(text: str, name: str) -> str:
    """Return the TOML text of a draft plan from a document with numbered points.

    `name` names the document; the plan's id is made from it. Of several numberings the longest is taken, and numbered
    lists inside a point stay part of it. The draft loads with read_plan as it stands.
    Raises InputError if the document has no numbered points, or more text in them than a plan file may hold.
    """
    text = LINE_BREAK.sub("\n", text).encode("utf-8", "replace").decode("utf-8")
    markers = _find_numbering(text)
    if len(markers) < 2:
        label = _squeeze(name) or "the document"
        raise InputError(
            f'{label}: no numbered points found; number them "1.", "2." and so on, each on a line of its own'
        )
    items, rest = _cut_items(text, markers)
    if 3 * sum(len(item.encode()) for item in items) > MAX_BYTES:  # they stand there as text and as provisions
        raise InputError(f"{_squeeze(name)}: its points are too long for a plan file")
    before = text[: markers[0].start]
    points = [_read_point(item, number) for number, item in enumerate(items, 1)]
    return _render(points, _find_title(before, name), name, _find_date(before + "\n\n" + rest), len(rest.split()))


def _cut_items(text: str, markers: tuple[_Marker, ...]) -> tuple[list[str], str]:
    """Return each point's words and what follows the last point.

    The last point takes as many paragraphs as the longest of the others; nothing in the text itself says where it ends.
    """
    ends = [marker.start for marker in markers[1:]] + [len(text)]
    items = [text[marker.end : end].strip() for marker, end in zip(markers, ends, strict=True)]
    if any(marker.indent is None for marker in markers):
        items = [re.sub(r"[;,]\s*(?:and)?$", "", item) for item in items[:-1]] + items[-1:]
    blank_lines = PARAGRAPH.search(text[markers[0].start :].strip())
    paragraph = PARAGRAPH if blank_lines else LINE
    longest = max(len(paragraph.split(item)) for item in items[:-1])
    breaks = list(paragraph.finditer(items[-1]))
    if len(breaks) < longest or (not blank_lines and longest > 2):
        # More lines than a heading and a paragraph are wrapped lines, which say nothing.
        return items, ""
    cut = breaks[longest - 1]
    kept, rest = items[-1][: cut.start()], items[-1][cut.end() :]
    return ([*items[:-1], kept], rest) if re.search(r"[.!?;:\"”’»)\]]$", kept) else (items, "")


def _read_point(item: str, number: int) -> _Point:
    heading, body = _split_heading(item)
    text = _squeeze(body)
    provisions = _split_provisions(body)
    opening = provisions[0] if len(provisions) > 1 else ":"
    if not heading and len(opening.split()) <= TITLE_WORDS and not opening.endswith(":"):
        heading, provisions = opening, provisions[1:]
    elif not heading and (label := re.match(r"[^:–—]{3,80}?(?=:\s| [–—-]\s)", text)):
        heading = label[0] if len(label[0].split()) <= TITLE_WORDS else ""
    words = text.split()
    title = heading or " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    title = title.strip(EDGES).removesuffix(".") or f"Point {number}"
    return _Point(title, text or heading or "The document has no words here.", provisions)


def _split_heading(item: str) -> tuple[str, str]:
    """Return a heading on a line of its own, empty if there is none, and the words under it."""
    first, _, body = item.strip().partition("\n")
    if not body or len(first.split()) > HEADING_WORDS or re.search(r"[.!?;,]$", first.strip(EDGES)):
        return "", item
    following = body.split("\n", 1)[0]
    if first.endswith(":") and SUB_ITEM.match(following):
        return "", item
    if following.strip():
        # In a wrapped paragraph the next line's first word would not have fitted on this line, beside the number.
        width = max(NARROW, *map(len, body.split("\n")))
        opening = following.split()[0]
        if opening[0].islower() or len("12. ") + len(first) + 1 + len(opening) > width:
            return "", item
    return _squeeze(first).strip(EDGES), body


def _split_provisions(body: str) -> tuple[str, ...]:
    """Return the sentences, with the items of a list inside the point apart from each other."""
    parts = [""]
    for line in body.strip().split("\n"):
        if mark := SUB_ITEM.match(line):
            parts.append(line[mark.end() :])
        else:
            parts[-1] += "\n" + line
    return tuple(sentence for part in parts for sentence in _split_sentences(_squeeze(part)))


def _split_sentences(text: str) -> list[str]:
    sentences, start = [], 0
    for end in SENTENCE_END.finditer(text):
        word = re.split(r"[\s(]", text[max(start, end.start() - 20) : end.start()])[-1].casefold()
        if text[end.end()].islower() or word in ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    return [s for s in (*sentences, text[start:].strip()) if s]


def _find_title(before: str, name: str) -> str:
    lines = (_squeeze(line.strip(EDGES)) for line in before.split("\n"))
    first = next((line for line in lines if line), "")
    return first if 0 < len(first) <= 200 else _squeeze(name) or "Plan"


def _find_date(text: str) -> datetime.date | None:
    for found in DATE.finditer(text):
        part = found.groupdict()
        month = part["name2"] or part["name3"]
        try:
            return datetime.date(
                int(part["year"] or part["year2"] or part["year3"]),
                MONTHS.index(month.lower()) + 1 if month else int(part["month"]),
                int(part["day"] or part["day2"] or part["day3"]),
            )
        except ValueError:
            continue
    return None


def _render(points: list[_Point], title: str, name: str, date: datetime.date | None, left_out: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plan_id = "-".join(re.findall(r"[a-z0-9]+", plain)) or "plan"
    summary = f"A plan of {len(points)} points: {'; '.join(point.title for point in points)}."
    lines = [
        '# A draft. Complete what is marked "finish", then run `peaceplan plans check` on this file.',
        f"id = {_quote(plan_id)}  # finish: a short name with a year",
        f"title = {_quote(title)}  # finish: check",
        'sponsors = ["not yet named"]  # finish: who put the plan forward',
        f"date = {date or datetime.date(1900, 1, 1)}  # finish: {'check' if date else 'no date was found'}",
        'conflict = "not yet named"  # finish: the conflict that the plan is about',
        'published = "not yet named"  # finish: where the official text stands',
        f"summary = {_quote(summary)}  # finish: two sentences in your own words",
        "names = []  # finish: what people call the plan",
    ]
    for number, point in enumerate(points, 1):
        lines += ["", "[[points]]", f"number = {number}", f"title = {_quote(point.title)}  # finish: check"]
        if left_out and number == len(points):
            lines.append(f"# finish: check where this point ends; {left_out} words after it were left out")
        lines.append(f"text = {_quote(point.text)}  # finish: one or two sentences in your own words")
        lines += ["provisions = [", *(f"    {_quote(provision)}," for provision in point.provisions), "]"]
        lines.append("topics = []  # finish: keywords")
        lines.append("phrasings = []  # finish: wordings that people use for this point")
        lines.append("near_misses = []  # finish: wordings that come close and are something else")
    return "\n".join(lines) + "\n\n" + EXAMPLE_OF_A_GAP


def _quote(text: str) -> str:
    """Return a TOML basic string."""

    def escape(char: str) -> str:
        if char in '"\\':
            return "\\" + char
        return f"\\u{ord(char):04X}" if ord(char) < 0x20 or ord(char) == 0x7F else char

    return '"' + "".join(map(escape, text)) + '"'


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _find_numbering(text: str) -> _Chain:
    """Return the markers of the text's points, numbered 1 to n; empty if there are no two of them.

    The longest numbering wins, then the one that covers more of the text. A numbering inside one item of another is a
    list within a point, unless it is the longer one and fills most of the text that the other covers.
    """
    lines, inner = _find_markers(text)
    chains = _find_chains(lines, inner, text)
    longest = sorted(chains, key=_rank, reverse=True)[:MAX_CHAINS]
    tops = (c for c in longest if not any(_is_inside(c, other, len(text)) for other in longest if other != c))
    return next(tops, ())


def _rank(chain: _Chain) -> tuple[int, bool, int, int]:
    return len(chain), _at_line_starts(chain), chain[-1].start - chain[0].start, -chain[0].start


def _find_markers(text: str) -> tuple[list[_Marker], list[_Marker]]:
    lines, inner, taken = [], [], set()
    for found in AT_LINE_START.finditer(text):
        part = found.groupdict()
        number = part["labelled"] or part["enclosed"] or part["marked"] or part["ordinal"]
        style = part["label"] or ("()" if part["enclosed"] else (part["mark"] or "").strip())
        taken.add(found.end())
        lead = part["lead"].expandtabs(8)
        indent = len(lead) - len(lead.lstrip())
        lines += _make_marker(found, number, style, indent)
    for found in WITHIN_PARAGRAPH.finditer(text):
        part = found.groupdict()
        number = part["enclosed"] or part["marked"] or part["marked2"] or part["ordinal"]
        style = "()" if part["enclosed"] else part["mark"] or part["mark2"] or ""
        if found.end() not in taken:
            inner += _make_marker(found, number, style, None)
    return lines, inner


def _make_marker(found: re.Match[str], number: str, style: str, indent: int | None) -> list[_Marker]:
    """Return the marker, or nothing where the letters are no number."""
    word = number.lower()
    if word.isdigit():
        value, kind = int(word), "1"
    elif word in ORDINALS:
        value, kind = ORDINALS.index(word) + 1, "ordinal"
    elif word in CARDINALS:
        value, kind = CARDINALS.index(word) + 1, "1"
    elif word in ROMANS:
        value, kind = ROMANS.index(word), "i" if number.islower() else "I"
    else:
        return []
    column = None if indent is None else indent + len(number)
    return [_Marker(found.start(), found.end(), value, f"{kind} {style.lower()}", indent, column)]


def _find_chains(lines: list[_Marker], inner: list[_Marker], text: str) -> set[_Chain]:
    """Return the numberings of each style, among lines indented alike where there are any."""

    def thread(markers: list[_Marker], key: Callable[[_Marker], Hashable]) -> set[_Chain]:
        groups: dict[Hashable, list[_Marker]] = defaultdict(list)
        for marker in markers:
            groups[key(marker)].append(marker)
        return {chain for group in groups.values() for chain in _thread(group, text) if len(chain) > 1}

    chains = thread(lines, lambda m: (m.style, m.indent))
    chains |= thread(lines, lambda m: (m.style, m.column))
    aligned = {chain[0].style for chain in chains}
    chains |= thread([m for m in lines if m.style not in aligned], lambda m: m.style)
    within = thread(sorted(lines + inner, key=lambda m: m.start), lambda m: m.style)
    return chains | {chain for chain in within if not _at_line_starts(chain)}


def _thread(markers: list[_Marker], text: str) -> list[_Chain]:
    """Sort the markers of one style into numberings that lie inside each other or follow one another.

    A number that would continue two open numberings goes to the inner one if they stand apart or the number comes again
    for the outer one, else to the outer one.
    """
    chains: list[list[_Marker]] = []
    open_chains: list[list[_Marker]] = []
    for at, marker in enumerate(markers):
        places = [n for n, chain in enumerate(open_chains) if len(chain) + 1 == marker.number]
        if places:
            place = places[-1]
            if len(places) > 1 and not _stand_apart(open_chains[places[-2]], open_chains[place], text):
                later = takewhile(lambda m: m.number != 1, markers[at + 1 : at + 1000])
                if not any(m.number == marker.number for m in later):
                    place = places[-2]
            del open_chains[place + 1 :]
            open_chains[-1].append(marker)
        elif marker.number == 1:
            open_chains = [*open_chains[-MAX_DEPTH:], [marker]]
            chains.append(open_chains[-1])
    return [tuple(chain) for chain in chains]


def _stand_apart(outer: list[_Marker], inner: list[_Marker], text: str) -> bool:
    """True if a blank line comes before the inner numbering: a list inside a point mostly follows its words at once."""
    start = inner[0].start
    return PARAGRAPH.search(text[max(outer[-1].end, start - 2000) : start]) is not None


def _is_inside(chain: _Chain, other: _Chain, length: int) -> bool:
    """True if the numbering is a list within one item of the other."""
    if _at_line_starts(other) and not _at_line_starts(chain):
        return other[0].start <= chain[0].start
    if not other[0].start < chain[0].start:
        return False
    before = sum(marker.start < chain[0].start for marker in other)
    last = before == len(other)
    if not last and chain[-1].start > other[before].start:
        return False
    if last and (chain[0].indent or 0) > (other[0].indent or 0):
        return True
    # The end of a numbering is unknown; its items are taken to be of equal length.
    reach = (chain[-1].start - chain[0].start) * len(chain) / (len(chain) - 1)
    fills_most = reach > (length - other[0].start if last else other[-1].start - other[0].start) / 2
    return not (fills_most and (last or len(chain) > len(other)))


def _at_line_starts(chain: _Chain) -> bool:
    return all(marker.indent is not None for marker in chain)
