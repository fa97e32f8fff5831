
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

  // ---- lists -----------------------------------------------------------------
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // What a control asks of a part; nothing if it asks nothing.
  const questionOf = (control, textOf) => {
    const value = control.value.trim();
    if (value === "") return null;
    const { name, dataset } = control;
    const said = (part, item) => part.dataset[name] ?? item.dataset[name];
    if ("equals" in dataset) return (part, item) => said(part, item) === value;
    if ("among" in dataset) return (part, item) => (said(part, item) ?? "").split("\n").includes(value);
    if ("includes" in dataset) return (part, item) => (said(part, item) ?? "").split(" ").includes(value);
    if ("from" in dataset) return (part, item) => Number(said(part, item) ?? NaN) >= Number(value);
    if ("to" in dataset) return (part, item) => Number(said(part, item) ?? NaN) <= Number(value);
    if ("text" in dataset) return (part) => textOf(part).includes(value.toLowerCase());
    return null;
  };

  const waiter = () => {
    let waiting = 0;
    return (action) => {
      clearTimeout(waiting);
      waiting = setTimeout(action, 120);
    };
  };

  const listOf = (section) => {
    const form = find(".filters", section);
    const words = section.dataset;
    const search = find("[data-text]", form);
    const every = find(".every", form);
    const soon = waiter();
    form.hidden = false;

    // An item without parts is its own part.
    const items = all("[data-item]", section).map((element) => {
      const parts = all("[data-part]", element);
      return { element, parts: parts.length > 0 ? parts : [element], shown: true };
    });
    const shownItems = () => items.filter((item) => item.shown).map((item) => item.element);
    const texts = new WeakMap();
    const textOf = (part) => {
      if (!texts.has(part)) texts.set(part, part.textContent.toLowerCase());
      return texts.get(part);
    };
    const controls = [...form.elements].filter((control) => control.name);
    const isOfParts = new Set(controls.filter((control) => (
      "text" in control.dataset || !items.some((item) => control.name in item.element.dataset)
    )));

    const filter = () => {
      const questions = controls.map((control) => questionOf(control, textOf)).filter(Boolean);
      const marks = controls.some((control) => isOfParts.has(control) && control.value.trim() !== "");
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
      find(".found", form).textContent = words.parts ? `${of}, ${plural(hits, words.parts)}` : of;
      find(".nothing", section).hidden = shown > 0;
      highlight();
    };
    const clear = () => form.reset();
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => (event.target.type === "search" ? soon(filter) : filter()));
    form.addEventListener("reset", () => soon(filter));
    find(".clear", section).addEventListener("click", clear);

    const isAllOpen = () => shownItems().every((element) => element.open);
    const tellEvery = () => { every.textContent = isAllOpen() ? "close all" : "open all"; };
    const toggleEvery = () => {
      const open = !isAllOpen();
      for (const element of shownItems()) element.open = open;
      tellEvery();
    };
    every.addEventListener("click", toggleEvery);
    find(".items", section).addEventListener("toggle", () => soon(highlight), true);

    const focus = (element) => {
      const head = find("summary", element);
      head.focus({ preventScroll: true });
      head.scrollIntoView({ block: "nearest" });
    };
    const step = (by) => {
      const elements = shownItems();
      if (elements.length === 0) return;
      const at = elements.indexOf(document.activeElement?.closest("[data-item]"));
      const next = at < 0 && by < 0 ? elements.length - 1 : Math.min(Math.max(at + by, 0), elements.length - 1);
      focus(elements[next]);
    };
    const reset = () => {
      form.reset();
      filter();
    };
    const sought = () => search.value.trim().toLowerCase();
    return { section, search, filter, clear, reset, step, toggleEvery, shownItems, sought };
  };

  const lists = all("[data-list]").map(listOf);
  if (lists.length === 0) return;

  // Marks what was searched for without touching the page's elements.
  const HIGHLIGHTS = 500;
  const rangesIn = (element, sought, ranges) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
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
  };
  const highlight = () => {
    if (!globalThis.Highlight || !CSS.highlights) return;
    CSS.highlights.delete("found");
    const ranges = [];
    for (const list of lists) {
      const sought = list.sought();
      if (!sought) continue;
      for (const element of list.shownItems()) {
        if (element.open) rangesIn(element, sought, ranges);
      }
    }
    if (ranges.length > 0) CSS.highlights.set("found", new Highlight(...ranges));
  };

  // Keys go to the list that was used last.
  let current = lists[0];
  for (const list of lists) {
    list.section.addEventListener("focusin", () => { current = list; });
  }
  const nextList = () => {
    current = lists[(lists.indexOf(current) + 1) % lists.length];
    current.step(1);
  };

  // A link may lead to an item or into one, and a filter may hide it.
  const openLinked = () => {
    const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const item = linked?.closest("[data-item]");
    if (!item) return;
    if (item.hidden) lists.find((list) => list.section.contains(item))?.reset();
    item.open = true;
    linked.scrollIntoView();
    find("summary", item).focus({ preventScroll: true });
  };
  window.addEventListener("hashchange", openLinked);
  for (const list of lists) list.filter();
  openLinked();

  // Printed, everything that the filters show is open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = lists.flatMap((list) => list.shownItems()).filter((element) => !element.open);
    for (const element of closed) element.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const element of closed) element.open = false;
  });

  keys.set("j", () => current.step(1));
  keys.set("k", () => current.step(-1));
  keys.set("l", nextList);
  keys.set("e", () => current.toggleEvery());
  keys.set("x", () => current.clear());
  keys.set("/", () => current.search.focus());
})();
