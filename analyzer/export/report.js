"use strict";
(() => {
  document.documentElement.classList.add("js");
  const byId = (id) => document.getElementById(id);
  const cards = () => document.querySelectorAll("details.card");
  const openTarget = () => {
    const found = byId(location.hash.slice(1));
    if (found instanceof HTMLDetailsElement) found.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  document.addEventListener("click", (event) => {
    const again = event.target.closest('a[href^="#"]');
    if (again && again.hash === location.hash) openTarget();
    const sentence = event.target.closest("[data-cards]");
    if (!sentence || String(getSelection())) return;
    const own = sentence.dataset.cards.split(" ").map(byId);
    const open = !own.every((card) => card.open);
    for (const card of own) card.open = open;
    if (open) own[0].scrollIntoView({ block: "nearest" });
  });

  const light = (event, on) => {
    const card = event.target.closest("details.card");
    if (!card) return;
    for (const words of document.querySelectorAll(`u[data-p~="${card.id}"]`)) words.classList.toggle("lit", on);
  };
  document.addEventListener("mouseover", (event) => light(event, true));
  document.addEventListener("mouseout", (event) => light(event, false));

  let before = [];
  addEventListener("beforeprint", () => {
    before = [...cards()].filter((card) => !card.open);
    for (const card of before) card.open = true;
  });
  addEventListener("afterprint", () => before.forEach((card) => (card.open = false)));

  for (const article of document.querySelectorAll("article")) {
    if (!article.querySelector("details.card")) continue;
    const place = article.children[1];
    for (const [label, open] of [["Open all cards", true], ["Close all cards", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => article.querySelectorAll("details.card").forEach((card) => (card.open = open)));
      article.insertBefore(button, place);
    }
  }
})();
