"""Who says it: statements and their speakers, construction by construction."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.reading import make_document
from analyzer.records import Speech, Statement
from analyzer.segment import segment_text
from analyzer.statements import Extraction, extract_statements

SAMPLES = Path(__file__).parent.parent / "samples"


def extract(text: str) -> Extraction:
    document = make_document(text)
    return extract_statements(document, segment_text(document.text))


def speakers_of(text: str, words: str) -> list[str]:
    """The speakers of the outermost reported statement that encloses `words`."""
    start = text.index(words)
    enclosing = [s for s in extract(text).statements if s.span.start <= start and s.span.end >= start + len(words)]
    reported = [s for s in enclosing if s.speech is not Speech.VOICE] or enclosing
    return [x.name for x in max(reported, key=lambda s: s.span.end - s.span.start).speakers]


INTRODUCED = "Belarusian President Viktar Hrynevich arrived in Beijing on Tuesday. "

CONSTRUCTIONS = [
    ("direct, speaker after", "“We need a truce,” Ana Petrov said.", "We need a truce", ["Ana Petrov"]),
    ("direct, speaker before", "Ana Petrov said: “We need a truce before winter.”", "We need a truce", ["Ana Petrov"]),
    ("direct, inverted", "“We need a truce before winter,” said Ana Petrov.", "We need a truce", ["Ana Petrov"]),
    ("direct, speaker in the middle", "“A truce,” Ana Petrov said, “must come before winter.”", "must come before", ["Ana Petrov"]),
    ("direct, straight quotes", 'Ana Petrov said "we need a truce before winter".', "we need a truce", ["Ana Petrov"]),
    ("direct, second sentence", "“We need a truce,” Ana Petrov said. “Nobody can wait for the winter.”", "Nobody can wait", ["Ana Petrov"]),
    ("indirect with that", "Ana Petrov said that a truce was needed.", "a truce was needed", ["Ana Petrov"]),
    ("behind a place", "On Monday in Brussels Olaf Brandt said that a truce was needed.", "a truce was needed", ["Olaf Brandt"]),
    ("behind a city", "In Geneva Ana Petrov told reporters that talks go on.", "talks go on", ["Ana Petrov"]),
    ("name with a particle behind a place", "During his visit in Beijing Ana Marie da Costa asked that the war shall cease.", "the war shall cease", ["Ana Marie da Costa"]),
    ("name that the parser takes for a building", "During his visit in Beijing Luiz Inácio Lula da Silva asked that Washington shall finally cease to encourage the war and shall begin to speak about peace.", "Washington shall finally", ["Luiz Inácio Lula da Silva"]),
    ("empty it", "Sudan spoke first. It is time to say that sanctions have failed.", "sanctions have failed", ["author"]),
    ("empty it that helps", "Kenya waited. Nor has it helped that the court chose this moment.", "the court chose", ["author"]),
    ("question with an empty it", "Kenya waited. Is it “taking sides” to say that reactors must not be shelled?", "reactors must not", ["author"]),
    ("blame that was not spoken", "India has so far not condemned Russia for its invasion.", "condemned Russia", ["author"]),
    ("a text and its it", "Russia welcomed it. On this the paper keeps silent; nor does it say who would pay.", "who would pay", ["the paper"]),
    ("end of the same quotation", "Kenya's envoy said talks were near. “Spare the ports? Such appeals have stopped nobody,” said Ana Petrov.", "Spare the ports", ["Ana Petrov"]),
    ("indirect without that", "Ana Petrov said a truce was needed.", "a truce was needed", ["Ana Petrov"]),
    ("indirect, trailing", "A truce was needed, Ana Petrov said.", "A truce was needed", ["Ana Petrov"]),
    ("called for", "Ana Petrov called for a truce.", "a truce", ["Ana Petrov"]),
    ("warned against", "Ana Petrov warned against further arms deliveries.", "arms deliveries", ["Ana Petrov"]),
    ("insists", "Ana Petrov insists on a withdrawal of all troops.", "a withdrawal", ["Ana Petrov"]),
    ("told somebody", "Ana Petrov told reporters that the paper was useful.", "the paper was useful", ["Ana Petrov"]),
    ("according to", "The paper is useful, according to Ana Petrov.", "The paper is useful", ["Ana Petrov"]),
    ("in a view", "In Ana Petrov's view, the paper is useful.", "the paper is useful", ["Ana Petrov"]),
    ("act, welcomed", "Ana Petrov welcomed the paper.", "welcomed the paper", ["Ana Petrov"]),
    ("act, denounced", "Ana Petrov denounced the sanctions.", "denounced the sanctions", ["Ana Petrov"]),
    ("act, passive with agent", "The sanctions were denounced by Ana Petrov.", "denounced", ["Ana Petrov"]),
    ("act, two verbs", "Ana Petrov praised the paper and rejected the sanctions.", "rejected the sanctions", ["Ana Petrov"]),
    ("participle", "Calling for a truce, Ana Petrov left the hall.", "a truce", ["Ana Petrov"]),
    ("relative clause", "Ana Petrov, who opposes the sanctions, left.", "opposes the sanctions", ["Ana Petrov"]),
    ("country", "Brazil called for a truce.", "a truce", ["Brazil"]),
    ("capital", "Beijing called for a truce.", "a truce", ["China"]),
    ("seat of government", "The Kremlin rejected the paper.", "rejected the paper", ["Russia"]),
    ("ministry with adjective", "The Chinese foreign ministry called for a truce.", "a truce", ["China"]),
    ("ministry with genitive", "China's Ministry of Foreign Affairs called for a truce.", "a truce", ["China"]),
    ("nameless spokesman", "A Chinese foreign ministry spokesman called for a truce.", "a truce", ["China"]),
    ("name set off behind an office", "In Geneva the country's deputy ambassador to the UN, Olena Hnatiuk, said borders must hold.", "borders must hold", ["Olena Hnatiuk"]),
    ("asked, replied", "Chinese spokesman Li Bo, asked about troops, replied that the issue was complex.", "the issue was complex", ["Li Bo"]),
    ("officials of it", "Brazil is wary. A truce, according to its officials, would come too early.", "A truce", ["Brazil"]),
    ("some", "Some argue that a truce would be unwise.", "a truce would be unwise", ["some"]),
    ("letter received by", "A letter received by Olaf Brandt said a truce must come.", "a truce must come", ["author"]),
    ("officials, two bodies named", "Brazil is wary. China and Kenya are not. A truce, according to its officials, would come too early.", "A truce", ["its officials"]),
    ("shared subject, name between", "Olaf Brandt flew to Beijing, met with the Chinese leader, Li Bo, praised the paper and left.", "praised the paper", ["Olaf Brandt"]),
    ("statement of a country", "Olaf Brandt dismissed the paper. The Chinese statement said talks were the only way.", "talks were the only way", ["China"]),
    ("institute with its name", "The Prague institute STREDA warned against a truce.", "a truce", ["STREDA"]),
    ("note published by", "A note published by the Prague institute STREDA advises a truce.", "a truce", ["STREDA"]),
    ("the same comment", "Ana Petrov praised the paper in a comment. A truce must come, the same comment said.", "A truce must come", ["Ana Petrov"]),
    ("named spokeswoman", "Foreign ministry spokeswoman Olga Sedova called for a truce.", "a truce", ["Olga Sedova"]),
    ("named minister", "Foreign Minister Ana Petrov called for a truce.", "a truce", ["Ana Petrov"]),
    ("organisation", "NATO rejected the paper.", "rejected the paper", ["NATO"]),
    ("organisation's office", "NATO Secretary General Lars Holm rejected the paper.", "rejected the paper", ["Lars Holm"]),
    ("group", "Critics said the paper was empty.", "the paper was empty", ["Critics"]),
    ("two holders", "China and Belarus called for a truce.", "a truce", ["China", "Belarus"]),
    ("both nations", "Belarus sent its president to China. Both nations called for a truce.", "called for a truce", ["Belarus", "China"]),
    ("pronoun he", INTRODUCED + "He called for a truce.", "a truce", ["Viktar Hrynevich"]),
    ("pronoun she", "Minister Ana Petrov met Jan Novak. She called for a truce.", "a truce", ["Ana Petrov"]),
    ("surname", INTRODUCED + "Hrynevich called for a truce.", "a truce", ["Viktar Hrynevich"]),
    ("office with nationality", INTRODUCED + "The Belarusian leader called for a truce.", "a truce", ["Viktar Hrynevich"]),
    ("office alone", "Foreign Minister Ana Petrov spoke. The minister called for a truce.", "a truce", ["Ana Petrov"]),
    ("description behind the name", "Ana Petrov, the Bulgarian deputy minister, called for a truce.", "a truce", ["Ana Petrov"]),
    ("carrier passes on", "Reuters reported that Ana Petrov wanted a truce.", "a truce", ["Ana Petrov"]),
    ("noun of saying", "Beijing's call for a truce was heard.", "call for a truce", ["China"]),
    ("nationality of a noun", "The American accusation that Beijing sends arms was repeated.", "Beijing sends arms", ["United States"]),
    ("colon label", "MAO NING: We call for a truce.\n\nNobody answered her.", "We call for a truce", ["Mao Ning"]),
    ("name behind a possessive description", "Kyiv's commissioner for the missing, Ana Petrov, welcomed the exchange.", "welcomed the exchange", ["Ana Petrov"]),
    ("name behind a reader", "A reader in Kharkiv, Olena Stus, wrote that nobody was asked.", "nobody was asked", ["Olena Stus"]),
    ("name behind an ambassador to a city", "Russia's ambassador in Oslo, Yefim Starov, considers that a virtue.", "considers that a virtue", ["Yefim Starov"]),
    ("officials of a country", "Chinese officials said a truce was needed.", "a truce was needed", ["China"]),
    ("officials of an organisation", "NATO officials said the paper was empty.", "the paper was empty", ["NATO"]),
    ("spokesman for a body of two words", "A spokesman for the European Union spoke of a dangerous step.", "a dangerous step", ["European Union"]),
    ("representative of a country", "The representative of Egypt said that his country hoped for a truce.", "hoped for a truce", ["Egypt"]),
    ("delegate of a country", "Lithuania's delegate recommended a boycott.", "recommended a boycott", ["Lithuania"]),
    ("officials without a country", "Officials said a truce was needed.", "a truce was needed", ["Officials"]),
    ("pronoun, named in the same sentence", "Jan Novak praised the paper. Professor Olaf Brandt of Ibadan would rather wait: a bench was, he submitted, a flag.", "a bench was", ["Olaf Brandt"]),
    ("pronoun, nameless diplomat", "A senior EU diplomat said the paper was empty. A truce, he added, was far.", "A truce", ["senior EU diplomat"]),
    ("pronoun after an army", "Minister Ana Petrov spoke. The army advised against it. She called for a truce.", "called for a truce", ["Ana Petrov"]),
    ("pronoun after words about somebody", "Jan Novak spoke. “Olaf Brandt must stop the war,” he said.", "must stop the war", ["Jan Novak"]),
    ("it, after words about others", "China published a note. Kenya and Chad should talk as soon as they can, it said.", "should talk", ["China"]),
    ("ministers with their names", "The Belarusian and Chinese foreign ministers Sergei Alein and Qin Gang backed peace talks.", "backed peace talks", ["Sergei Alein", "Qin Gang"]),
    ("paper's own editorial", "Reuters said in an editorial that a truce was needed.", "a truce was needed", ["Reuters"]),
    ("closing mark alone", "“We need a truce,” Ana Petrov said. And a way out of the war.”", "a way out", ["Ana Petrov"]),
    ("adviser to a named president", "An adviser to Ukraine's president, Olaf Brandt, called for a truce.", "a truce", ["adviser"]),
    ("analyst who met a named envoy", "The analyst who met the envoy, Olaf Brandt, said a truce was near.", "a truce was near", ["analyst"]),
    ("agency and the leader of a country", "Reuters reported that the leader of Belarus praised the paper.", "praised the paper", ["Belarus"]),
    ("officials who visited", "Officials who visited Beijing said the paper was dead.", "the paper was dead", ["Officials"]),
    ("former officials", "Former US officials called for a truce.", "a truce", ["Former US officials"]),
    ("officials of two countries", "American and Chinese officials called for a truce.", "a truce", ["United States", "China"]),
    ("pronoun after a reporter asked", "Olaf Brandt rejected the paper. A reporter asked him why. He called for a truce.", "called for a truce", ["Olaf Brandt"]),
    ("pronoun after a spokeswoman", "Olaf Brandt rejected the paper. A Kyiv spokeswoman said little. He called for a truce.", "called for a truce", ["Olaf Brandt"]),
    ("colon in an answer", "MAO NING: There are two problems. NATO: it expands. The sanctions must end.", "The sanctions must end", ["Mao Ning"]),
    ("somebody goes on, without speech", "If Putin goes on, the sanctions must stay.", "the sanctions must stay", ["author"]),
    ("cannot go on", "Russia cannot go on: it must leave.", "it must leave", ["author"]),
    ("pronoun after a break with a person of its own", "Olaf Brandt was not impressed; the Chinese envoy arrived, and he called for a truce.", "called for a truce", ["China"]),
    ("authors of a letter", "The authors of the open letter called for a truce.", "a truce", ["authors of the open letter"]),
    ("his office before a name", "Olaf Brandt spoke. His adviser Mykhailo Podol had by then already written that a truce was unwise.", "a truce was unwise", ["Mykhailo Podol"]),
    ("he went on", "Jan Novak spoke first. The parties, he went on, should show restraint.", "should show restraint", ["Jan Novak"]),
    ("he thinks, set in", "Jan Novak is angry. Governments, he thinks, should be ashamed.", "should be ashamed", ["Jan Novak"]),
    ("my government", "REMARKS by Ana Petrov\n\nMy government has read the paper and rejects the tone of it.", "rejects the tone of it", ["Ana Petrov"]),
    ("label within a paragraph", "Daily News: Is it useful? Ana Petrov: It is useful. Daily News: Why? Ana Petrov: It names the borders.", "It names the borders", ["Ana Petrov"]),
    ("label with an accent", "Ósk Þórdal: It is useful.\n\nÓsk Þórdal: It names the borders.\n\nÓsk Þórdal: We wait.", "It names the borders", ["Ósk Þórdal"]),
    ("question with its medium", "Question (Tallinn Post): Why does it not say who attacked?\n\nPetrov: It need not.\n\nQuestion (Laguna Times): Why not?", "Why not", ["Laguna Times"]),
    ("nameless guest of an interview", "The analyst asked us to leave out her name.\n\nQ: Is it useful?\n\nA: It names the borders.", "It names the borders", ["analyst"]),
    ("named guest of an interview", "Ana Petrov met us in Oslo.\n\nQ: Is it useful?\n\nA: It names the borders.", "It names the borders", ["Ana Petrov"]),
    ("guest behind answer in full", "Ana Petrov met us in Oslo.\n\nQUESTION: Is it useful?\n\nANSWER: It names the borders.", "It names the borders", ["Ana Petrov"]),
    ("rubric is nobody", "EXPLAINER: The borders of a state must hold.", "must hold", ["author"]),
    ("writer's own voice", "The paper is silent on the troops.", "silent on the troops", ["author"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "expected"), [c[1:] for c in CONSTRUCTIONS], ids=[c[0] for c in CONSTRUCTIONS]
)
def test_statement_goes_to_its_speaker(text: str, words: str, expected: list[str]) -> None:
    assert speakers_of(text, words) == expected


def test_unclosed_quotation_is_read_and_noticed() -> None:
    extraction = extract(
        "Ana Petrov said: “We shall wait for the spring and for the thaw of the river.\n\nThe hall was empty."
    )
    assert len(extraction.notices) == 1
    assert any(s.speech is Speech.DIRECT for s in extraction.statements)


def test_quotation_whose_speaker_cannot_be_found_has_none() -> None:
    (statement,) = [s for s in extract("“We shall wait for the spring.”").statements if s.speech is Speech.DIRECT]
    assert statement.speakers == ()


def test_every_sentence_has_a_statement() -> None:
    text = "A headline\n\nAna Petrov spoke. It rained. “So it goes,” said Jan Novak."
    assert {s.sentence for s in extract(text).statements} == {0, 1, 2, 3}


@given(
    st.lists(
        st.sampled_from(
            ["Ana Petrov said", "“we wait", "for spring”", "'now'", "\n\n", ".", "he", "«", '"', "China", ",", " "]
        ),
        max_size=14,
    )
)
@settings(max_examples=60, deadline=None)
def test_words_and_marks_in_any_order_give_statements_within_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    if not any(c.isalnum() for c in text):
        return
    for s in extract(text).statements:
        assert s.span.of(text) == s.text
        assert all(x.mention is None or x.mention.end <= len(text) for x in s.speakers)


def test_lede_that_names_the_issuer_of_a_statement_is_the_writers() -> None:
    text = "Poland rejected the statement issued in Beijing by Foreign Minister Qin Gang.\n\nThe plan is empty and one-sided."
    assert speakers_of(text, "The plan is empty") == ["author"]


def test_printed_speech_is_in_its_speakers_voice() -> None:
    text = "Statement by Ambassador Ana Petrov\n\nThe plan is empty and one-sided."
    assert speakers_of(text, "The plan is empty") == ["Ana Petrov"]


def test_label_of_a_single_paragraph_is_no_speaker() -> None:
    text = "Key Points: the war goes on.\n\nThe plan is empty and one-sided."
    assert speakers_of(text, "The plan is empty") == ["author"]


def test_answers_of_an_unnamed_person_have_no_speaker() -> None:
    text = "Q: Is it useful?\n\nA: There is no mechanism in it.\n\nQ: None?\n\nA: None at all."
    assert speakers_of(text, "There is no mechanism in it") == []


def test_line_of_capitals_takes_no_time() -> None:
    begun = time.process_time()
    extract("A" * 300 + " " + "B C " * 200)
    assert time.process_time() - begun < 5


def test_nameless_person_is_taken_up_by_a_pronoun() -> None:
    text = "Minister Jan Novak spoke. A senior diplomat was blunter. A truce was a trap, he said."
    assert speakers_of(text, "A truce was a trap") == ["senior diplomat"]


def test_us_is_a_pronoun_and_not_a_country() -> None:
    text = "Ana Petrov told us that a truce was needed."
    assert "United States" not in {speaker.name for _, speaker in extract(text).mentions}
    assert "United States" in {speaker.name for _, speaker in extract("The US wants a truce.").mentions}


def statements_of(text: str, offset: int = 0) -> list[tuple[tuple[int, int, str, str | None], Statement]]:
    found = extract_statements(make_document(text), segment_text(text)).statements
    return [((s.span.start + offset, s.span.end + offset, s.speech.value, s.cue), s) for s in found]


@pytest.mark.parametrize("name", [path.stem for path in sorted(SAMPLES.glob("*.txt"))])
def test_text_cut_at_a_paragraph_gives_the_same_statements_save_those_that_refer_back(name: str) -> None:
    text = (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    sentences = segment_text(text)
    places = [b.span.start for a, b in itertools.pairwise(sentences) if a.paragraph != b.paragraph]
    whole = dict(statements_of(text))
    for cut in places[1 :: max(1, len(places) // 3)]:
        first = {key for key, _ in statements_of(text[:cut])}
        second = {key for key, _ in statements_of(text[cut:], cut)}
        assert first == {key for key in whole if key[0] < cut}, cut
        lost = {key for key in whole if key[0] >= cut} - second
        for key in lost:  # whoever speaks is named before the cut
            back = [
                s for s in whole[key].speakers if s.mention is None or s.mention.start < cut or "last" in s.resolution
            ]
            assert back or not whole[key].speakers, (key, text[key[0] : key[1]])
