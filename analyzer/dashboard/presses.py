"""Buttons in our own HTML: which one is pressed comes back to the page.

Streamlit knows nothing of what stands in HTML; a few lines of script listen for it. Nothing of a document stands in the
script, and whoever takes a press checks it, since a browser can send anything.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_SCRIPT = """
export default function ({ data, setTriggerValue }) {
  const pressed = event => {
    const button = event.target.closest?.(`.pp .${data} button[data-press]`)
    if (button) setTriggerValue('pressed', button.dataset.press)
  }
  document.addEventListener('click', pressed)
  return () => document.removeEventListener('click', pressed)
}
"""


def offer_presses(place: str, take: Callable[[str], None]) -> None:
    """Call `take` with the data-press of a button that is pressed in the element of the class `place`, a fixed word."""
    key = f"presses-{place}"

    def pressed() -> None:
        said = st.session_state[key].pressed
        if isinstance(said, str):
            take(said)

    mount = st.components.v2.component("peaceplan_presses", js=_SCRIPT)
    mount(key=key, data=place, on_pressed_change=pressed, height=0)
