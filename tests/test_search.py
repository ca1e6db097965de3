"""Search: what is asked for is found, once, and for the reasons that are told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import analyzer.workspace.vectors as vectors
from analyzer.encoding import Vectors
from analyzer.errors import QueryError, WorkspaceError
from analyzer.queries import Filters, Query
from analyzer.records import Document, Report, Span, Speaker, SpeakerKind, Speech, Stance, Statement
from analyzer.searching import LEAST, WORDS, By, Found, Searcher, add_scores, search
from analyzer.settings import DEFAULT_ENCODER
from analyzer.workspace import Workspace, start_workspace
from tests.factories import WordEncoder, make_analysis, make_document, make_plan, make_position, make_report

BAY = make_document(
    "Bay talks\n\nThe chancellor of Sudria rejected the ceasefire. Grain ships left the bay. Troops stayed on the shore.",
    "bay",
    date=datetime.date(2031, 6, 2),
    outlet="The Bell",
)
HARBOUR = make_document(date=datetime.date(2031, 5, 5), outlet="The Harbour Herald")


def two_documents() -> Report:
    chancellor = Speaker("Sudria", SpeakerKind.COUNTRY, resolution="its chancellor")
    bay = make_analysis(
        (
            make_position(
                "1", Stance.CRITICISES, chancellor, document=BAY, sentence=1, evidence="rejected the ceasefire"
            ),
        ),
        BAY,
    )
    spoken = Statement(2, bay.sentences[2].span, "Grain ships left the bay.", (chancellor,), Speech.DIRECT)
    bay = replace(bay, statements=(*bay.statements[:2], spoken, *bay.statements[3:]))
    return make_report(make_analysis(document=HARBOUR), bay)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace(None, WordEncoder()) as opened:
        opened.put(two_documents())
        yield opened


def texts(found: Found) -> list[str]:
    return [hit.text.strip() for hit in found.hits]


def test_sentence_of_the_same_words_comes_first_with_its_words_marked(workspace: Workspace) -> None:
    hit = search(workspace, "whose SANCTIONS were unworkable?").hits[0]
    document = workspace.report().analyses[0].document
    assert [span.of(document.text) for span in hit.words] == ["sanctions", "unworkable"]
    assert hit.span.of(document.text) == hit.text and hit.document == "harbour" and hit.number == 2
    assert hit.why is By.BOTH and [s.name for s in hit.speakers] == ["Tom Reed"]
    assert "ceasefire must begin" in hit.before and "withdrawal" in hit.after


def test_inflected_words_match(workspace: Workspace) -> None:
    assert "sanctions" in texts(search(workspace, "sanctioning", by=By.WORDS))[0]


def test_each_sentence_is_found_once(workspace: Workspace) -> None:
    found = search(workspace, "the ceasefire and the troops", most=99)
    ids = [hit.sentence for hit in found.hits]
    assert len(ids) == len(set(ids)) == found.total > 4


def test_far_off_sentences_are_found_only_among_what_a_filter_lets_pass(workspace: Workspace) -> None:
    assert search(workspace, "quartz").total == 0
    assert search(workspace, "quartz stance:criticises").total == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"ceasefire must"', ["harbour"]),
        ("ceasefire NOT chancellor", ["harbour"]),
        ("ceasefire AND chancellor", ["bay"]),
        ("unwork*", ["harbour"]),
        ('"must ceasefire"', []),
    ],
)
def test_pattern_must_match(workspace: Workspace, query: str, found: list[str]) -> None:
    assert [hit.document for hit in search(workspace, query).hits] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stance:criticises target:1", ["bay:1"]),
        ("stance:criticises", ["harbour:2", "bay:1"]),
        ("target:gap:troop-withdrawal stance:rejects", ["harbour:3"]),
        ("speaker:reed stance:criticises", ["harbour:2"]),
        ("speaker:reed stance:endorses", []),
        ('speaker:"ana weiss"', ["harbour:1"]),
        ("speaker:WEISS", ["harbour:1"]),
        ("speaker:ei", []),
        ("country:sudria", ["bay:1", "bay:2"]),
        ("country:reed", []),
        ("outlet:bell stance:criticises", ["bay:1"]),
        ("document:bay speech:direct", ["bay:2"]),
        ("after:2031-06 stance:criticises", ["bay:1"]),
        ("before:2031-05 stance:criticises", ["harbour:2"]),
        ("reviewed:yes", []),
        ("plan:harbour-2031 stance:raises", ["harbour:3"]),
        ("plan:other stance:raises", []),
    ],
)
def test_filter_lets_pass_what_it_says(workspace: Workspace, query: str, found: list[str]) -> None:
    assert [f"{hit.document}:{hit.number}" for hit in search(workspace, query).hits] == found


def test_filter_keeps_the_ranking_of_words(workspace: Workspace) -> None:
    hits = search(workspace, "ceasefire stance:criticises").hits
    assert [hit.document for hit in hits] == ["bay", "harbour"] and hits[0].words and not hits[1].words


def test_least_confidence_is_that_of_the_position(workspace: Workspace) -> None:
    assert [h.number for h in search(workspace, Query(filters=Filters(least=0.85))).hits] == [2]


def test_places_bound_what_is_found(workspace: Workspace) -> None:
    searcher = Searcher(workspace)
    assert [h.document for h in searcher.search("ceasefire", places=[("bay", 1)]).hits] == ["bay"]
    assert searcher.search("ceasefire", places=[]).hits == ()


def test_facets_count_the_sentences_that_were_found(workspace: Workspace) -> None:
    facets = search(workspace, "stance:criticises").facets
    assert facets["stance"] == (("criticises", 2), ("mentions", 1))
    assert dict(facets["speaker"]) == {"Tom Reed": 1, "Sudria": 1}
    assert dict(facets["outlet"]) == {"The Bell": 1, "The Harbour Herald": 1}


def test_pages_follow_one_another_without_gap_or_double(workspace: Workspace) -> None:
    searcher = Searcher(workspace)
    whole = [h.sentence for h in searcher.search("ceasefire troops", most=99).hits]
    pages = [
        h.sentence
        for skip in range(0, len(whole), 2)
        for h in searcher.search("ceasefire troops", most=2, skip=skip).hits
    ]
    assert pages == whole
    assert searcher.search("ceasefire troops", most=2, skip=999).hits == ()


def test_filters_alone_list_sentences_by_day_name_and_place(workspace: Workspace) -> None:
    early = replace(HARBOUR, name="early", text=f"{HARBOUR.text} It rained.", date=datetime.date(1999, 1, 1))
    workspace.put(make_report(make_analysis(document=early)))
    found = search(workspace, "document:harbour document:bay document:early", most=99)
    ordered = "SELECT s.id FROM sentences s JOIN documents d ON d.id = s.document ORDER BY d.date IS NULL, d.date, d.name, s.number"
    truth = [id for (id,) in workspace.connection.execute(ordered)]
    assert [hit.sentence for hit in found.hits] == truth and truth != sorted(truth)


def test_more_like_this_leaves_itself_out(workspace: Workspace) -> None:
    searcher = Searcher(workspace)
    example = searcher.find_sentence("bay", 1)
    found = searcher.search(like=example, most=99)
    assert example not in [h.sentence for h in found.hits] and found.total == workspace.status().sentences - 1
    with pytest.raises(QueryError, match="no such sentence"):
        searcher.find_sentence("bay", 99)


@pytest.mark.parametrize(
    "query", ["Sudria's sanctions", "l’affaire des sanctions", 'sanctions"', "sanctions -- NEAR", "sanctions{}"]
)
def test_marks_of_the_query_language_do_no_harm_in_words(workspace: Workspace, query: str) -> None:
    assert "sanctions" in texts(search(workspace, query, by=By.WORDS))[0]


@pytest.mark.parametrize("query", ["", "  ", "?!"])
def test_query_without_a_word_finds_nothing(workspace: Workspace, query: str) -> None:
    assert search(workspace, query) == Found((), 0, {})


def test_nothing_analysed_is_no_empty_answer(tmp_path: Path) -> None:
    with start_workspace(tmp_path) as workspace, pytest.raises(WorkspaceError, match="peaceplan analyze"):
        search(workspace, "truce")


@pytest.mark.parametrize("query", ["truce AND", "(truce AND", "NOT truce", "truce OR OR grain"])
def test_pattern_that_makes_no_sense_is_explained(workspace: Workspace, query: str) -> None:
    with pytest.raises(QueryError, match="between words"):
        search(workspace, query)


def test_by_words_alone_has_no_similarity(workspace: Workspace) -> None:
    assert {h.similarity for h in search(workspace, "ceasefire", by=By.WORDS).hits} == {None}
    assert all(not h.words for h in search(workspace, "ceasefire", by=By.MEANING).hits)


def test_meaning_and_words_are_added_and_what_is_not_near_counts_as_hardly_near() -> None:
    scores = add_scores({7: 0.5, 8: 0.4, 9: 0.01}, {8: 1.0, 5: 0.5})
    assert scores == pytest.approx({7: 0.5, 8: 0.4 + WORDS, 9: LEAST, 5: LEAST + WORDS / 2})
    assert add_scores({}, {8: 1.0}) == pytest.approx({8: WORDS})


def numbered(count: int) -> Report:
    def read(n: int) -> Document:
        return make_document(
            f"Ship {n}\n\nShip number{n} carried cargo{n % 7} to port{n % 11}. It rained.", f"ship-{n}"
        )

    return make_report(*(make_analysis((), read(n)) for n in range(count)))


def test_index_and_loose_sentences_give_what_comparing_all_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "LOOSE", 30)
    monkeypatch.setattr(vectors, "FEW", 5)
    query = "number12 cargo5 to port1"
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace, Workspace(None, WordEncoder()) as memory:
        workspace.put(numbered(12))
        assert len(list(tmp_path.glob("sentences-*.faiss"))) == 1
        workspace.put(Report(make_plan(), numbered(20).analyses[12:]))
        searcher = Searcher(workspace)
        searcher.search(query)
        assert searcher.indexed == 36 and searcher.loose == 24
        memory.put(numbered(20))

        def ranked(of: Workspace, **choice: object) -> list[tuple[str, int]]:
            return [(h.document, h.number) for h in Searcher(of).search(query, by=By.MEANING, most=99, **choice).hits][
                :9
            ]

        assert ranked(workspace) == ranked(memory)
        places = [(f"ship-{n}", 1) for n in range(3, 18)]
        assert ranked(workspace, places=places) == ranked(memory, places=places)
        workspace.remove(["ship-12", "ship-1"])
        memory.remove(["ship-12", "ship-1"])
        assert ranked(workspace) == ranked(memory)


def test_searcher_sees_what_another_process_added(tmp_path: Path) -> None:
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as reader, Workspace(tmp_path, WordEncoder()) as writer:
        writer.put(make_report())
        searcher = Searcher(reader)
        before = searcher.search("chancellor", by=By.WORDS).total
        writer.put(two_documents())
        assert (before, searcher.search("chancellor", by=By.WORDS).total) == (0, 1)


@pytest.mark.parametrize("damage", [b"", b"not an index at all", None])
def test_damaged_index_is_named_and_can_be_built_anew_and_a_missing_one_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    monkeypatch.setattr(vectors, "LOOSE", 3)
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.put(numbered(4))
        (index,) = tmp_path.glob("sentences-*.faiss")
        whole = texts(search(workspace, "number2"))
        if damage is None:
            index.unlink()
            assert texts(search(workspace, "number2")) == whole
            return
        index.write_bytes(damage)
        with pytest.raises(WorkspaceError, match="peaceplan reindex"):
            search(workspace, "number2")
        assert workspace.reindex() == 12
        assert texts(search(workspace, "number2")) == whole and not index.exists()


def test_workspace_of_an_earlier_encoder_says_so_and_is_read_anew_by_reindex(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Former(WordEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            return -super().encode(texts[::-1])

    start_workspace(tmp_path, "search-1").close()
    with Workspace(tmp_path, Former()) as workspace:
        workspace.put(numbered(4))
    with Workspace(tmp_path) as workspace, pytest.raises(WorkspaceError, match=r"search-1.*peaceplan reindex"):
        search(workspace, "number2")
    told: list[str] = []
    with Workspace(tmp_path, WordEncoder()) as workspace:
        assert workspace.reindex(lambda done, total, name: told.append(f"{done}/{total} {name}")) == 12
        assert told == [f"{n}/4 ship-{n}" for n in range(4)]
        best = search(workspace, "number2", by=By.MEANING).hits[0]
        assert (best.document, best.number) == ("ship-2", 1)
    with Workspace(tmp_path) as workspace:
        assert workspace.encoder_name == DEFAULT_ENCODER
    with Workspace(tmp_path, WordEncoder()) as workspace:
        told.clear()
        assert workspace.reindex(lambda *_: told.append("")) == 12 and not told


def test_large_workspace_without_its_index_is_not_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "EXACT", 5)
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.put(numbered(4))
        with pytest.raises(WorkspaceError, match="peaceplan reindex"):
            search(workspace, "number2")
        workspace.reindex()
        assert search(workspace, "number2").total


def test_marks_keep_to_the_document_where_the_sentence_begins_late(workspace: Workspace) -> None:
    hit = next(h for h in search(workspace, "shore", by=By.WORDS).hits)
    assert [w.of(BAY.text) for w in hit.words] == ["shore"] and hit.words[0].start > hit.span.start
    assert all(isinstance(w, Span) for w in hit.words)


def test_vectors_of_the_same_direction_have_similarity_one(workspace: Workspace) -> None:
    hit = search(workspace, "Grain ships left the bay", by=By.MEANING).hits[0]
    assert hit.similarity == pytest.approx(1, abs=2e-3) and np.isfinite(hit.score)
