
"use strict";
(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---- theme ---------------------------------------------------------------
  const THEMES = ["as the system", "light", "dark"];
  const themeButton = find("#theme");

  const showTheme = (theme) => {
    if (theme === THEMES[0]) delete root.dataset.theme;
    else root.dataset.theme = theme;
    themeButton.textContent = `theme: ${theme}`;
  };
  // A page opened from a file may have no storage: it then forgets the theme.
  const storage = (use) => {
    try { return use(window.localStorage); } catch { return null; }
  };
  const nextTheme = () => {
    const now = root.dataset.theme ?? THEMES[0];
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    storage((kept) => kept.setItem("bedrock-replay-theme", next));
    showTheme(next);
  };
  const kept = storage((kept) => kept.getItem("bedrock-replay-theme"));
  showTheme(THEMES.includes(kept) ? kept : THEMES[0]);
  themeButton.addEventListener("click", nextTheme);

  // ---- keys that every page has ---------------------------------------------
  const help = find("#help");
  find("#keys").addEventListener("click", () => help.showModal());
  for (const button of [themeButton, find("#keys")]) button.hidden = false;

  const keys = new Map([["t", nextTheme], ["?", () => help.showModal()]]);
  const isTyping = (target) => target.matches("input, select, textarea");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (isTyping(event.target)) {
      if (event.key !== "Escape") return;
      // Left alone, a browser would clear the field too.
      event.preventDefault();
      event.target.blur();
      return;
    }
    const action = keys.get(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  });

  // ---- the list --------------------------------------------------------------
  const form = find("#filters");
  if (!form) return;
  form.hidden = false;

  // An item without parts is its own part.
  const items = all("[data-item]").map((element) => {
    const parts = all("[data-part]", element);
    return { element, parts: parts.length > 0 ? parts : [element], shown: true };
  });
  const words = form.dataset;
  const texts = new WeakMap();
  const textOf = (part) => {
    if (!texts.has(part)) texts.set(part, part.textContent.toLowerCase());
    return texts.get(part);
  };

  // What a control asks of a part; nothing if it asks nothing.
  const questionOf = (control) => {
    const value = control.value.trim();
    if (value === "") return null;
    const { name, dataset } = control;
    const said = (part, item) => part.dataset[name] ?? item.dataset[name];
    if ("equals" in dataset) return (part, item) => said(part, item) === value;
    if ("includes" in dataset) return (part, item) => (said(part, item) ?? "").split(" ").includes(value);
    if ("from" in dataset) return (part, item) => Number(said(part, item) ?? NaN) >= Number(value);
    if ("to" in dataset) return (part, item) => Number(said(part, item) ?? NaN) <= Number(value);
    if ("text" in dataset) return (part) => textOf(part).includes(value.toLowerCase());
    return null;
  };
  const asksOfParts = (control) => !("equals" in control.dataset);

  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const filter = () => {
    const controls = [...form.elements].filter((control) => control.name);
    const questions = controls.map(questionOf).filter(Boolean);
    const marks = controls.some((control) => asksOfParts(control) && control.value.trim() !== "");
    let shown = 0;
    let hits = 0;
    for (const item of items) {
      const own = item.parts.filter((part) => questions.every((asks) => asks(part, item.element)));
      item.shown = own.length > 0;
      item.element.hidden = !item.shown;
      for (const part of item.parts) part.classList.toggle("hit", marks && own.includes(part));
      shown += item.shown ? 1 : 0;
      hits += own.length;
    }
    const of = `${shown} of ${plural(items.length, words.noun)}`;
    find("#found").textContent = words.parts ? `${of}, ${plural(hits, words.parts)}` : of;
    find("#nothing").hidden = shown > 0;
    highlight();
  };

  // Marks what was searched for without touching the page's elements.
  const HIGHLIGHTS = 500;
  const highlight = () => {
    if (!globalThis.Highlight || !CSS.highlights) return;
    CSS.highlights.delete("found");
    const sought = find("[data-text]", form)?.value.trim().toLowerCase();
    if (!sought) return;
    const ranges = [];
    for (const item of items) {
      if (!item.shown || item.element.open === false || ranges.length >= HIGHLIGHTS) continue;
      const walker = document.createTreeWalker(item.element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() && ranges.length < HIGHLIGHTS) {
        const text = walker.currentNode.data.toLowerCase();
        // Where lower case has another length, places would not be places of the text.
        if (text.length !== walker.currentNode.data.length) continue;
        for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
          const range = new Range();
          range.setStart(walker.currentNode, at);
          range.setEnd(walker.currentNode, at + sought.length);
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  let waiting = 0;
  const soon = (action) => {
    clearTimeout(waiting);
    waiting = setTimeout(action, 120);
  };
  const clear = () => form.reset();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => (event.target.type === "search" ? soon(filter) : filter()));
  form.addEventListener("reset", () => soon(filter));
  find("#clear").addEventListener("click", clear);
  find("#items").addEventListener("toggle", () => soon(highlight), true);

  // ---- opening ---------------------------------------------------------------
  const shownItems = () => items.filter((item) => item.shown).map((item) => item.element);
  const every = find("#every");
  const isAllOpen = () => shownItems().every((element) => element.open);
  const tellEvery = () => { every.textContent = isAllOpen() ? "close all" : "open all"; };
  const toggleEvery = () => {
    const open = !isAllOpen();
    for (const element of shownItems()) element.open = open;
    tellEvery();
  };
  every.addEventListener("click", toggleEvery);

  const step = (by) => {
    const elements = shownItems();
    if (elements.length === 0) return;
    const at = elements.indexOf(document.activeElement?.closest("[data-item]"));
    const next = at < 0 && by < 0 ? elements.length - 1 : Math.min(Math.max(at + by, 0), elements.length - 1);
    const head = find("summary", elements[next]);
    head.focus({ preventScroll: true });
    head.scrollIntoView({ block: "nearest" });
  };

  const openLinked = () => {
    const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!linked?.matches("details")) return;
    linked.open = true;
    linked.scrollIntoView();
  };
  window.addEventListener("hashchange", openLinked);
  openLinked();

  // Printed, everything that the filters show is open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = shownItems().filter((element) => !element.open);
    for (const element of closed) element.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const element of closed) element.open = false;
  });

  keys.set("j", () => step(1));
  keys.set("k", () => step(-1));
  keys.set("e", toggleEvery);
  keys.set("x", clear);
  keys.set("/", () => find("[data-text]", form).focus());
  filter();
})();
