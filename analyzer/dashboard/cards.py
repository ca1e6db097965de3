"""Buttons on the cards of an article: what is pressed on which card comes back to the page.

The cards are HTML that Streamlit knows nothing of; a few lines of script put the buttons into each card that is opened.
Nothing of a document stands in the script, and what comes back is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

VERBS = ("Confirm", "Reject", "Correct")
KEY = "cards"
_SCRIPT = """
export default function ({ setTriggerValue }) {
  const cards = '.pp article details.card'
  const offer = card => {
    if (card.querySelector('.verbs')) return
    const row = document.createElement('p')
    row.className = 'verbs'
    for (const verb of VERBS) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = verb
      row.append(button)
    }
    card.querySelector('summary').after(row)
  }
  const opened = event => { if (event.target.matches?.(cards) && event.target.open) offer(event.target) }
  const pressed = event => {
    const button = event.target.closest?.(cards + ' .verbs button')
    if (button) setTriggerValue('pressed', { card: button.closest('details').id, verb: button.textContent })
  }
  document.addEventListener('toggle', opened, true)
  document.addEventListener('click', pressed)
  document.querySelectorAll(cards + '[open]').forEach(offer)
  return () => {
    document.removeEventListener('toggle', opened, true)
    document.removeEventListener('click', pressed)
    document.querySelectorAll(cards + ' .verbs').forEach(row => row.remove())
  }
}
""".replace("VERBS", str(list(VERBS)))


def offer_verbs(prefix: str, take: Callable[[int, str], None]) -> None:
    """Put the verbs on every card of an article; `take` gets the position, an index, and the verb that was pressed.

    `prefix` begins the ids of the article.
    """

    def pressed() -> None:
        said = st.session_state[KEY].pressed or {}
        card = re.fullmatch(rf"{re.escape(prefix)}p(\d+)", str(said.get("card", "")))
        if card and said.get("verb") in VERBS:
            take(int(card[1]), said["verb"])

    mount = st.components.v2.component("peaceplan_cards", js=_SCRIPT)
    mount(key=KEY, on_pressed_change=pressed, height=0)
