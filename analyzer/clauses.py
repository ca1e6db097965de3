"""The clause of a reporting word in a parsed sentence: who its subject is, and which words hang on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyzer.lexicon import load_lexicon
from analyzer.phrases import find_office, find_run

if TYPE_CHECKING:
    from spacy.tokens import Token

EMPTY = frozenset(  # verbs of an "it" that stands for a clause
    {"be", "seem", "appear", "help", "matter", "happen", "follow", "take", "remain"}
)
REASONS = frozenset({"because", "since", "if", "unless", "lest"})  # a clause behind these is the speaker's, too
QUOTED = frozenset({"quote", "cite", "report"})  # passive, these name the source as their subject
_ABSOLUTE = frozenset({"included", "excepted", "excluded"})
_WISHING = frozenset({"want", "need", "ask", "urge", "tell", "press", "like", "wish", "invite", "beg", "prefer"})


def is_aside(verb: Token, subject: Token, last: Token | None = None) -> bool:
    """True for ", he said," beside what is said: commas or the sentence's end around verb and subject, and no more."""
    doc = verb.doc
    left = min([verb.i, *(t.i for t in subject.subtree)])
    right = max([verb.i, last.i if last else 0, *(t.i for t in subject.subtree)])
    opened = left > 0 and doc[left - 1].text in (",", "-", '"', ";")
    closed = right + 1 >= len(doc) or doc[right + 1].text in (",", ".", "-", ":", ";")
    return opened and closed


def find_scope(verb: Token, subject: Token) -> list[Token]:
    """The words that hang on a reporting verb: not its subject, nor a neighbouring clause with a subject of its own."""
    kept: list[Token] = []
    stack = [verb]
    while stack:
        token = stack.pop()
        kept.append(token)
        for child in token.children:
            if child == subject:
                continue
            if token == verb and (child.dep_ in ("nsubj", "nsubjpass") or _stands_apart(child)):
                continue
            stack.append(child)
    return kept


def _stands_apart(clause: Token) -> bool:
    """True for a clause behind the verb it hangs on that has a subject of its own, unless it gives the reason."""
    own = any(c.dep_ in ("nsubj", "nsubjpass") for c in clause.children)
    behind = clause.dep_ in ("conj", "advcl", "parataxis") and clause.i > clause.head.i
    return own and behind and not (clause.dep_ == "advcl" and _is_reason(clause))


def _is_reason(verb: Token) -> bool:
    """True for a clause that gives a speaker's reason: "because the valley is not for sale", not "even if Y says"."""
    mark = next((c.lower_ for c in verb.children if c.dep_ == "mark"), "")
    reports = verb.lemma_.lower() in load_lexicon().verbs and verb.lemma_ not in EMPTY
    even = any(c.lower_ == "even" for c in verb.children) or (mark == "since" and verb.tag_ == "VBD")
    return mark in REASONS and not reports and not even


def find_subject(verb: Token) -> Token | None:
    """Who does the saying: the subject, the agent of a passive, or the subject that a dependent verb shares."""
    seen = 0
    token = verb
    while seen < 4:
        children = list(token.children)
        if _is_absolute(token, children) or (token == verb and _is_wished(verb, children)):
            token, seen = token.head, seen + 1
            continue
        passive = any(c.dep_ in ("nsubjpass", "auxpass") for c in children)
        if passive:
            agent = _find_agent(children)
            if agent and token.lemma_ not in QUOTED:
                return agent
            if verb.lemma_ in QUOTED or token.lemma_ in QUOTED or token != verb:
                return next((c for c in children if c.dep_ == "nsubjpass"), None)
            return None
        for c in children:
            if c.dep_ in ("nsubj", "expl") and c.dep_ != "expl":
                return c
        for c in children:  # the parser hangs it on the auxiliary where words stand between: "had by then written"
            if c.dep_ == "aux" and (own := next((g for g in c.children if g.dep_ == "nsubj"), None)):
                return own
        if token.dep_ != "conj" and (named := _named_before(token)):
            return named
        if token.dep_ in ("conj", "xcomp", "advcl", "pcomp", "dep") or (
            token.dep_ == "ccomp" and token.head.pos_ == "VERB" and token.tag_ == "VBG"
        ):
            token = token.head
            if token.pos_ not in ("VERB", "AUX"):
                if token.dep_ == "prep" and token.head.pos_ in ("VERB", "AUX"):
                    token = token.head
                else:
                    return None
        elif token.dep_ == "acl" and token.tag_ == "VBG":
            return token.head
        elif token.dep_ == "acl" and token.tag_ == "VBN":
            return _find_agent(children)
        else:
            return None
        seen += 1
    return None


def _is_absolute(verb: Token, children: Sequence[Token]) -> bool:
    """True for the participle of "told every power, Kenya included, to stop", which has no part in who does what."""
    return verb.lower_ in _ABSOLUTE and not any(c.dep_ in ("aux", "auxpass") for c in children)


def _is_wished(verb: Token, children: Sequence[Token]) -> bool:
    """True for what somebody wants another to do: in "Kyiv wants Kenya to condemn the war" it is Kyiv who says so."""
    return (
        verb.dep_ == "ccomp"
        and verb.head.lemma_ in _WISHING
        and any(c.dep_ == "aux" and c.lower_ == "to" for c in children)
    )


def _find_agent(children: Sequence[Token]) -> Token | None:
    """Return by whom something is done, an aside included: "was pressed, and not only by Poland, to …"."""
    links = [c for c in children if c.dep_ == "agent"] + [
        c for c in children if c.dep_ in ("prep", "conj") and c.lower_ == "by"
    ]
    found = (g for c in links for g in c.children if g.dep_ == "pobj" and g.ent_type_ not in ("DATE", "TIME"))
    return next(found, None)


def is_denied(verb: Token) -> bool:
    """True if something is said not to have been done: "has not condemned", "is yet to criticise", "never blamed"."""
    around = [c for t in (verb, *(g for g in verb.children if g.dep_ == "aux")) for c in t.children]
    waits = verb.dep_ == "xcomp" and any(c.lower_ == "yet" for c in (*verb.head.children, *verb.children))
    return waits or any(c.dep_ == "neg" or c.lower_ == "never" for c in around)


def is_empty(pronoun: Token) -> bool:
    """True for an "it" that stands for a clause: "it is time to say …", "nor has it helped that …"."""
    verb = pronoun.head
    if pronoun.lower_ != "it" or pronoun.dep_ not in ("nsubj", "expl"):
        return False
    clauses = ("ccomp", "xcomp", "csubj", "advcl", "relcl", "acl")
    below = [g for c in verb.children if c.dep_ in ("acomp", "attr", "oprd") for g in c.children]
    later = any(c.dep_ in clauses and c.i > pronoun.i for c in (*verb.children, *below))
    asks = pronoun.i == 1 and pronoun.doc[0].lower_ in ("is", "was") and any(t.tag_ == "TO" for t in pronoun.doc[2:])
    return asks or (later and verb.lemma_ in EMPTY)


def _named_before(verb: Token) -> Token | None:
    """The name set off by commas right before a finite verb: "In Geneva the deputy envoy, Olena Hnatiuk, said …"."""
    doc, i = verb.doc, verb.i
    if verb.tag_ not in ("VBD", "VBZ") or i < 3:
        return None
    if doc[i - 1].pos_ == "PROPN" and doc[i - 1].dep_ == "pobj":  # "in Brussels Olaf Scholz said"
        first = find_run(doc, i - 1, load_lexicon())[0]
        return doc[i - 1] if first > 0 and doc[first - 1].pos_ == "PROPN" else None
    if doc[i - 1].text != ",":
        return None
    name = doc[i - 2]
    behind = name.pos_ == "PROPN" and name.dep_ == "appos" and name.head.dep_ not in ("dobj", "agent")
    return name if behind and (name.ent_type_ == "PERSON" or find_office(name.head, load_lexicon())) else None
